using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FastScnn.Torch.Training.Optimizers;

/// <summary>
/// The parameters of a module by whether weight decay suits them. It is left off the weights of depthwise convolutions, of which each
/// has few and which it weakens most (MobileNets, arXiv:1704.04861, section 3.4; Fast-SCNN, arXiv:1902.04502, section 4), and off
/// batch normalisation and biases, which hold no capacity to keep small.
/// </summary>
/// <param name="Decayed">The weights of convolutions that are not depthwise, and of other layers.</param>
/// <param name="NotDecayed">The weights of depthwise convolutions, and every parameter of fewer than two dimensions: biases, and scales and shifts of norms.</param>
public sealed record ParameterGroups(IReadOnlyList<Parameter> Decayed, IReadOnlyList<Parameter> NotDecayed)
{
    /// <summary>Sorts the parameters of a module; those that ask for no gradient are left out.</summary>
    /// <param name="module">The module.</param>
    /// <returns>The two groups, each in the module's order.</returns>
    public static ParameterGroups Of(nn.Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        HashSet<IntPtr> depthwise =
        [
            .. module.modules().Prepend(module).OfType<Convolution>().Where(IsDepthwise).Select(convolution => convolution.weight!.Handle),
        ];
        ILookup<bool, Parameter> decays = module.parameters().Where(parameter => parameter.requires_grad)
            .ToLookup(parameter => parameter.dim() >= 2 && !depthwise.Contains(parameter.Handle));
        return new([.. decays[true]], [.. decays[false]]);
    }

    // By its groups, not by its shape: an ordinary convolution of one channel has the same.
    private static bool IsDepthwise(Convolution convolution) => convolution.groups > 1 && convolution.groups == convolution.in_channels;
}
