using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FastScnn.Torch.Training;

/// <summary>
/// Training on the stored statistics of batch normalisation, for fine-tuning with batches too small to measure them (even of one image).
/// </summary>
public static class FrozenBatchNorm
{
    /// <summary>
    /// Puts a module into training mode, but its batch normalisation into evaluation mode: it uses its stored statistics and leaves
    /// them as they are. The module's own <c>train()</c> ends this; call this in its place every time.
    /// </summary>
    /// <param name="module">The module.</param>
    /// <param name="freezeScales">Whether the scales and shifts of batch normalisation are to stay as they are too: they then ask for
    /// no gradient, until they are told to. Do this before the optimizer is made.</param>
    public static void Train(nn.Module module, bool freezeScales = false)
    {
        ArgumentNullException.ThrowIfNull(module);
        module.train();
        foreach (BatchNorm norm in module.modules().Prepend(module).OfType<BatchNorm>())
        {
            norm.eval();
            if (!freezeScales) continue;
            foreach (Parameter parameter in norm.parameters())
                parameter.requires_grad = false;
        }
    }
}
