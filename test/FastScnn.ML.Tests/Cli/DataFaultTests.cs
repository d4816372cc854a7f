using System.Text.Json;
using FastScnn.Testing;

namespace FastScnn.ML.Tests.Cli;

/// <summary>Data that would give wrong scores in silence, through the command line: what each command says, and in
/// whose words.</summary>
public class DataFaultTests
{
    private static readonly string[] s_short =
    [
        "--crop-size", "64", "--max-steps", "1", "--batch-size", "2", "--aux", "false"
    ];

    private static readonly Action<string, Func<int, int, bool>> s_sound = ObjectFolder.Grey(0, 1);

    private static JsonElement Json(string output) => JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]).RootElement;

    private static (int Exit, string Output, string Errors) Check(string root, params string[] more) =>
        Cli.Run(["check-data", "--root", root, "--json", .. more]);

    private static string[] Warnings(JsonElement json) =>
    [
        .. json.GetProperty("warnings").EnumerateArray().Select(warning => warning.GetString()!)
    ];

    [Test]
    public void Binary_masks_are_told_by_train_eval_and_check_data_each_once()
    {
        string root = ObjectFolder.Write(ObjectFolder.Grey(0, 255)), run = Path.Combine(root, "run");
        (int exit, string output, string errors) = Cli.Run(["train", "--root", root, "--output", run, .. s_short]);
        Assert.That(exit, Is.Zero, errors);
        string[] told = [.. output.Split('\n').Where(line => line.StartsWith("warning: ", StringComparison.Ordinal))];
        Assert.That(told, Has.Length.EqualTo(2), output);
        Assert.That(told[0],
            Does.Contain("The training data").And.Contain("not learned: object").And.Contain(
                "15000 pixels").And.Contain("--label-map 0:0,255:1"));
        Assert.That(told[1], Does.Contain("The validation data").And.Contain("not scored: object"));

        (exit, output, errors) = Cli.Run("eval", "--root", root, "--model", Path.Combine(run, "model.onnx"), "--json");
        Assert.That(exit, Is.Zero, errors);
        Assert.That(Warnings(Json(output)).Single(),
            Does.Contain("object").And.Contain("7500 pixels").And.Contain("--label-map 0:0,255:1"));
        Assert.That(output.Split('\n').Count(line => line.StartsWith("warning: ", StringComparison.Ordinal)),
            Is.EqualTo(1));

        (exit, output, _) = Check(root, "--batch-size", "6");
        Assert.That(exit, Is.Zero);
        Assert.That(Json(output).GetProperty("splits").EnumerateArray().Select(split => Warnings(split).Single()),
            Has.All.Contains("--label-map 0:0,255:1"));
        (exit, output, _) = Check(root, "--batch-size", "6", "--label-map", "0:0,255:1");
        Assert.That(Json(output).GetProperty("splits").EnumerateArray().Select(split => Warnings(split).Length),
            Has.All.Zero, output);
    }

    [Test]
    public void A_validation_split_without_a_label_is_refused_before_a_folder_is_made()
    {
        string root = ObjectFolder.Write(s_sound), run = Path.Combine(root, "run");
        for (int i = 0; i < 3; i++)
            ObjectFolder.Grey(255, 255)(ObjectFolder.Mask(root, "val", i), (_, _) => true);
        (int exit, _, string errors) = Cli.Run(["train", "--root", root, "--output", run, .. s_short]);
        Assert.That((exit, errors.Trim().Split('\n').Length), Is.EqualTo((1, 1)), errors);
        Assert.That(errors,
            Does.Contain("The validation data: no mask has a pixel with a class").And.Contain("--no-val"));
        Assert.That(Directory.Exists(run), Is.False);
        Assert.That(Cli.Run(["train", "--root", root, "--output", run, "--no-val", .. s_short]).Exit, Is.Zero);
    }

    [Test]
    public void Lists_of_files_make_the_splits_of_training_checks_and_scores()
    {
        string root = ObjectFolder.Write(s_sound), run = Path.Combine(root, "run");
        string[] all =
        [
            .. new[] { "train", "val" }.SelectMany(split => Directory.GetFiles(Path.Combine(root, "images", split)))
                .Select(file => Path.GetRelativePath(root, file).Replace('\\', '/'))
        ];
        string learned = Path.Combine(root, "learned.txt"), held = Path.Combine(root, "held.txt");
        File.WriteAllLines(learned, all[1..]);
        File.WriteAllLines(held, all[..1]);
        (int exit, string output, string errors) = Cli.Run(["train", "--root", root, "--output", run, "--train-list", learned,
            "--val-list", held, .. s_short]);
        Assert.That(exit, Is.Zero, errors);
        Assert.That(output, Does.Contain($"{all.Length - 1} images to learn from, 1 to validate with"));
        Assert.That(output, Does.Not.Contain("warning: "));
        (exit, output, errors) = Cli.Run("eval", "--root", root, "--model", Path.Combine(run, "model.onnx"), "--split",
            "train,val", "--list", learned);
        Assert.That(output, Does.Contain($"{all.Length - 1} images: mIoU"), errors);
        (exit, output, errors) = Check(root, "--list", learned, held, "--batch-size", "2");
        Assert.That(Json(output).GetProperty("splits").EnumerateArray().Select(split =>
            split.GetProperty("samples").GetInt32()), Is.EqualTo(new[] { all.Length - 1, 1 }), errors);

        File.WriteAllLines(learned, ["images/train/none.png"]);
        (exit, _, errors) = Cli.Run(["train", "--root", root, "--output", run, "--train-list", learned, .. s_short]);
        Assert.That((exit, errors.Trim().Split('\n').Length), Is.EqualTo((1, 1)), errors);
        Assert.That(errors, Does.Contain("learned.txt', line 1: 'images/train/none.png' is none of"));
    }

    [Test]
    public void Check_data_names_the_option_for_each_kind_of_label()
    {
        (string Name, string Root, string Expected, string[] Cure)[] kinds =
        [
            ("alpha", ObjectFolder.Write(ObjectFolder.Channels(RawPng.Rgba, [0, 255, 0, 0], [0, 255, 0, 255])),
                "transparent (alpha 0)", []),
            ("palette",
                ObjectFolder.Write((path, isObject) =>
                    RawPng.Write(path, ObjectFolder.Width, ObjectFolder.Height, RawPng.Palette, 8,
                        (x, y) => [isObject(x, y) ? 0 : 1], [0, 255, 0, 255, 0, 0])), "--labels colors",
                        ["--labels", "colors"]),
            ("equal channels", ObjectFolder.Write(ObjectFolder.Channels(RawPng.Rgb, [0, 0, 0], [1, 1, 1])),
                "--labels values", ["--labels", "values"]),
            ("unknown colour", ObjectFolder.Write(ObjectFolder.Channels(RawPng.Rgb, [255, 0, 0], [1, 2, 3])),
                "--ignore-unknown-colors", ["--ignore-unknown-colors"]),
            ("partial alpha", ObjectFolder.Write(ObjectFolder.Channels(RawPng.Rgba, [255, 0, 0, 255], [0, 255, 0, 99])),
                "--ignore-unknown-colors", ["--ignore-unknown-colors"]),
            ("soft edges",
                ObjectFolder.Write((path, _) =>
                    RawPng.Write(path, ObjectFolder.Width, ObjectFolder.Height, RawPng.Grey, 8,
                        (x, _) => [x < 60 ? 0 : x == 60 ? 80 : x == 61 ? 170 : 255])), "--label-map 0-127:0,128-255:1",
                        ["--label-map", "0-127:0,128-255:1"]),
        ];
        foreach ((string name, string root, string expected, string[] cure) in kinds)
        {
            (_, string output, string errors) = Check(root, "--batch-size", "2");
            Assert.That(output + errors, Does.Contain(expected), name);
            Assert.That(Cli.Run(["check-data", "--root", root, "--batch-size", "2", .. cure]).Exit, Is.Zero, name);
        }
    }

    [Test]
    public void Leftovers_are_skipped_and_files_that_are_not_read_are_named()
    {
        string root = ObjectFolder.Write(s_sound);
        foreach (string kind in new[] { "images", "masks" })
        {
            Directory.CreateDirectory(Path.Combine(root, kind, "train", ".ipynb_checkpoints"));
            File.Copy(Path.Combine(root, kind, "train", "p0.png"),
                Path.Combine(root, kind, "train", ".ipynb_checkpoints", "p0-checkpoint.png"));
        }
        Assert.That(Check(root).Output, Does.Contain("train: 6 pairs"));
        foreach (int i in new[] { 0, 1 })
        {
            File.Move(ObjectFolder.Image(root, "train", i),
                Path.ChangeExtension(ObjectFolder.Image(root, "train", i), ".tif"));
            File.Delete(ObjectFolder.Mask(root, "train", i));
        }
        (int exit, string output, _) = Check(root);
        Assert.That(exit, Is.Zero);
        Assert.That(output,
            Does.Contain("train: 4 pairs").And.Contain("2 files look like images but are not read").And.Contain(
                "p0.tif").And.Contain("p1.tif"));
        (_, output, string errors) =
            Cli.Run(["train", "--root", root, "--output", Path.Combine(root, "run"), .. s_short]);
        Assert.That(output, Does.Contain("warning: The training data: 2 files look like images but are not read"),
            errors);

        string images = Path.Combine(root, "images", "train");
        (_, output, _) = Cli.Run("segment", "--model", Path.Combine(root, "run", "model.onnx"), "--input", images,
            "--output", Path.Combine(root, "out"), "--json");
        Assert.That(output,
            Does.Contain("warning: 2 files look like images but are not read").And.Contain("4 of 4 images"));
        Assert.That(Json(output).GetProperty("notRead").EnumerateArray()
            .Select(file => Path.GetFileName(file.GetString())), Is.EqualTo(new[] { "p0.tif", "p1.tif" }));
    }

    [Test]
    public void Check_data_compares_the_splits_and_the_batch()
    {
        string root = ObjectFolder.Write(s_sound);
        for (int i = 0; i < 6; i++)
            ObjectFolder.Grey(0, 0)(ObjectFolder.Mask(root, "train", i), (_, _) => false);
        (_, string output, _) = Check(root);
        JsonElement[] splits = [.. Json(output).GetProperty("splits").EnumerateArray()];
        Assert.That(Warnings(splits[0]),
            Has.Some.Contains("6 samples are fewer than a batch of 8").And.Some.Contains("--batch-size"));
        Assert.That(Warnings(splits[1]).Single(),
            Does.Contain("validation data show classes that the training data do not").And.Contain("object"));
        File.WriteAllBytes(ObjectFolder.Mask(root, "val", 0), File.ReadAllBytes(ObjectFolder.Mask(root, "val", 1)));
        RawPng.Write(ObjectFolder.Mask(root, "val", 1), 64, 96, RawPng.Grey, 8, (_, _) => [0]);
        Assert.That(Check(root).Errors, Does.Contain("128 x 96").And.Contain("64 x 96"));
    }

    [Test]
    public void Cityscapes_names_the_option_that_reads_what_is_there()
    {
        string root = TestFiles.NewFolder();
        RawPng.Write(Path.Combine(root, "leftImg8bit", "train", "ulm", "a_leftImg8bit.png"), 64, 64, RawPng.Rgb, 8,
            (_, _) => [1, 2, 3]);
        string labels = Path.Combine(root, "gtFine", "train", "ulm", "a_gtFine_");
        RawPng.Write(labels + "labelTrainIds.png", 64, 64, RawPng.Grey, 8, (_, _) => [0]);
        string[] check = ["check-data", "--dataset", "cityscapes", "--root", root, "--split", "train"];
        Assert.That(Cli.Run(check).Errors,
            Does.Contain("which --labels train-ids reads").And.Not.Contain("MaskEncoding"));
        Assert.That(Cli.Run([.. check, "--labels", "train-ids"]).Exit, Is.Zero);
        File.Delete(labels + "labelTrainIds.png");
        RawPng.Write(labels + "color.png", 64, 64, RawPng.Rgba, 8, (_, _) => [128, 64, 128, 255]);
        Assert.That(Cli.Run(check).Errors, Does.Contain("which --labels colors reads"));
        Assert.That(Cli.Run([.. check, "--labels", "colors"]).Exit, Is.Zero);
    }

    [TestCase("0-9:0,5:1", "5")]
    [TestCase("0-:1", "0-:1")]
    [TestCase("9-3:1", "9-3:1")]
    [TestCase("70000:1", "70000:1")]
    [TestCase("0:256", "0:256")]
    public void A_label_map_that_makes_no_sense_is_quoted(string map, string expected)
    {
        (int exit, _, string errors) = Cli.Run("check-data", "--root", ObjectFolder.Write(s_sound), "--split", "train",
            "--label-map", map);
        Assert.That(exit, Is.EqualTo(1));
        Assert.That(errors, Does.Contain(expected).And.Not.Contain("LabelRange"));
    }
}
