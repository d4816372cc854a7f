using static TorchSharp.torch;

namespace FastScnn.Torch.Network;

/// <summary>The outputs of the stages before the classifier.</summary>
/// <param name="Early">Learning to downsample: [N, 64, h, w] at about 1/8 of the input.</param>
/// <param name="Deep">The global feature extractor: [N, 128, h', w'] at about 1/32.</param>
/// <param name="Fused">Feature fusion: [N, 128, h, w].</param>
internal sealed record FastScnnStages(Tensor Early, Tensor Deep, Tensor Fused) : IDisposable
{
    public void Dispose()
    {
        Early.Dispose();
        Deep.Dispose();
        Fused.Dispose();
    }
}
