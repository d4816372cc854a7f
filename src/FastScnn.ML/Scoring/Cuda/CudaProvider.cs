using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Microsoft.ML.OnnxRuntime;

namespace FastScnn.ML.Scoring.Cuda;

/// <summary>Puts ONNX Runtime's CUDA provider into session options.</summary>
internal static class CudaProvider
{
    public const string Name = "CUDAExecutionProvider";

    private const string NotBuiltIn = "is not enabled in this build";
    private const string RegistrationName = "FastScnn.CUDA";
    private static readonly Lock s_gate = new();
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
            settings.UpdateOptions(new(cuda.ToProviderOptions(graph))
            {
                ["device_id"] = deviceId.ToString(CultureInfo.InvariantCulture)
            });
            options.AppendExecutionProvider_CUDA(settings);
            return null;
        }
        catch (Exception e) when (e is EntryPointNotFoundException
            || e is OnnxRuntimeException && e.Message.Contains(NotBuiltIn, StringComparison.Ordinal))
        {
            return "this native ONNX Runtime library was built without CUDA";
        }
        catch (OnnxRuntimeException e)
        {
            return e.Message;
        }
    }

    /// <summary>Makes the provider's own library known to ONNX Runtime, which then also copies between the processor's
    /// memory and devices.</summary>
    /// <returns>Null when it is known; otherwise why not.</returns>
    public static string? TryRegister()
    {
        string file = LibraryName;
        if (FindLibrary(file) is not { } path)
            return $"no {file} lies beside the application";
        try
        {
            lock (s_gate)
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

    private static string LibraryName =>
        OperatingSystem.IsWindows() ? "onnxruntime_providers_cuda.dll" : "libonnxruntime_providers_cuda.so";

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

/// <summary>Finds out which of the libraries that ONNX Runtime's CUDA provider needs are missing.</summary>
internal static partial class CudaRequirements
{
    // Builds of ONNX Runtime from this version on are for CUDA 13, those before it, from 1.19 on, for CUDA 12; all of
    // them for cuDNN 9.
    private static readonly Version s_firstWithCuda13 = new(1, 27);

    /// <summary>What is missing on this machine, such as <c>CUDA 13 (libcudart.so.13)</c>.</summary>
    /// <param name="runtimeVersion">The version of ONNX Runtime.</param>
    /// <param name="message">What ONNX Runtime said; it names the library that it did not find.</param>
    public static IReadOnlyList<string> Missing(string runtimeVersion, string message) =>
        Missing(runtimeVersion, message, OperatingSystem.IsWindows(), CanLoad);

    /// <summary>What is missing on this machine, in a sentence.</summary>
    /// <param name="message">What ONNX Runtime said.</param>
    public static string Describe(string message)
    {
        string version = OrtEnv.Instance().GetVersionString();
        return Missing(version, message) is { Count: > 0 } absent
            ? $"Not found on this machine: {string.Join("; ", absent)}. ONNX Runtime {version} for CUDA "
                + "(Microsoft.ML.OnnxRuntime.Gpu) needs them where the system looks for libraries."
            : "The NVIDIA driver, CUDA and cuDNN were found on this machine.";
    }

    internal static IReadOnlyList<string> Missing(string runtimeVersion, string message, bool windows,
        Func<string, bool> canLoad)
    {
        int cuda = CudaVersion(runtimeVersion, message);
        (string Part, string[] Libraries)[] needed = windows
            ? [("the NVIDIA driver", ["nvcuda.dll"]),
                ($"CUDA {cuda}", [$"cudart64_{cuda}.dll", $"cublasLt64_{cuda}.dll"]), ("cuDNN 9", ["cudnn64_9.dll"])]
            : [("the NVIDIA driver", ["libcuda.so.1"]),
                ($"CUDA {cuda}", [$"libcudart.so.{cuda}", $"libcublasLt.so.{cuda}"]), ("cuDNN 9", ["libcudnn.so.9"])];
        var missing = new List<string>();
        foreach ((string part, string[] libraries) in needed)
        {
            string[] absent = [.. libraries.Where(library => !canLoad(library))];
            if (absent.Length > 0)
                missing.Add($"{part} ({string.Join(", ", absent)})");
        }
        return missing;
    }

    /// <summary>The version of CUDA that this ONNX Runtime was built for.</summary>
    internal static int CudaVersion(string runtimeVersion, string message)
    {
        Match named = CudaLibrary().Match(message);
        if (named.Success && int.TryParse(named.Groups["version"].Value, out int version))
            return version;
        return Version.TryParse(runtimeVersion.Split('-', '+')[0], out Version? runtime) && runtime < s_firstWithCuda13
            ? 12 : 13;
    }

    private static bool CanLoad(string library)
    {
        if (!NativeLibrary.TryLoad(library, out nint handle))
            return false;
        NativeLibrary.Free(handle);
        return true;
    }

    // Not curand or cufft, which count their versions otherwise.
    [GeneratedRegex(@"(lib(cudart|cublas|cublasLt)\.so\.|(cudart|cublas|cublasLt)64_)(?<version>\d{2})\b")]
    private static partial Regex CudaLibrary();
}

/// <summary>Shows that a session really runs on its device: ONNX Runtime looks for cuDNN only when the first
/// convolution runs.</summary>
internal static class TrialRun
{
    // Large enough for the network whatever it does to the size inside.
    private const int Side = 128;

    /// <summary>Runs the model on a small image; one that no image fits is left to who loads it.</summary>
    /// <exception cref="OnnxRuntimeException">It cannot be run.</exception>
    public static void Run(InferenceSession session)
    {
        if (session.InputMetadata.Count != 1)
            return;
        (string name, NodeMetadata input) = session.InputMetadata.First();
        if (!input.IsTensor || input.Dimensions is not [var batch, var planes, var rows, var columns])
            return;
        long[] shape = [Known(batch, 1), Known(planes, 3), Known(rows, Side), Known(columns, Side)];
        using OrtValue image = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, input.ElementDataType,
            shape);
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> scores = session.Run(options, [name], [image],
            session.OutputNames);
    }

    private static int Known(int dimension, int other) => dimension > 0 ? dimension : other;
}
