using System.Text;

namespace FastScnn.Release.Tests.Packages;

/// <summary>The system's C++ library, and what the build does where it is older than TorchSharp's native library
/// wants.</summary>
internal static class OldLibstdcxx
{
    public const string Property = "FastScnnAllowOldLibstdcxx";

    private static readonly byte[] s_version = "GLIBCXX_3.4.32"u8.ToArray();

    /// <summary>Whether the system has a libstdc++ without the symbol version: Debian 12, Ubuntu 22.04.</summary>
    public static bool IsHere { get; } = OperatingSystem.IsLinux()
        && new[] { "/usr/lib/x86_64-linux-gnu/libstdc++.so.6", "/usr/lib64/libstdc++.so.6" }.FirstOrDefault(File.Exists)
            is { } library
        && File.ReadAllBytes(library).AsSpan().IndexOf(s_version) < 0;

    /// <summary>Asserts that a library is that of the package but for one bit.</summary>
    public static void AssertRelaxed(string library, string packages)
    {
        string original = Path.Combine(packages, "torchsharp", Build.TorchSharpVersion, "runtimes", "linux-x64",
            "native", "libLibTorchSharp.so");
        byte[] before = File.ReadAllBytes(original), after = File.ReadAllBytes(library);
        Assert.That(after, Has.Length.EqualTo(before.Length));
        int[] changed = [.. Enumerable.Range(0, before.Length).Where(i => before[i] != after[i])];
        Assert.That(changed, Has.Length.EqualTo(1));
        Assert.That(after[changed[0]] ^ before[changed[0]], Is.EqualTo(2), "VER_FLG_WEAK");
    }
}
