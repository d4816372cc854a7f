using System.Reflection;

namespace FastScnn.Release.Tests;

/// <summary>What this build was made of.</summary>
internal static class Build
{
    public static string Configuration { get; } = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    /// <summary>The version of the packages, without a suffix.</summary>
    public static string Version => Metadata(nameof(Version));

    public static string MicrosoftMLVersion => Metadata(nameof(MicrosoftMLVersion));

    public static string TorchSharpVersion => Metadata(nameof(TorchSharpVersion));

    public static string OnnxRuntimeVersion => Metadata(nameof(OnnxRuntimeVersion));

    private static string Metadata(string key) =>
        typeof(Build).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(attribute => attribute.Key == key).Value ?? "";
}
