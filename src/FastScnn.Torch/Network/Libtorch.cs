using System.Runtime.InteropServices;
using TorchSharp;

namespace FastScnn.Torch.Network;

/// <summary>Loads the native library, which the application and not this package chooses.</summary>
internal static class Libtorch
{
    private const string Library = "LibTorchSharp";

    /// <summary>Gives the name back once libtorch is loaded, so that it can stand before a base constructor that needs it.</summary>
    /// <exception cref="DllNotFoundException">It is absent or cannot be loaded; the message names the packages that hold it, or what this system lacks.</exception>
    public static string Load(string name) => Load(name, () => torch.InitializeDeviceType(DeviceType.CPU));

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
        catch (Exception exception) when (exception is TypeInitializationException or NotSupportedException or DllNotFoundException or BadImageFormatException)
        {
            throw Errors.NoLibtorch(exception, LoaderReason());
        }
    }

    /// <summary>
    /// The line of a loader's message that says why a library that is there cannot be loaded, such as "/lib/libstdc++.so.6: version
    /// `GLIBCXX_3.4.32' not found"; null if it only says that there is none.
    /// </summary>
    public static string? LoaderReason(string message) => message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Skip(1)
        .FirstOrDefault(line => !(line.Contains(Library, StringComparison.Ordinal) && line.Contains("cannot open shared object file", StringComparison.Ordinal)));

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
