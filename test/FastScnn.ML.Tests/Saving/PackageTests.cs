using System.Diagnostics;
using System.IO.Compression;
using System.Reflection;
using FastScnn.Testing;

namespace FastScnn.ML.Tests.Saving;

/// <summary>The stand-in for ML.NET's internals, which FastScnn.ML is compiled against, goes nowhere.</summary>
public class PackageTests
{
    [Test]
    public void The_package_holds_one_assembly()
    {
        string folder = TestFiles.NewFolder(), configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        string project = Path.Combine(TestFiles.Root, "src", "FastScnn.ML", "FastScnn.ML.csproj");
        // A suffix, because a stable version may not depend on prerelease packages, which a private feed may hold.
        using Process pack = Process.Start(new ProcessStartInfo(
            "dotnet", ["pack", project, "-c", configuration, "--no-build", "-o", folder, "-p:VersionSuffix=test", "-nologo"]) { RedirectStandardOutput = true })!;
        string output = pack.StandardOutput.ReadToEnd();
        pack.WaitForExit();
        Assert.That(pack.ExitCode, Is.Zero, output);
        using ZipArchive package = ZipFile.OpenRead(Directory.GetFiles(folder, "*.nupkg").Single());
        Assert.That(package.Entries.Select(entry => entry.FullName).Where(name => name.EndsWith(".dll")), Is.EqualTo(new[] { "lib/net10.0/FastScnn.ML.dll" }));
    }

    [Test]
    public void An_application_gets_the_real_assembly()
    {
        AssemblyName core = AssemblyName.GetAssemblyName(Path.Combine(AppContext.BaseDirectory, "Microsoft.ML.Core.dll"));
        Assert.That(core.Version, Is.EqualTo(new Version(1, 0, 0, 0)));
        Assert.That(Convert.ToHexStringLower(core.GetPublicKeyToken()!), Is.EqualTo("cc7b13ffcd2ddd51"));
    }
}
