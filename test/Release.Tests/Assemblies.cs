namespace FastScnn.Release.Tests;

/// <summary>The assemblies that this process runs on: the framework's, the packages' and ours.</summary>
internal static class Assemblies
{
    /// <summary>Their files; code is compiled against these.</summary>
    public static IReadOnlyList<string> Paths { get; } =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => path.EndsWith(".dll", StringComparison.Ordinal))];
}
