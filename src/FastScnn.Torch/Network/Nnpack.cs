using System.Runtime.InteropServices;
using TorchSharp;

namespace FastScnn.Torch.Network;

/// <summary>Spares processors that NNPACK does not support its attempts to start.</summary>
/// <remarks>
/// With one thread, libtorch 2.10 asks for NNPACK at most convolutions, and where it cannot be started writes a line to standard error each
/// time, 60 a training step. TorchSharp has no switch for it, so libtorch's own is called by its name. Nothing else changes: what NNPACK
/// cannot do is done by other code with or without the switch. Where the names are not there, it stays as it is.
/// </remarks>
internal static unsafe class Nnpack
{
    private const string Library = "torch_cpu", Available = "_ZN2at6native17_nnpack_availableEv", Context = "_ZN2at13globalContextEv", Enable = "_ZN2at7Context20setUserEnabledNNPACKEb";

    private static readonly Lock s_gate = new();
    private static bool s_asked;

    /// <summary>Turns NNPACK off where it cannot be started; to be called once libtorch is loaded. It asks once in a process.</summary>
    public static void TurnOffWhereUnsupported()
    {
        if (s_asked || !OperatingSystem.IsLinux())
            return;
        lock (s_gate)
        {
            if (!s_asked && NativeLibrary.TryLoad(Library, typeof(torch).Assembly, null, out IntPtr libtorch)
                && NativeLibrary.TryGetExport(libtorch, Available, out IntPtr available) && NativeLibrary.TryGetExport(libtorch, Context, out IntPtr context)
                && NativeLibrary.TryGetExport(libtorch, Enable, out IntPtr enable) && ((delegate* unmanaged<byte>)available)() == 0)
                ((delegate* unmanaged<void*, byte, void>)enable)(((delegate* unmanaged<void*>)context)(), 0);
            s_asked = true;
        }
    }
}
