using FastScnn.Testing;

namespace FastScnn.Release.Tests.Packages;

/// <summary>The build task that lets old systems load TorchSharp's library changes what it knows, and nothing
/// else.</summary>
[Platform("Linux")]
public class RelaxSymbolVersionTests
{
    private const string Unused = "_ZSt21ios_base_library_initv";

    private static readonly string s_library = Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so");

    private string _folder = "";

    [SetUp]
    public void NewFolder() => _folder = TestFiles.NewFolder();

    [Test]
    public void The_need_of_a_symbol_that_nothing_uses_becomes_weak()
    {
        (int exit, string output) = Relax(s_library, "GLIBCXX_3.4.32", Unused);
        Assert.That(exit, Is.Zero, output);
        byte[] before = File.ReadAllBytes(s_library),
            after = File.ReadAllBytes(Path.Combine(_folder, "out", "library.so"));
        Assert.That(after, Has.Length.EqualTo(before.Length));
        Assert.That(before.Zip(after).Count(pair => pair.First != pair.Second), Is.LessThanOrEqualTo(1));
    }

    [TestCase("GLIBCXX_3.4.30", "has the version GLIBCXX_3.4.30, expected only the undefined symbol " + Unused)]
    [TestCase("GLIBCXX_3.4.99", "it does not need GLIBCXX_3.4.99")]
    public void A_version_that_is_used_or_not_there_is_an_error(string version, string reason) =>
        AssertRefused(s_library, version, Unused, reason);

    [Test]
    public void A_symbol_that_is_used_is_an_error() =>
        // The only symbol of its version, and one that code calls.
        AssertRefused(s_library, "GLIBC_2.34", "pthread_cond_clockwait",
            "a relocation uses the symbol pthread_cond_clockwait");

    [Test]
    public void What_is_no_library_is_an_error()
    {
        string file = Path.Combine(_folder, "library.so");
        File.WriteAllText(file, "no library");
        AssertRefused(file, "GLIBCXX_3.4.32", Unused, "it is no little-endian 64-bit ELF file");
    }

    [TestCase(100)]
    [TestCase(100_000)]
    [TestCase(2_000_000)]
    public void A_library_that_was_cut_short_is_an_error(int length)
    {
        string file = Path.Combine(_folder, "library.so");
        File.WriteAllBytes(file, File.ReadAllBytes(s_library)[..length]);
        AssertRefused(file, "GLIBCXX_3.4.32", Unused, "does not look as expected");
    }

    private void AssertRefused(string file, string version, string symbol, string reason)
    {
        (int exit, string output) = Relax(file, version, symbol);
        Assert.That(exit, Is.Not.Zero, output);
        Assert.That(output, Does.Contain("error FASTSCNN002").And.Contain(file).And.Contain(reason));
        Assert.That(Directory.Exists(Path.Combine(_folder, "out")), Is.False);
    }

    private (int Exit, string Output) Relax(string file, string version, string symbol)
    {
        string project = Path.Combine(_folder, "try.proj");
        File.WriteAllText(project, $"""
            <Project>
              <Import Project="{TestFiles.Root}/nuget/buildTransitive/FastScnn.Torch.targets" />
              <Target Name="Try">
                <RelaxSymbolVersion Source="{file}" Destination="{_folder}/out/library.so" Version="{version}" UnusedSymbol="{symbol}" />
              </Target>
            </Project>
            """);
        return Shell.Run("dotnet", _folder, new Dictionary<string, string>(), "msbuild", project, "-t:Try", "-v:quiet");
    }
}
