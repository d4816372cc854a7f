using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;
using System.Xml.Linq;
using FastScnn.Testing;

namespace FastScnn.Release.Tests.Packages;

/// <summary>What is in the packages, and what the gallery will show of them.</summary>
[TestFixture("FastScnn.ML")]
[TestFixture("FastScnn.ML.Cpu")]
[TestFixture("FastScnn.Torch")]
public class PackageTests(string id)
{
    [Test]
    public void A_package_holds_one_assembly_its_documentation_a_readme_and_an_icon()
    {
        using ZipArchive package = ZipFile.OpenRead(PackedPackages.File(id));
        // Above all not ML.NET's internals, which FastScnn.ML is compiled against.
        string[] build = id == "FastScnn.Torch"
            ? ["buildTransitive/FastScnn.Torch.targets", "buildTransitive/RelaxSymbolVersion.cs"] : [];
        Assert.That(
            package.Entries.Select(entry => entry.FullName)
                .Where(name => !name.StartsWith("package/", StringComparison.Ordinal)),
            Is.EquivalentTo(build.Concat([$"lib/net10.0/{Assembly}.dll", $"lib/net10.0/{Assembly}.xml", "README.md",
                "icon.png", $"{id}.nuspec", "[Content_Types].xml", "_rels/.rels"])));
        Assert.That(Text(package, "README.md"),
            Is.EqualTo(File.ReadAllText(Path.Combine(TestFiles.Root, "nuget", $"{id}.md"))));
        Assert.That(Text(package, "README.md"), Does.StartWith($"# {id}\n"));
    }

    [Test]
    public void The_metadata_are_complete_and_the_release_notes_are_the_change_log()
    {
        using ZipArchive package = ZipFile.OpenRead(PackedPackages.File(id));
        XElement metadata = XDocument.Parse(Text(package, $"{id}.nuspec")).Root!.Elements().Single();
        Dictionary<string, string> values = metadata.Elements().GroupBy(element => element.Name.LocalName)
            .ToDictionary(group => group.Key, group => group.First().Value);
        Assert.That(values["id"], Is.EqualTo(id));
        Assert.That(values["version"], Is.EqualTo(Build.Version));
        Assert.That(values["license"], Is.EqualTo("MIT"));
        Assert.That((values["icon"], values["readme"]), Is.EqualTo(("icon.png", "README.md")));
        Assert.That(values["tags"].Split(' '), Does.Contain("semantic-segmentation").And.Contain("mlnet"));
        Assert.That(values["description"], Does.StartWith("Fast-SCNN semantic segmentation for "));
        Assert.That(values, Does.Not.ContainKey("repository").And.Not.ContainKey("projectUrl"));
        string log = File.ReadAllText(Path.Combine(TestFiles.Root, "CHANGELOG.md"));
        Assert.That(log, Does.Contain($"## {Build.Version} - "));
        Assert.That(values["releaseNotes"], Has.Length.GreaterThan(100));
        Assert.That(log, Does.Contain(values["releaseNotes"]));
    }

    [Test]
    public void The_same_build_packs_into_the_same_bytes()
    {
        string again = PackedPackages.Pack([PackedPackages.Project(id)]);
        foreach (string extension in new[] { "nupkg", "snupkg" })
            Assert.That(
                File.ReadAllBytes(Path.Combine(again, Path.GetFileName(PackedPackages.File(id, extension)))).AsSpan()
                    .SequenceEqual(File.ReadAllBytes(PackedPackages.File(id, extension))),
                Is.True, extension);
    }

    [Test]
    public void No_path_of_the_machine_that_built_it_goes_along()
    {
        byte[] path = Encoding.UTF8.GetBytes(TestFiles.Root);
        foreach (string extension in new[] { "nupkg", "snupkg" })
        {
            using ZipArchive package = ZipFile.OpenRead(PackedPackages.File(id, extension));
            foreach (ZipArchiveEntry entry in package.Entries)
                Assert.That(Bytes(entry).AsSpan().IndexOf(path), Is.EqualTo(-1), entry.FullName);
        }
    }

