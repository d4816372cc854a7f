using System.Reflection;

namespace FastScnn.Release.Tests;

/// <summary>What this build was made of.</summary>
internal static class Build
{
    public static string Configuration { get; } = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    /// <summary>The version of the packages, without a suffix.</summary>
    public static string Version => Metadata(nameof(Version));

    public static string TorchSharpVersion => Metadata(nameof(TorchSharpVersion));

    public static string OnnxRuntimeVersion => Metadata(nameof(OnnxRuntimeVersion));

    /// <summary>The folder feeds that the build takes packages from, beside the registry; none where the registry has them all.</summary>
    public static string[] PackageSources => Metadata(nameof(PackageSources)).Split(';', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Whether the ML packages are the repository's own stand-ins.</summary>
    public static bool IsOffline => TorchSharpVersion.EndsWith("-offline", StringComparison.Ordinal);

    private static string Metadata(string key) =>
        typeof(Build).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value ?? "";
}
