using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace FastScnn.ML;

/// <summary>Puts ONNX Runtime's CUDA provider into session options, by either of the two ways in which builds of it offer the provider.</summary>
internal static class CudaProvider
{
    public const string Name = "CUDAExecutionProvider";

    private const string RegistrationName = "FastScnn.CUDA";
    private static readonly Lock Gate = new();
    private static bool s_registered;

    /// <summary>Adds the provider.</summary>
    /// <returns>Null when it was added; otherwise why not.</returns>
    public static string? TryAppend(SessionOptions options, int deviceId, CudaOptions cuda)
    {
        string builtIn;
        try
        {
            using var settings = new OrtCUDAProviderOptions();
            Dictionary<string, string> named = cuda.ToProviderOptions();
            named["device_id"] = deviceId.ToString(CultureInfo.InvariantCulture);
            settings.UpdateOptions(named);
            options.AppendExecutionProvider_CUDA(settings);
            return null;
        }
        catch (EntryPointNotFoundException)
        {
            builtIn = "this native ONNX Runtime library was built without CUDA";
        }
        catch (OnnxRuntimeException e)
        {
            builtIn = e.Message.TrimEnd('.', ' ');
        }
        return TryAppendPlugin(options, deviceId, cuda) is { } plugin ? $"{builtIn}; {plugin}" : null;
    }

    // Newer builds leave the provider in a library of its own that is registered at run time.
    private static string? TryAppendPlugin(SessionOptions options, int deviceId, CudaOptions cuda)
    {
        string file = OperatingSystem.IsWindows() ? "onnxruntime_providers_cuda.dll" : "libonnxruntime_providers_cuda.so";
        if (FindLibrary(file) is not { } path)
            return $"no {file} lies beside the application";
        try
        {
            OrtEnv env = OrtEnv.Instance();
            lock (Gate)
            {
                if (!s_registered)
                    env.RegisterExecutionProviderLibrary(RegistrationName, path);
                s_registered = true;
            }
            OrtEpDevice[] devices = [.. env.GetEpDevices().Where(d => d.EpName == Name && d.HardwareDevice.Type == OrtHardwareDeviceType.GPU)];
            if (deviceId >= devices.Length)
                return $"{file} sees {devices.Length} CUDA devices, and number {deviceId} was asked for";
            options.AppendExecutionProvider(env, [devices[deviceId]], cuda.ToProviderOptions());
            return null;
        }
        catch (Exception e) when (e is OnnxRuntimeException or EntryPointNotFoundException)
        {
            return $"{file}: {e.Message}";
        }
    }

    private static string? FindLibrary(string file)
    {
        string baseFolder = AppContext.BaseDirectory;
        string searched = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
        return searched.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Append(baseFolder)
            .Append(Path.Combine(baseFolder, "runtimes", RuntimeInformation.RuntimeIdentifier, "native"))
            .Select(folder => Path.Combine(folder, file))
            .FirstOrDefault(File.Exists);
    }
}
