using System.Diagnostics;
using FastScnn.Scenes;
using FastScnn.Testing;

namespace FastScnn.ML.Tests.Cli;

/// <summary>What the command line says is in its own words, and its advice works.</summary>
public class CommandWordsTests
{
    [TestCase("--ignore-index", "300", "--ignore-index is '300'; it must be a whole number from 0 to 255.")]
    [TestCase("--epochs", "many", "--epochs is 'many'; it must be a whole number.")]
    [TestCase("--lr", "fast", "--lr is 'fast'; it must be a number such as 0.5.")]
    public void A_value_of_another_kind_is_named_without_types_of_dotnet(string option, string value, string message)
    {
        (int exit, string output, string errors) = Cli.Run("train", "--root", "data", "--output", "run", option, value);
        Assert.That(exit, Is.EqualTo(1));
        Assert.That(errors, Does.StartWith(message).And.Contain("See fastscnn train --help."));
        Assert.That(errors + output, Does.Not.Contain("System.").And.Not.Contain("expected type"));
    }

    [Test]
    public void An_unknown_name_shows_the_known_ones()
    {
        (int exit, _, string errors) = Cli.Run("export", "--checkpoint", "a.pth", "--output", "a.onnx", "--precision",
            "Float17");
        Assert.That(exit, Is.EqualTo(1));
        Assert.That(errors,
            Does.StartWith("--precision is 'Float17'").And.Contain("Float16").And.Not.Contain("OnnxPrecision"));
    }

    [Test]
    public void The_limit_on_pixels_holds_for_masks_too()
    {
        string root = Scenes(2);
        (int exit, string output,
            string errors) = Cli.Run("check-data", "--root", root, "--split", "train", "--max-pixels", "6000");
        Assert.That(exit, Is.EqualTo(1));
        string[] faults = [.. (output + errors).Split('\n').Where(line => line.Contains("fault: "))];
        Assert.That(faults.Where(line => line.Contains("masks")).ToArray(),
            Has.Length.EqualTo(2).And.All.Contains("96 x 64").And.All.Contains("6000").And.All.Contains(
                "--max-pixels"));
        Assert.That(Cli.Run("check-data", "--root", root, "--split", "train", "--max-pixels", "6144").Exit, Is.Zero);
    }

    [Test]
    public void One_image_gets_the_advice_that_training_gives()
    {
        string root = Scenes(1);
        (_, string output, string errors) = Cli.Run("check-data", "--root", root, "--split", "train");
        Assert.That(output + errors,
            Does.Contain("one image to train on").And.Contain("--freeze-batch-norm").And.Contain("--batch-size 1"));
        (int exit, _, errors) = Cli.Run("train", "--root", root, "--output", Path.Combine(root, "run"), "--no-val",
            "--freeze-batch-norm", "--batch-size", "1", "--crop-size", "64", "--epochs", "1");
        Assert.That(exit, Is.Zero, errors);
    }

    [TestCase("segment", "--input", "image.png", "--output", "out", "--model")]
    [TestCase("export", "--output", "model.onnx", "--checkpoint")]
    [Platform("Linux")]
    public void A_pipe_in_place_of_a_model_is_refused(params string[] arguments)
    {
        string pipe = Path.Combine(TestFiles.NewFolder(), "pipe.onnx");
        Process.Start("mkfifo", pipe).WaitForExit();
        (int exit, _, string errors) =
            Cli.Run([.. arguments.Select(word => word == "image.png" ? TestImages.Street : word), pipe]);
        Assert.That(exit, Is.EqualTo(1));
        Assert.That(errors, Does.Contain(pipe).And.Contain("not a regular file"));
    }

    private static string Scenes(int count)
    {
        string root = TestFiles.NewFolder();
        StreetSceneFolder.Write(root, "train", count, new StreetSceneOptions { Width = 96, Height = 64, Seed = 1 });
        return root;
    }
}
