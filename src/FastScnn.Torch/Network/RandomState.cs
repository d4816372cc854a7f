using static TorchSharp.torch;

namespace FastScnn.Torch.Network;

/// <summary>Gives libtorch's default random generator, which is the whole process's, its state back when it is disposed.</summary>
internal sealed class RandomState : IDisposable
{
    private readonly Tensor state = get_rng_state().DetachFromDisposeScope();

    public void Dispose()
    {
        set_rng_state(state);
        state.Dispose();
    }
}
