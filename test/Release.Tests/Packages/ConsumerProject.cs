using FastScnn.Scenes;
using FastScnn.Testing;
using Microsoft.ML.Data;

namespace FastScnn.Release.Tests.Packages;

/// <summary>A new console application in a temporary folder with a package folder of its own. It knows the packed
/// packages beside the sources that this machine has.</summary>
internal sealed class ConsumerProject : IDisposable
{
    private readonly Dictionary<string, string> _environment;

    public ConsumerProject(string name)
    {
        Folder = Directory.CreateTempSubdirectory("fastscnn-consumer-").FullName;
        _environment = new() { ["NUGET_PACKAGES"] = Path.Combine(Folder, "packages") };
        Project = Directory.CreateDirectory(Path.Combine(Folder, name)).FullName;
        File.WriteAllText(Path.Combine(Folder, "nuget.config"),
            $"<configuration><packageSources><add key=\"packed\" value=\"{PackedPackages.Folder}\" "
                + "/></packageSources></configuration>");
        Dotnet("new", "console", "--no-restore");
    }

    /// <summary>The temporary folder.</summary>
    public string Folder { get; }

    /// <summary>The folder of the project, where its program runs.</summary>
    public string Project { get; }

    public string Code { set => File.WriteAllText(Path.Combine(Project, "Program.cs"), value); }

    /// <summary>Sets a property in the project file, as a user does.</summary>
    public void SetProperty(string name, string value)
    {
        string file = Path.Combine(Project, Path.GetFileName(Project) + ".csproj");
        File.WriteAllText(file, File.ReadAllText(file).Replace("</Project>",
            $"<PropertyGroup><{name}>{value}</{name}></PropertyGroup></Project>"));
    }

    public string Dotnet(params string[] arguments) => Shell.Dotnet(Project, _environment, arguments);

    /// <summary>Runs the program by <c>dotnet run</c>; the output is what the build and it wrote, then its
    /// errors.</summary>
    public (int Exit, string Output) Run() => Shell.Run("dotnet", Project, _environment, "run");

    /// <summary>Publishes the program into a folder and runs it there.</summary>
    public (int Exit, string Output) RunPublished(params string[] arguments)
    {
        Dotnet(["publish", "-o", "published", "-v", "quiet", .. arguments]);
        return Shell.Run("dotnet", Project, _environment,
            Path.Combine("published", Path.GetFileName(Project) + ".dll"));
    }

    /// <summary>Puts an image of a generated street into the folder, as a JPEG file.</summary>
    public string AddImage(string name)
    {
        string scenes = Path.Combine(Folder, "scenes");
        StreetSceneFolder.Write(scenes, "val", 1, new StreetSceneOptions { Width = 320, Height = 200, Seed = 3 });
        using MLImage image = MLImage.CreateFromFile(Directory.GetFiles(Path.Combine(scenes, "images", "val"))
            .Single());
        image.Save(Path.Combine(Project, name));
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