    [Test]
    public void The_symbols_match_the_assembly()
    {
        using ZipArchive package = ZipFile.OpenRead(PackedPackages.File(id)),
            symbols = ZipFile.OpenRead(PackedPackages.File(id, "snupkg"));
        using var assembly = new PEReader(new MemoryStream(Bytes(package.GetEntry($"lib/net10.0/{Assembly}.dll")!)));
        var codeView = assembly.ReadCodeViewDebugDirectoryData(assembly.ReadDebugDirectory()
            .Single(entry => entry.Type == DebugDirectoryEntryType.CodeView));
        using var pdb = MetadataReaderProvider.FromPortablePdbStream(
            new MemoryStream(Bytes(symbols.GetEntry($"lib/net10.0/{Assembly}.pdb")!)));
        Assert.That(new BlobContentId(pdb.GetMetadataReader().DebugMetadataHeader!.Id).Guid, Is.EqualTo(codeView.Guid));
    }

    [Test]
    public void Its_dependencies_are_the_versions_that_the_tests_run_on()
    {
        using ZipArchive package = ZipFile.OpenRead(PackedPackages.File(id));
        string[] dependencies = [
            .. XDocument.Parse(Text(package, $"{id}.nuspec")).Descendants()
                .Where(element => element.Name.LocalName == "dependency")
            .Select(element => $"{(string?)element.Attribute("id")} {(string?)element.Attribute("version")}")
            .Where(text => !text.StartsWith("Google.", StringComparison.Ordinal)).Order()];
        string ml = Build.MicrosoftMLVersion,
            runtime = id == "FastScnn.ML" ? "Microsoft.ML.OnnxRuntime.Gpu" : "Microsoft.ML.OnnxRuntime";
        Assert.That(dependencies, Is.EqualTo((string[])(id == "FastScnn.Torch"
            ? ["System.IO.Hashing 10.0.15", $"TorchSharp {Build.TorchSharpVersion}"]
            :
            [
                $"FastScnn.Torch {Build.Version}", "Microsoft.Extensions.DependencyInjection.Abstractions 10.0.0",
                "Microsoft.Extensions.Diagnostics.HealthChecks.Abstractions 10.0.0",
                "Microsoft.Extensions.Logging.Abstractions 10.0.0", "Microsoft.Extensions.Options 10.0.0",
                $"Microsoft.ML {ml}", $"Microsoft.ML.ImageAnalytics {ml}",
                $"{runtime} {Build.OnnxRuntimeVersion}", $"Microsoft.ML.OnnxTransformer {ml}",
                "NetTopologySuite 2.6.0", "SkiaSharp 2.88.9", "SkiaSharp.NativeAssets.Linux.NoDependencies 2.88.9",
                "System.Threading.RateLimiting 10.0.0",
            ])));
    }

    [Test]
    public void Both_packages_for_ML_NET_hold_the_same_library()
    {
        using ZipArchive one = ZipFile.OpenRead(PackedPackages.File("FastScnn.ML")),
            other = ZipFile.OpenRead(PackedPackages.File("FastScnn.ML.Cpu"));
        Assert.That(Text(other, "lib/net10.0/FastScnn.ML.xml"), Is.EqualTo(Text(one, "lib/net10.0/FastScnn.ML.xml")));
        byte[] gpu = Bytes(one.GetEntry("lib/net10.0/FastScnn.ML.dll")!),
            cpu = Bytes(other.GetEntry("lib/net10.0/FastScnn.ML.dll")!);
        Assert.That(cpu, Has.Length.EqualTo(gpu.Length));
        Assert.That(gpu.Zip(cpu).Count(pair => pair.First != pair.Second), Is.LessThan(100),
            "The ids of a build differ, in which the names of generated files are.");
    }

    private string Assembly => id == "FastScnn.ML.Cpu" ? "FastScnn.ML" : id;

    private static string Text(ZipArchive package, string name) =>
        Encoding.UTF8.GetString(Bytes(package.GetEntry(name)!)).TrimStart('\uFEFF');

    private static byte[] Bytes(ZipArchiveEntry entry)
    {
        using Stream stream = entry.Open();
        var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
