using FastScnn.Testing;

namespace FastScnn.Release.Tests.Samples;

/// <summary>The notebooks are what their programs give.</summary>
public class NotebookTests
{
    private static IEnumerable<string> Names =>
        Directory.GetFiles(Path.Combine(TestFiles.Root, "samples", "notebooks"), "*.cs")
            .Select(file => Path.GetFileNameWithoutExtension(file)).Order();

    [TestCaseSource(nameof(Names))]
    public void A_notebook_is_what_its_program_gives(string name)
    {
        string runner = Path.Combine(TestFiles.Root, "samples", "FastScnn.Notebooks", "bin", Build.Configuration,
            "net10.0", "FastScnn.Notebooks.dll");
        Shell.Dotnet(TestFiles.Root, new Dictionary<string, string>(), runner,
            Path.Combine("samples", "notebooks", name + ".ipynb"), "--check");
    }

    [TestCaseSource(nameof(Names))]
    public void A_notebook_is_small_has_images_and_says_how_to_run_it(string name)
    {
        string file = Path.Combine(TestFiles.Root, "samples", "notebooks", name + ".ipynb");
        string text = File.ReadAllText(file);
        Assert.That(text, Has.Length.LessThan(1_000_000));
        Assert.That(text,
            Does.Contain("\"image/").And.Contain(
                $"dotnet run --project samples/FastScnn.Notebooks -- samples/notebooks/{name}.ipynb").And.Contain(
                    "archived upstream"));
        Assert.That(text, Does.Not.Contain(TestFiles.Root));
    }

    [Test]
    public void A_notebook_that_says_something_else_is_refused()
    {
        string folder = TestFiles.NewFolder(), notebook = Path.Combine(folder, "sum.ipynb");
        string runner = Path.Combine(TestFiles.Root, "samples", "FastScnn.Notebooks", "bin", Build.Configuration,
            "net10.0", "FastScnn.Notebooks.dll");
        var none = new Dictionary<string, string>();
        File.WriteAllText(Path.Combine(folder, "sum.cs"),
            "// %% [markdown]\n// # A sum\n// %%\nint a = 2;\n// %%\nConsole.WriteLine($\"the sum is {a + 3}\");\n");
        Shell.Dotnet(folder, none, runner, notebook);
        Assert.That(File.ReadAllText(notebook), Does.Contain("the sum is 5").And.Contain("# A sum"));
        Shell.Dotnet(folder, none, runner, notebook, "--check");
        File.WriteAllText(notebook, File.ReadAllText(notebook).Replace("the sum is 5", "their sum is 5"));
        (int exit, string output) = Shell.Run("dotnet", folder, none, runner, notebook, "--check");
        Assert.That(exit, Is.EqualTo(1), output);
        Assert.That(output, Does.Contain("the output of cell 2 is\ntheir sum is 5"));
    }
}
