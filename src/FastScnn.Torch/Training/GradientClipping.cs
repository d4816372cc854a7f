using static TorchSharp.torch;

namespace FastScnn.Torch.Training;

/// <summary>Keeps a step from being too long where a batch gives large gradients.</summary>
public static class GradientClipping
{
    /// <summary>
    /// Scales all gradients of a module by maxNorm / (norm + 1e-6) where their joint Euclidean norm is above <paramref name="maxNorm"/>, as PyTorch does.
    /// </summary>
    /// <param name="module">The module, after its backward pass; parameters without a gradient are left out.</param>
    /// <param name="maxNorm">The largest norm that is left as it is, above 0.</param>
    /// <returns>The norm before. If it is not finite the gradients are spoilt: take no step with them.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxNorm"/> is out of range.</exception>
    public static double ByNorm(nn.Module module, double maxNorm)
    {
        ArgumentNullException.ThrowIfNull(module);
        if (maxNorm is not (> 0 and < double.PositiveInfinity)) throw Errors.Option(nameof(maxNorm), maxNorm, "above 0 and finite");
        return nn.utils.clip_grad_norm_(module.parameters(), maxNorm);
    }
}
