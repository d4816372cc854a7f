using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace FastScnn.ML;

/// <summary>Puts ONNX Runtime's CUDA provider into session options.</summary>
internal static class CudaProvider
{
    public const string Name = "CUDAExecutionProvider";

    private const string NotBuiltIn = "is not enabled in this build";
    private const string RegistrationName = "FastScnn.CUDA";
    private static readonly Lock Gate = new();
    private static bool s_registered;

    /// <summary>Adds the provider.</summary>
    /// <param name="options">What it is added to.</param>
    /// <param name="deviceId">The number of the device.</param>
    /// <param name="cuda">How it works.</param>
    /// <param name="graph">Whether the session replays a graph.</param>
    /// <returns>Null when it was added; otherwise why not.</returns>
    public static string? TryAppend(SessionOptions options, int deviceId, CudaOptions cuda, bool graph = false)
    {
        try
        {
            using var settings = new OrtCUDAProviderOptions();
            settings.UpdateOptions(new(cuda.ToProviderOptions(graph)) { ["device_id"] = deviceId.ToString(CultureInfo.InvariantCulture) });
            options.AppendExecutionProvider_CUDA(settings);
            return null;
        }
        catch (Exception e) when (e is EntryPointNotFoundException || e is OnnxRuntimeException && e.Message.Contains(NotBuiltIn, StringComparison.Ordinal))
        {
            return "this native ONNX Runtime library was built without CUDA";
        }
        catch (OnnxRuntimeException e)
        {
            return e.Message;
        }
    }

    /// <summary>Makes the provider's own library known to ONNX Runtime, which then also copies between the processor's memory and devices.</summary>
    /// <returns>Null when it is known; otherwise why not.</returns>
    public static string? TryRegister()
    {
        string file = LibraryName;
        if (FindLibrary(file) is not { } path)
            return $"no {file} lies beside the application";
        try
        {
            lock (Gate)
            {
                if (!s_registered)
                    OrtEnv.Instance().RegisterExecutionProviderLibrary(RegistrationName, path);
                s_registered = true;
            }
            return null;
        }
        catch (Exception e) when (e is OnnxRuntimeException or EntryPointNotFoundException)
        {
            return $"{file}: {e.Message}";
        }
    }

    private static string LibraryName => OperatingSystem.IsWindows() ? "onnxruntime_providers_cuda.dll" : "libonnxruntime_providers_cuda.so";

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
