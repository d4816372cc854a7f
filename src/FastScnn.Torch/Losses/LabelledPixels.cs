using static TorchSharp.torch;

namespace FastScnn.Torch.Losses;

/// <summary>The pixels of a batch that count, as the losses over regions take them: a row for each class.</summary>
/// <param name="Probabilities">The softmax over classes [classes, pixels].</param>
/// <param name="Foreground">Bool [classes, pixels]: which pixels are labelled as the class.</param>
/// <param name="Present">Bool [classes]: which classes are labelled at all.</param>
internal readonly record struct LabelledPixels(Tensor Probabilities, Tensor Foreground, Tensor Present)
{
    public static LabelledPixels Of(Tensor logits, Tensor labels, Tensor valid)
    {
        long classes = logits.shape[1];
        Tensor pixels = valid.flatten().nonzero().flatten();
        Tensor scores = logits.transpose(0, 1).flatten(1).index_select(1, pixels);
        Tensor ids = labels.flatten().index_select(0, pixels);
        Tensor foreground = arange(classes, device: labels.device).unsqueeze(1).eq(ids.unsqueeze(0));
        return new(scores.softmax(0), foreground, foreground.any(1));
    }
}
