using static TorchSharp.torch;

namespace FastScnn.Torch.Network;

/// <summary>
/// What the network gives for a batch. Disposing it disposes its tensors; inside a dispose scope the scope does so too.
/// </summary>
/// <param name="Logits">A score for each class and pixel, not yet a probability: [N, classes, H, W].</param>
/// <param name="AuxiliaryLogits">The same from the auxiliary head; null for a network without one.</param>
public sealed record FastScnnOutput(Tensor Logits, Tensor? AuxiliaryLogits) : IDisposable
{
    /// <summary>Disposes the tensors.</summary>
    public void Dispose()
    {
        Logits.Dispose();
        AuxiliaryLogits?.Dispose();
    }

    /// <summary>The logits enlarged bilinearly to the last two dimensions of another tensor.</summary>
    internal FastScnnOutput ResizeLike(Tensor target) => new(Bilinear.ResizeLike(Logits, target), AuxiliaryLogits is null ? null : Bilinear.ResizeLike(AuxiliaryLogits, target));

    internal FastScnnOutput MoveToOuterDisposeScope() =>
        new(Logits.MoveToOuterDisposeScope(), AuxiliaryLogits?.MoveToOuterDisposeScope());
}
