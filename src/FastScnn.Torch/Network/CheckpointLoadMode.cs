namespace FastScnn.Torch.Network;

/// <summary>How far a checkpoint must fit the network that it is loaded into.</summary>
public enum CheckpointLoadMode
{
    /// <summary>
    /// Every tensor of the network must be there with its shape, and no others; only the auxiliary head may be too many,
    /// since a network without one has no use for it.
    /// </summary>
    Strict,

    /// <summary>
    /// For training on other classes: the last layers (<c>classifier.conv.1</c>, <c>auxlayer.4</c>) keep their fresh weights where
    /// their shapes differ, and so does an auxiliary head that the checkpoint lacks. Everything else must fit as in <see cref="Strict"/>.
    /// </summary>
    Backbone,
}
