using FastScnn.Testing;
using FastScnn.Torch.Scenes;
using Microsoft.ML.Data;

namespace FastScnn.Release.Tests.Packages;

/// <summary>
/// A new console application in a temporary folder with a package folder of its own. It knows the packed feed and, where the registry lacks
/// the ML packages, the folder that this build took them from.
/// </summary>
internal sealed class ConsumerProject : IDisposable
{
    private readonly Dictionary<string, string> _environment;

    public ConsumerProject(string name)
    {
        Folder = Directory.CreateTempSubdirectory("fastscnn-consumer-").FullName;
        _environment = new() { ["NUGET_PACKAGES"] = Path.Combine(Folder, "packages") };
        string sources = string.Concat(((string[])[PackedFeed.Folder, .. Build.PackageSources]).Select((source, i) => $"<add key=\"folder{i}\" value=\"{source}\" />"));
        Project = Directory.CreateDirectory(Path.Combine(Folder, name)).FullName;
        File.WriteAllText(Path.Combine(Folder, "nuget.config"), $"<configuration><packageSources>{sources}</packageSources></configuration>");
        Dotnet("new", "console", "--no-restore");
    }

    /// <summary>The temporary folder.</summary>
    public string Folder { get; }

    /// <summary>The folder of the project, where its program runs.</summary>
    public string Project { get; }

    public string Code { set => File.WriteAllText(Path.Combine(Project, "Program.cs"), value); }

    /// <summary>Puts items into the project file, as a user copies them from a document.</summary>
    public void AddItems(string xml)
    {
        string file = Path.Combine(Project, Path.GetFileName(Project) + ".csproj");
        File.WriteAllText(file, File.ReadAllText(file).Replace("</Project>", $"<ItemGroup>{xml}</ItemGroup></Project>"));
    }

    public string Dotnet(params string[] arguments) => Shell.Dotnet(Project, _environment, arguments);

    /// <summary>Builds and runs the program; the output is what it wrote, then its errors.</summary>
    public (int Exit, string Output) Run()
    {
        Dotnet("build", "-o", "out", "-v", "quiet");
        return Shell.Run("dotnet", Project, _environment, Path.Combine("out", Path.GetFileName(Project) + ".dll"));
    }

    /// <summary>Puts a photo of a generated street into the folder, as a JPEG file.</summary>
    public string AddPhoto(string name)
    {
        string scenes = Path.Combine(Folder, "scenes");
        StreetSceneFolder.Write(scenes, "val", 1, new StreetSceneOptions { Width = 320, Height = 200, Seed = 3 });
        using MLImage photo = MLImage.CreateFromFile(Directory.GetFiles(Path.Combine(scenes, "images", "val")).Single());
        photo.Save(Path.Combine(Project, name));
        return Path.Combine(Project, name);
    }

    /// <summary>Puts the repository's MIT model into the folder.</summary>
    public string AddModel(string name)
    {
        string file = Path.Combine(Project, name);
        File.Copy(Path.Combine(TestFiles.Root, "samples", "models", "fastscnn-scenes.onnx"), file);
        return file;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
