using TorchSharp;

namespace FastScnn.Torch.Network;

/// <summary>Loads the native library, which the application and not this package chooses.</summary>
internal static class Libtorch
{
    /// <summary>Gives the name back once libtorch is loaded, so that it can stand before a base constructor that needs it.</summary>
    /// <exception cref="DllNotFoundException">It is absent or cannot be loaded; the message names the packages that hold it.</exception>
    public static string Load(string name) => Load(name, () => torch.InitializeDeviceType(DeviceType.CPU));

    /// <summary>As <see cref="Load(string)"/>, with what loads it.</summary>
    public static string Load(string name, Action initialize)
    {
        try
        {
            initialize();
            return name;
        }
        // TorchSharp throws the second, mostly from a static constructor.
        catch (Exception exception) when (exception is TypeInitializationException or NotSupportedException or DllNotFoundException or BadImageFormatException)
        {
            throw Errors.NoLibtorch(exception);
        }
    }
}
