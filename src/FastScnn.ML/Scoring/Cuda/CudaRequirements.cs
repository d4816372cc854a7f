using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace FastScnn.ML;

/// <summary>Finds out which of the libraries that ONNX Runtime's CUDA provider needs are missing.</summary>
internal static partial class CudaRequirements
{
    // Builds of ONNX Runtime from this version on are for CUDA 13, those before it, from 1.19 on, for CUDA 12; all of them for cuDNN 9.
    private static readonly Version s_firstWithCuda13 = new(1, 27);

    /// <summary>What is missing on this machine, such as <c>CUDA 13 (libcudart.so.13)</c>.</summary>
    /// <param name="runtimeVersion">The version of ONNX Runtime.</param>
    /// <param name="message">What ONNX Runtime said; it names the library that it did not find.</param>
    public static IReadOnlyList<string> Missing(string runtimeVersion, string message) => Missing(runtimeVersion, message, OperatingSystem.IsWindows(), CanLoad);

    internal static IReadOnlyList<string> Missing(string runtimeVersion, string message, bool windows, Func<string, bool> canLoad)
    {
        int cuda = CudaVersion(runtimeVersion, message);
        (string Part, string[] Libraries)[] needed = windows
            ? [("the NVIDIA driver", ["nvcuda.dll"]), ($"CUDA {cuda}", [$"cudart64_{cuda}.dll", $"cublasLt64_{cuda}.dll"]), ("cuDNN 9", ["cudnn64_9.dll"])]
            : [("the NVIDIA driver", ["libcuda.so.1"]), ($"CUDA {cuda}", [$"libcudart.so.{cuda}", $"libcublasLt.so.{cuda}"]), ("cuDNN 9", ["libcudnn.so.9"])];
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
        return Version.TryParse(runtimeVersion.Split('-', '+')[0], out Version? runtime) && runtime < s_firstWithCuda13 ? 12 : 13;
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
