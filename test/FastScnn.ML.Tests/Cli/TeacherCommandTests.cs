using FastScnn.ML.Scoring;
using FastScnn.Scenes;
using FastScnn.Testing;
using FastScnn.Torch.Data;

namespace FastScnn.ML.Tests.Cli;

/// <summary><c>train --teacher</c> and <c>segment --confidence-threshold</c>, as a user types them.</summary>
public class TeacherCommandTests
{
    private static readonly string s_model =
        Path.Combine(TestFiles.Root, "samples", "models", "fastscnn-scenes.onnx");

    [Test]
    public void A_teacher_is_learned_from_and_another_one_refused()
    {
        string data = Scenes(), run = Path.Combine(data, "run");
        string[] train = ["train", "--root", data, "--output", run, "--crop-size", "64", "--batch-size", "2",
            "--epochs", "1", "--threads", "1"];
        (int exit, string output, string errors) = Cli.Run([.. train, "--teacher", s_model, "--teacher-weight", "0.5"]);
        Assert.That(exit, Is.Zero, errors);
        Assert.That(output, Does.Contain("taught by fastscnn-scenes.onnx, CPUExecutionProvider"));
        Assert.That(File.ReadAllText(Path.Combine(run, "log.jsonl")), Does.Contain("\"teacher\":\"SHA-256 "));

        Refused("teacher: 'SHA-256 ", [.. train, "--resume"]);
        Refused("--teacher-weight needs --teacher", [.. train, "--teacher-weight", "2"]);
        Refused("--teacher-temperature is 1000; it must be 0.1 to 100.",
            [.. train, "--teacher", s_model, "--teacher-temperature", "1000"]);
        Refused("Bicyclist", [.. train, "--resume", "--teacher", Models.CamVid]);
        Refused("arg-max", [.. train, "--teacher", ForeignModels.ToFile(ForeignModels.ClassIds(true))]);
        Refused("none.onnx", [.. train, "--teacher", "none.onnx"]);

        static void Refused(string reason, params string[] arguments)
        {
            (int exit, _, string errors) = Cli.Run(arguments);
            Assert.That((exit, errors), Is.EqualTo((1, errors)));
            Assert.That(errors, Does.Contain(reason));
        }
    }

    [Test]
    public void Masks_to_train_on_go_into_a_data_set_that_trains_as_it_is()
    {
        string data = Path.Combine(TestFiles.NewFolder(), "new"), photos = Path.Combine(data, "images", "train");
        Directory.CreateDirectory(Path.Combine(data, "images"));
        Directory.Move(Path.Combine(Scenes(), "images", "train"), photos);
        string masks = Path.Combine(data, "masks", "train");
        string[] segment = ["segment", "--model", s_model, "--input", photos, "--output", masks,
            "--confidence-threshold", "0.6"];
        (int exit, string output, string errors) = Cli.Run([.. segment, "--shard", "1/2"]);
        Assert.That(exit, Is.Zero, errors);
        (exit, _, errors) = Cli.Run([.. segment, "--shard", "2/2"]);
        Assert.That(exit, Is.Zero, errors);
        (exit, string merged, errors) = Cli.Run("merge", "--input", masks);
        Assert.That(exit, Is.Zero, errors);

        using FastScnnSegmenter segmenter = FastScnnSegmenter.Load(s_model, new() { ConfidenceThreshold = 0.6 });
        double kept = 0;
        string[] images = [.. Directory.GetFiles(photos).Order(StringComparer.Ordinal)];
        foreach (string image in images)
        {
            byte[] expected = segmenter.Segment(image).ClassIds.ToArray();
            string mask = Path.Combine(masks, Path.GetFileNameWithoutExtension(image) + ".png");
            Assert.That(IndexPng.Read(mask).Ids.ToArray(), Is.EqualTo(expected), mask);
            kept += (double)expected.Count(id => id != 255) / expected.Length / images.Length;
        }
        Assert.That(kept, Is.InRange(0.1, 0.99));
        string text = FormattableString.Invariant($"{100 * kept:F1} % of the pixels kept");
        Assert.That(merged, Does.Contain(text));
        Assert.That(Directory.GetFiles(masks, "*.png"), Has.Length.EqualTo(images.Length), "no overlays");
        Assert.That(ClassList.Load(Path.Combine(data, "classes.json")), Is.EqualTo(StreetScene.Classes));
        Assert.That(File.ReadAllLines(Path.Combine(masks, "shares.csv"))[1],
            Does.StartWith(Path.GetFileNameWithoutExtension(images[0]) + ","));

        (exit, output, errors) = Cli.Run([.. segment, "--skip-existing"]);
        Assert.That(exit, Is.Zero, errors);
        Assert.That(output,
            Does.Contain($"{images.Length} of {images.Length} images were done before").And.Contain(text));
        (exit, _, errors) = Cli.Run([.. segment[..^1], "0.5", "--skip-existing"]);
        Assert.That(exit, Is.EqualTo(1));
        Assert.That(errors, Does.Contain("--confidence-threshold 0.6, and this run has 0.5"));

        (exit, _, errors) = Cli.Run("train", "--root", data, "--output", Path.Combine(data, "run"), "--crop-size", "64",
            "--batch-size", "2", "--epochs", "1", "--threads", "1", "--no-val");
        Assert.That(exit, Is.Zero, errors);
    }

    [Test]
    public void Masks_are_those_of_the_data_set_they_go_into()
    {
        string data = Scenes(), photos = Path.Combine(data, "images", "train"),
            masks = Path.Combine(data, "masks", "new");
        string file = Path.Combine(data, "classes.json");
        new ClassList(StreetScene.Classes, 99).Save(file);
        string[] segment = ["segment", "--model", s_model, "--input", photos, "--output", masks,
            "--confidence-threshold", "0.95"];
        (int exit, _, string errors) = Cli.Run(segment);
        Assert.That(exit, Is.Zero, errors);
        Assert.That(Directory.GetFiles(masks, "*.png").SelectMany(mask => IndexPng.Read(mask).Ids.ToArray()).Distinct(),
            Has.Some.EqualTo(99).And.None.EqualTo(255), "the data set's ignored id");

        new ClassList(StreetScene.Classes.Reverse()).Save(file);
        (exit, _, errors) = Cli.Run(segment);
        Assert.That(exit, Is.EqualTo(1));
        Assert.That(errors, Does.Contain(file).And.Contain("in the same order"));
    }

    private static string Scenes()
    {
        string root = TestFiles.NewFolder();
        var options = new StreetSceneOptions { Width = 96, Height = 64, Seed = 1 };
        StreetSceneFolder.Write(root, "train", 4, options);
        StreetSceneFolder.Write(root, "val", 1, options);
        return root;
    }
}
