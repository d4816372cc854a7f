using System.Text.RegularExpressions;

namespace FastScnn.Bench.Workers;

/// <summary>Which of the libraries that decide the speed a process has loaded.</summary>
internal static partial class NativeLibraries
{
    /// <summary>libtorch and the BLAS libraries, each with its folder: Debian has several BLAS of one file
    /// name.</summary>
    public static string Of(int process)
    {
        string maps = $"/proc/{process}/maps";
        if (!File.Exists(maps)) return "unknown, as this system has no /proc";
        string[] files =
        [
            .. File.ReadLines(maps).Select(line => File_().Match(line)).Where(file => file.Success)
                .Select(file => file.Value).Distinct().Order(StringComparer.Ordinal)
        ];
        // TorchSharp's own libtorch has MKL inside.
        return string.Join(", ",
            files.Any(file => !file.Contains("torch")) ? files : [.. files, "no BLAS library beside it"]);
    }

    [GeneratedRegex(@"[^/]+/lib(openblas|blas|cblas|mkl|blis|atlas|torch_cpu|dnnl)[^/]*$")]
    private static partial Regex File_();
}
