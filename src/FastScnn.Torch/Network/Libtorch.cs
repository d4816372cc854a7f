using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace FastScnn.Torch.Network;

/// <summary>Loads the native library, which the application and not this package chooses.</summary>
internal static class Libtorch
{
    private const string Library = "LibTorchSharp";

    /// <summary>Gives the name back once libtorch is loaded, so that it can stand before a base constructor that needs
    /// it.</summary>
    /// <exception cref="DllNotFoundException">It is absent or cannot be loaded; the message names the packages that
    /// hold it, or what this system lacks.</exception>
    public static string Load(string name)
    {
        NativeSettings.WaitPassively();
        return Load(name, () => torch.InitializeDeviceType(DeviceType.CPU));
    }

    /// <summary>As <see cref="Load(string)"/>, with what loads it.</summary>
    public static string Load(string name, Action initialize)
    {
        try
        {
            initialize();
            Nnpack.TurnOffWhereUnsupported();
            return name;
        }
        // TorchSharp throws the second, mostly from a static constructor.
        catch (Exception exception) when (exception is TypeInitializationException or NotSupportedException
            or DllNotFoundException or BadImageFormatException)
        {
            throw Unavailable(exception, LoaderReason());
        }
    }

    /// <summary>The line of a loader's message that says why a library that is there cannot be loaded, such as
    /// "/lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found"; null if it only says that there is none.</summary>
    public static string? LoaderReason(string message) =>
        message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Skip(1)
        .FirstOrDefault(line => !(line.Contains(Library, StringComparison.Ordinal)
            && line.Contains("cannot open shared object file", StringComparison.Ordinal)));

    /// <param name="inner">What TorchSharp threw.</param>
    /// <param name="loader">What the system's loader said; null where it only said that there is no library.</param>
    public static DllNotFoundException Unavailable(Exception inner, string? loader)
    {
        string advice = loader?.Contains("version `", StringComparison.Ordinal) == true
            ? "This system's C or C++ library is older than it needs. On Debian 12 and Ubuntu 22.04 set the property "
                + "FastScnnAllowOldLibstdcxx to true in the application's project and build it there; Debian 13 and "
                + "Ubuntu 24.04 need nothing. "
            : "";
        advice +=
            "The application needs one of the NuGet packages TorchSharp-cpu, TorchSharp-cuda-linux or "
                + "TorchSharp-cuda-windows, in the version of its TorchSharp.";
        // TorchSharp says that the package is missing whatever the reason, and appends a trace of pages.
        string cause = loader ?? (inner.InnerException ?? inner).Message.TrimStart().Split('\n')[0].TrimEnd();
        return new($"The network needs libtorch, which could not be loaded. {advice} The cause: {cause}", inner);
    }

    // TorchSharp's own message has what it tried, and not what the system answered.
    private static string? LoaderReason()
    {
        try
        {
            NativeLibrary.Load(Library, typeof(torch).Assembly, null);
            return null;
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
        {
            return LoaderReason(exception.Message);
        }
    }
}

/// <summary>Spares processors that NNPACK does not support its attempts to start.</summary>
/// <remarks>With one thread, libtorch 2.10 asks for NNPACK at most convolutions, and where it cannot be started writes
/// a line to standard error each time, 60 a training step. TorchSharp has no switch for it, so libtorch's own is called
/// by its name. Nothing else changes: what NNPACK cannot do is done by other code with or without the switch. Where the
/// names are not there, it stays as it is.</remarks>
internal static unsafe class Nnpack
{
    private const string Library = "torch_cpu", Available = "_ZN2at6native17_nnpack_availableEv",
        Context = "_ZN2at13globalContextEv", Enable = "_ZN2at7Context20setUserEnabledNNPACKEb";

    private static readonly Lock s_gate = new();
    private static bool s_asked;

    /// <summary>Turns NNPACK off where it cannot be started; to be called once libtorch is loaded. It asks once in a
    /// process.</summary>
    public static void TurnOffWhereUnsupported()
    {
        if (s_asked || !OperatingSystem.IsLinux())
            return;
        lock (s_gate)
        {
            if (!s_asked && NativeLibrary.TryLoad(Library, typeof(torch).Assembly, null, out IntPtr libtorch)
                && NativeLibrary.TryGetExport(libtorch, Available, out IntPtr available)
                && NativeLibrary.TryGetExport(libtorch, Context, out IntPtr context)
                && NativeLibrary.TryGetExport(libtorch, Enable, out IntPtr enable)
                && ((delegate* unmanaged<byte>)available)() == 0)
                ((delegate* unmanaged<void*, byte, void>)enable)(((delegate* unmanaged<void*>)context)(), 0);
            s_asked = true;
        }
    }
}

/// <summary>Gives libtorch's default random generator, which is the whole process's, its state back when it is
/// disposed.</summary>
internal sealed class RandomState : IDisposable
{
    private readonly Tensor state = get_rng_state().DetachFromDisposeScope();

    public void Dispose()
    {
        set_rng_state(state);
        state.Dispose();
    }
}
