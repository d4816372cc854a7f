using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Scenes;
using FastScnn.Testing;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;

namespace FastScnn.ML.Tests.Cli;

/// <summary>Runs the <c>fastscnn</c> program as a user does.</summary>
public class FastScnnCommandTests
{
    [TestCase("scenes")]
    [TestCase("roads")]
    public void ModelsWritesWhatTheRepositoryHas_ToScoreWithAndToTrainFrom(string name)
    {
        string output = Path.Combine(TestFiles.NewFolder(), "new"),
            shipped = Path.Combine(TestFiles.Root, "samples", "models");
        (int exit, string text, string errors) = Cli.Run("models", name, "--output", output);
        Assert.That(exit, Is.Zero, errors);
        Assert.That(text, Does.Contain("road").Or.Contain("asphalt"));
        Assert.That(Directory.GetFiles(output).Select(Path.GetFileName), Is.EquivalentTo(
            new[] { $"fastscnn-{name}.onnx", $"fastscnn-{name}.safetensors", $"fastscnn-{name}.md" }));
        foreach (string file in Directory.GetFiles(output, "*.safetensors").Concat(Directory.GetFiles(output, "*.md")))
            Assert.That(File.ReadAllBytes(file).AsSpan()
                .SequenceEqual(File.ReadAllBytes(Path.Combine(shipped, Path.GetFileName(file)))), Is.True, file);
        using FastScnnSegmenter written = FastScnnSegmenter.Load(Path.Combine(output, $"fastscnn-{name}.onnx")),
            expected = FastScnnSegmenter.Load(Path.Combine(shipped, $"fastscnn-{name}.onnx"));
        Assert.That(written.Classes.HasSameNames(expected.Classes), Is.True);
        Assert.That(written.Segment(TestImages.Street).ClassIds.Span
            .SequenceEqual(expected.Segment(TestImages.Street).ClassIds.Span), Is.True);
    }

    [Test]
    public void ModelsListsWhatThereIs_AndRefusesAnotherName()
    {
        (int exit, string text, string errors) = Cli.Run("models");
        Assert.That(exit, Is.Zero, errors);
        Assert.That(text, Does.Contain("scenes").And.Contain("MIT").And.Contain("roads").And.Contain("CC BY 4.0"));
        (exit, _, errors) = Cli.Run("models", "streets");
        Assert.That(exit, Is.EqualTo(1));
        Assert.That(errors, Does.Contain("streets").And.Contain("scenes"));
    }

    [Test]
    public void SegmentWritesMaskOverlayAndShares_AndNamesAnImageThatItCannotRead()
    {
        string input = TestFiles.NewFolder(), output = Path.Combine(TestFiles.NewFolder(), "new");
        File.Copy(TestImages.Street, Path.Combine(input, "street.png"));
        File.WriteAllText(Path.Combine(input, "text.jpg"), "no image");
        File.Copy(TestFiles.Shared("odd-images", "bombs", "header_100000x100000_rgb.png"),
            Path.Combine(input, "bomb.png"));
        (int exit, string output1,
            string errors) = Cli.Run("segment", "--model", Models.CamVid, "--input", input, "--output", output,
                "--jobs", "3", "--json");

        Assert.That(exit, Is.EqualTo(1), "two images are bad");
        using JsonDocument json = JsonDocument.Parse(output1.TrimEnd().Split('\n')[^1]);
        JsonElement[] images = [.. json.RootElement.GetProperty("images").EnumerateArray()];
        Assert.That(images.Select(image => Path.GetFileName(image.GetProperty("image").GetString())),
            Is.EqualTo(new[] { "bomb.png", "street.png", "text.jpg" }));
        Assert.That(images.Select(image => image.GetProperty("error").GetString() is null),
            Is.EqualTo(new[] { false, true, false }));
        Assert.That(images[1].GetProperty("shares").EnumerateObject().Sum(share => share.Value.GetDouble()),
            Is.EqualTo(1).Within(1e-9));
        Assert.That(images[1].GetProperty("mask").GetString(), Is.EqualTo("street_mask.png"));
        Assert.That(errors, Does.Contain("text.jpg").And.Contain("bomb.png").And.Contain("100000 x 100000"));
        Assert.That(output1, Does.Contain("1 of 3 images").And.Contain("CPUExecutionProvider"));
        Assert.That(Directory.GetFiles(output).Select(Path.GetFileName),
            Is.EquivalentTo(new[] { "street_mask.png", "street_overlay.png", "results.jsonl", "shares.csv" }));
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid);
        Assert.That(IndexPng.Read(Path.Combine(output, "street_mask.png")).Ids.ToArray(),
            Is.EqualTo(segmenter.Segment(TestImages.Street).ClassIds.ToArray()));
        string[] shares = File.ReadAllLines(Path.Combine(output, "shares.csv"));
        Assert.That(shares[0], Does.StartWith("image,Sky,Building,"));
        Assert.That(shares[1].Split(',').Skip(1)
            .Sum(s => double.Parse(s, System.Globalization.CultureInfo.InvariantCulture)), Is.EqualTo(1).Within(1e-5));
    }

    [Test]
    public void Every_image_has_results_of_its_own()
    {
        string input = TestFiles.NewFolder(), output = TestFiles.NewFolder();
        foreach (string name in new[] { "a.png", "a.jpg", "a.png.png", "b.png" })
            File.Copy(TestImages.Street, Path.Combine(input, name));
        Assert.That(Cli.Run("segment", "--model", Models.CamVid, "--input", input, "--output", output).Exit, Is.Zero);
        Assert.That(
            Directory.GetFiles(output, "*_mask.png").Select(Path.GetFileName),
            Is.EquivalentTo(new[] { "a.png_mask.png", "a.jpg_mask.png", "a.png.png_mask.png", "b_mask.png" }));
    }

    [Test]
    public void Segment_keeps_results_out_of_the_folder_of_the_images()
    {
        string input = TestFiles.NewFolder();
        File.Copy(TestImages.Street, Path.Combine(input, "street.png"));
        (int exit, _, string errors) = Cli.Run("segment", "--model", Models.CamVid, "--input", input, "--output",
            Path.Combine(input, "..", Path.GetFileName(input)) + "/");
        Assert.That(exit, Is.EqualTo(1));
        Assert.That(errors, Does.Contain("--output").And.Contain("a folder of their own"));
        Assert.That(Directory.GetFiles(input), Has.Length.EqualTo(1));
    }

    [Test]
    public void Check_data_prints_what_it_found_as_JSON()
    {
        string root = TestFiles.NewFolder();
        StreetSceneFolder.Write(root, "train", 2, new StreetSceneOptions { Height = 48, Width = 64 });
        File.Delete(Directory.GetFiles(Path.Combine(root, "masks", "train"))[0]);
        (int exit, string output, _) = Cli.Run("check-data", "--root", root, "--split", "train", "missing", "--json");
        Assert.That(exit, Is.EqualTo(1));
        using JsonDocument json = JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]);
        JsonElement[] splits = [.. json.RootElement.GetProperty("splits").EnumerateArray()];
        Assert.That(splits[0].GetProperty("sound").GetInt32(), Is.EqualTo(1));
        Assert.That(splits[0].GetProperty("faults").GetArrayLength(), Is.EqualTo(1));
        Assert.That(splits[0].GetProperty("classPixels").EnumerateObject().Sum(one => one.Value.GetInt64())
            + splits[0].GetProperty("ignoredPixels").GetInt64(), Is.EqualTo(48 * 64));
        Assert.That(splits[1].GetProperty("faults")[0].GetString(), Does.Contain("missing"));
    }

    [Test]
    public void Segment_averages_and_tiles_as_asked()
    {
        string output = TestFiles.NewFolder();
        (int exit, _, string errors) = Cli.Run(
            "segment", "--model", Models.CamVid, "--input", TestImages.Street, "--output", output, "--flip", "--scales",
            "0.75,1", "--tile", "256x320", "--tile-overlap", "0.1");
        Assert.That(exit, Is.Zero, errors);
        byte[] mask = IndexPng.Read(Directory.GetFiles(output, "*_mask.png").Single()).Ids.ToArray();
        var options = new FastScnnSegmenterOptions
        {
            Inference = new() { Flip = true, Scales = [0.75, 1], TileHeight = 256, TileWidth = 320, TileOverlap = 0.1 }
        };
        using FastScnnSegmenter same = FastScnnSegmenter.Load(Models.CamVid, options),
            plain = FastScnnSegmenter.Load(Models.CamVid);
        Assert.That(mask, Is.EqualTo(same.Segment(TestImages.Street).ClassIds.ToArray()));
        Assert.That(mask, Is.Not.EqualTo(plain.Segment(TestImages.Street).ClassIds.ToArray()));
    }

    [Test]
    public void Segment_scores_a_region_of_shrunk_images_as_asked()
    {
        string output = TestFiles.NewFolder();
        (int exit, _, string errors) = Cli.Run(
            "segment", "--model", Models.CamVid, "--input", TestImages.Street, "--output", output, "--region",
            "0,0.4,0.9,1", "--working-side", "300");
        Assert.That(exit, Is.Zero, errors);
        byte[] mask = IndexPng.Read(Directory.GetFiles(output, "*_mask.png").Single()).Ids.ToArray();
        var options = new FastScnnSegmenterOptions
        {
            Inference = new() { RegionOfInterest = new(0, 0.4, 0.9, 1), WorkingSide = 300 }
        };
        using var same = FastScnnSegmenter.Load(Models.CamVid, options);
        Assert.That(mask, Is.EqualTo(same.Segment(TestImages.Street).ClassIds.ToArray()));
        Assert.That(File.ReadLines(Path.Combine(output, "results.jsonl")).First(),
            Does.Contain("0,0.4,0.9,1").And.Contain("--working-side"));
    }

    [TestCase("--region", "0,0,1", "--region is '0,0,1'; expected 4 numbers")]
    [TestCase("--region", "0.5,0,0.2,1", "--region: A region of interest from 0.5, 0 to 0.2, 1")]
    [TestCase("--working-side", "16", "--working-side is 16 pixels: expected 32 or more")]
    [TestCase("--scales", "0.75;1", "--scales is '0.75;1'")]
    [TestCase("--scales", "9", "--scales: Scale 9: expected 0.1 to 4")]
    [TestCase("--tile", "1024x", "--tile is '1024x'")]
    [TestCase("--tile", "16x512", "--tile: A tile side of 16 pixels: expected 32 or more")]
    [TestCase("--tile-overlap", "0.5", "needs --tile")]
    [TestCase("--threads", "-2", "--threads: -2 threads: expected")]
    [TestCase("--batch-size", "0", "--batch-size is 0; it must be 1 to 1024")]
    [TestCase("--batch-size", "1025", "--batch-size is 1025; it must be 1 to 1024")]
    [TestCase("--providers", "GPU,CPU", "--providers: There is no execution provider 'GPU'; expected one of CPU")]
    [TestCase("--providers", "CPU,cpu", "--providers: CPU is in the list 2 times")]
    [TestCase("--providers", "QNN", "End --providers with CPU")]
    public void Segment_names_the_option_that_is_wrong(string option, string value, string expected)
    {
        (int exit, _, string errors) = Cli.Run("segment", "--model", Models.CamVid, "--input", TestImages.Street,
            "--output", TestFiles.NewFolder(), option, value);
        Assert.That((exit, errors.Trim().Split('\n').Length), Is.EqualTo((1, 1)), errors);
        Assert.That(errors, Does.Contain(expected).And.Not.Contain("Parameter"));
    }

    [Test]
    public void Segment_in_batches_writes_the_same_masks_and_names_what_is_bad()
    {
        string input = TestFiles.NewFolder(), alone = TestFiles.NewFolder(), together = TestFiles.NewFolder();
        byte[] jpeg = TestImages.Jpeg(96, 64);
        foreach (int i in Enumerable.Range(0, 6))
            File.WriteAllBytes(Path.Combine(input, $"{i}.jpg"),
                i == 2 ? jpeg[..300] : i % 2 == 0 ? jpeg : TestImages.Turned(jpeg));
        Assert.That(Run(alone).Exit, Is.EqualTo(1));
        (int exit, string errors) = Run(together, "--batch-size", "4", "--jobs", "1");
        Assert.That((exit, errors.Contains("2.jpg"), errors.Contains("3.jpg")), Is.EqualTo((1, true, false)), errors);
        string[] masks = [.. Directory.GetFiles(alone, "*_mask.png").Select(Path.GetFileName)!];
        Assert.That(masks, Has.Length.EqualTo(5));
        foreach (string mask in masks)
            Assert.That(File.ReadAllBytes(Path.Combine(together, mask)),
                Is.EqualTo(File.ReadAllBytes(Path.Combine(alone, mask))), mask);

        (int Exit, string Errors) Run(string output, params string[] options)
        {
            (int exit, _, string errors) = Cli.Run(
                ["segment", "--model", Models.CamVid, "--input", input, "--output", output, .. options]);
            return (exit, errors);
        }
    }

    [Test]
    public void Export_writes_what_segment_loads()
    {
        string file = Path.Combine(TestFiles.NewFolder(), "new", "model.onnx");
        (int exit, _, string errors) = Cli.Run(
            "export", "--checkpoint", TestFiles.Shared("reference", "camvid-pytorch-60ep.pth"), "--classes",
            TestFiles.Shared("camvid", "classes.json"), "--output", file);
        Assert.That(exit, Is.Zero, errors);
        using var segmenter = FastScnnSegmenter.Load(file);
        Assert.That(segmenter.Classes, Is.EqualTo(ClassList.CamVid));
    }

    [Test]
    public void Quantize_writes_an_int8_model_and_export_a_half_one()
    {
        string folder = TestFiles.NewFolder(), images = Path.Combine(folder, "images"),
            int8 = Path.Combine(folder, "new", "int8.onnx"), half = Path.Combine(folder, "half.onnx");
        string weights = TestFiles.Shared("reference", "camvid-pytorch-60ep.pth"),
            classes = TestFiles.Shared("camvid", "classes.json");
        Directory.CreateDirectory(images);
        foreach (string image in TestImages.Val(3))
            File.Copy(image, Path.Combine(images, Path.GetFileName(image)));
        (int exit, string output,
            string errors) = Cli.Run("quantize", "--checkpoint", weights, "--classes", classes, "--images", images,
                "--count", "2", "--output", int8, "--percentile", "99.9");
        Assert.That(exit, Is.Zero, errors);
        Assert.That(output, Does.Contain("8 bits, 11 classes, measured on 2 images"));
        Assert.That(Cli.Run("export", "--checkpoint", weights, "--classes", classes, "--precision", "Float16",
            "--output", half).Exit, Is.Zero);
        using FastScnnSegmenter single = FastScnnSegmenter.Load(Models.CamVid), eighth = FastScnnSegmenter.Load(int8),
            sixteenth = FastScnnSegmenter.Load(half);
        byte[] expected = single.Segment(TestImages.Street).ClassIds.ToArray();
        Assert.That(TestImages.Agreement(eighth.Segment(TestImages.Street).ClassIds.Span, expected),
            Is.GreaterThan(0.95));
        Assert.That(TestImages.Agreement(sixteenth.Segment(TestImages.Street).ClassIds.Span, expected),
            Is.GreaterThan(0.995));

        (exit, _, errors) = Cli.Run("quantize", "--checkpoint", weights, "--images", images, "--output", int8,
            "--percentile", "20");
        Assert.That((exit, errors.Trim().Split('\n').Length), Is.EqualTo((1, 1)), errors);
        Assert.That(errors, Does.Contain("20").And.Contain("100"));
    }

    [Test]
    public void Faults_are_one_line_without_a_stack_trace()
    {
        (int exit, _, string errors) = Cli.Run("segment", "--model", "none.onnx", "--input", TestImages.Street,
            "--output", TestFiles.NewFolder());
        Assert.That(exit, Is.EqualTo(1));
        Assert.That(errors.Trim().Split('\n'), Has.Length.EqualTo(1));
        Assert.That(errors, Does.Contain("none.onnx"));
    }

    [Test]
    public void Train_learns_and_eval_scores_what_it_learned()
    {
        string data = TestFiles.NewFolder(), run = Path.Combine(data, "run");
        Assert.That(Cli.Run("generate", "--output", data, "--count", "4", "--val-count", "3", "--size", "64x96").Exit,
            Is.Zero);
        (int exit, string output,
            string errors) = Cli.Run("train", "--root", data, "--output", run, "--crop-size", "48x64", "--epochs", "2",
                "--batch-size", "2", "--input-scale", "2");
        Assert.That(exit, Is.Zero, errors);
        Assert.That(output,
            Does.Contain("4 images to learn from, 3 to validate with, 12 classes").And.Contain(
                "epoch 2: loss").And.Match(
                    @"epoch \d of 2, mIoU [\d.]+ %.*, pixel accuracy [\d.]+ % on the validation split"));
        Assert.That(Cli.Run("train", "--root", data, "--output", run, "--crop-size", "48x64", "--batch-size",
            "2").Errors, Does.Contain("state.safetensors").And.Contain("resume").IgnoreCase);

        Dictionary<string, JsonElement> scores = [];
        foreach (string model in new[] { "model.onnx", "best.safetensors" })
        {
            (exit, output, errors) = Cli.Run("eval", "--model", Path.Combine(run, model), "--root", data, "--json",
                "--report", Path.Combine(data, "reports", model + ".html"));
            Assert.That(exit, Is.Zero, errors);
            scores[model] = JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]).RootElement;
        }
        CheckTrust(data, run, output, scores["best.safetensors"]);
        JsonElement score = scores["model.onnx"];
        Assert.That(score.GetProperty("images").GetInt32(), Is.EqualTo(3));
        int unseen = score.GetProperty("neverSeen").GetArrayLength();
        Assert.That(score.GetProperty("classes").GetInt32(), Is.EqualTo(12));
        Assert.That(score.GetProperty("classesScored").GetInt32(), Is.EqualTo(12 - unseen));
        Assert.That(score.GetProperty("neverLabelled").GetArrayLength(), Is.AtLeast(unseen));
        Assert.That(output,
            Does.Contain(FormattableString.Invariant(
                $"3 images: mIoU {100 * score.GetProperty("meanIoU").GetDouble():F2} %")));
        if (score.GetProperty("neverLabelled").GetArrayLength() > 0)
            Assert.That(output, Does.Contain($"({12 - unseen} of 12 classes; "));
        Assert.That(score.GetProperty("perClassIoU").EnumerateObject().Select(c => c.Name),
            Is.EqualTo(StreetScene.Classes.Select(c => c.Name)));
        Assert.That(score.GetRawText(), Is.EqualTo(scores["best.safetensors"].GetRawText()),
            "weights are scored as the model that they become");
        XElement report = XDocument.Load(Path.Combine(data, "reports", "model.onnx.html")).Root!;
        Assert.That(report.Descendants("article").Count(), Is.EqualTo(3));
        Assert.That(report.Value,
            Does.Contain(FormattableString.Invariant($"{100 * score.GetProperty("meanIoU").GetDouble():F2} %")));
        Assert.That(report.Descendants("h2").Select(h => h.Value), Does.Contain("Learning curves"),
            "the log lies beside the model");
        // As models are given away: one name for the model and its log, and none of another training beside it.
        string given = Path.Combine(data, "given");
        Directory.CreateDirectory(given);
        File.Copy(Path.Combine(run, "model.onnx"), Path.Combine(given, "street.onnx"));
        File.Copy(Path.Combine(run, "log.jsonl"), Path.Combine(given, "street.log.jsonl"));
        (exit, _, errors) = Cli.Run("eval", "--model", Path.Combine(given, "street.onnx"), "--root", data, "--report",
            Path.Combine(given, "report.html"));
        Assert.That(exit, Is.Zero, errors);
        Assert.That(XDocument.Load(Path.Combine(given, "report.html")).Root!.Descendants("h2").Select(h => h.Value),
            Does.Contain("Learning curves"));
        (exit, output, errors) = Cli.Run("eval", "--model", Path.Combine(run, "model.onnx"), "--root", data, "--report",
            run);
        Assert.That((exit, errors.Trim().Split('\n').Length), Is.EqualTo((1, 1)), errors);
        Assert.That(errors, Does.Contain("--report").And.Contain(run).And.Contain("folder"));
        double logged = double.Parse(
            Checkpoint.Load(Path.Combine(run, "best.safetensors")).Info.Training["validation mIoU"],
            CultureInfo.InvariantCulture);
        Assert.That(score.GetProperty("meanIoU").GetDouble(), Is.EqualTo(logged).Within(0.002),
            "ONNX Runtime and libtorch differ in the last digits");
    }

    // Boundary IoU, scores by image and calibration.
    private static void CheckTrust(string data, string run, string output, JsonElement score)
    {
        Assert.That(score.GetProperty("perClassBoundaryIoU").EnumerateObject().Select(c => c.Name),
            Is.EqualTo(StreetScene.Classes.Select(c => c.Name)));
        Assert.That(score.GetProperty("calibration").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(output, Does.Match(@"boundary IoU [\d.]+ % \(within 2 % of the image's diagonal\)"));
        JsonElement[] images = [.. score.GetProperty("imageScores").EnumerateArray()];
        string[] ranked = [.. images.OrderBy(image => image.GetProperty("meanIoU").GetDouble())
            .Select(image => image.GetProperty("name").GetString()!)];
        Assert.That(new[] { "worstImage", "medianImage", "bestImage" }.Select(name => score.GetProperty(name)
            .GetString()), Is.EqualTo(ranked));
        Assert.That(output, Does.Match($@"mIoU by image: worst .*{ranked[0]}.*, median .*, best .*{ranked[2]}"));
        string[] lines = File.ReadAllLines(Path.Combine(data, "reports", "best.safetensors.images.csv"));
        Assert.That(lines[0], Is.EqualTo("image,meanIoU,pixelAccuracy,labelledPixels"));
        Assert.That(lines.Skip(1), Is.EqualTo(images.Select(image => FormattableString.Invariant(
            $"{image.GetProperty("name").GetString()},{image.GetProperty("meanIoU").GetDouble():F6},")
            + FormattableString.Invariant($"{image.GetProperty("pixelAccuracy").GetDouble():F6},")
            + image.GetProperty("labelledPixels").GetInt64().ToString(CultureInfo.InvariantCulture))));

        (int exit, output, string errors) = Cli.Run("eval", "--model", Path.Combine(run, "model.onnx"), "--root", data,
            "--json", "--calibration", "--boundary-distance", "0.05");
        Assert.That(exit, Is.Zero, errors);
        JsonElement sure = JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]).RootElement;
        Assert.That(sure.GetProperty("meanIoU").GetDouble(), Is.EqualTo(score.GetProperty("meanIoU").GetDouble()));
        Assert.That(sure.GetProperty("boundaryDistance").GetDouble(), Is.EqualTo(0.05));
        JsonElement calibration = sure.GetProperty("calibration");
        Assert.That(calibration.GetProperty("bins").EnumerateArray().Sum(bin => bin.GetProperty("pixels").GetInt64()),
            Is.EqualTo(score.GetProperty("labelledPixels").GetInt64()));
        double error = calibration.GetProperty("expectedCalibrationError").GetDouble();
        Assert.That(output, Does.Contain(FormattableString.Invariant($"expected calibration error {100 * error:F2} %")));
        (exit, _, errors) = Cli.Run("eval", "--model", Path.Combine(run, "model.onnx"), "--root", data,
            "--boundary-distance", "2");
        Assert.That((exit, errors), Is.EqualTo((1, errors)));
        Assert.That(errors, Does.StartWith("--boundary-distance is 2; "));
    }

    [TestCase(1, "one image", "Add images")]
    [TestCase(3, "3 images", "2 to 3")]
    public void Too_few_images_are_refused_with_what_works(int images, string found, string advice)
    {
        string data = TestFiles.NewFolder();
        Assert.That(Cli.Run("generate", "--output", data, "--count", $"{images}", "--val-count", "1", "--size",
            "64x96").Exit, Is.Zero);
        (int exit, _, string errors) = Cli.Run("train", "--root", data, "--output", Path.Combine(data, "run"),
            "--crop-size", "48x64");
        Assert.That(exit, Is.EqualTo(1));
        Assert.That(errors,
            Does.Contain(found).And.Contain(advice).And.Not.Contain("DropLast").And.Not.Contain("Parameter"));
        Assert.That(Directory.Exists(Path.Combine(data, "run")), Is.False);
    }

    [Test]
    public void Eval_refuses_a_model_of_other_classes()
    {
        string data = TestFiles.NewFolder();
        Assert.That(Cli.Run("generate", "--output", data, "--count", "1", "--val-count", "1", "--size", "64x96").Exit,
            Is.Zero);
        string classes = Path.Combine(data, "classes.json");
        // As many classes, two of them in each other's place: the scores would be wrong, and nothing else would tell.
        new ClassList(StreetScene.Classes.Skip(1).Take(1).Concat(StreetScene.Classes.Take(1))
            .Concat(StreetScene.Classes.Skip(2))).Save(classes);
        string model = Path.Combine(TestFiles.Root, "samples", "models", "fastscnn-scenes");
        foreach (string file in new[] { model + ".onnx", model + ".safetensors" })
        {
            (int exit, _, string errors) = Cli.Run("eval", "--model", file, "--root", data);
            Assert.That(exit, Is.EqualTo(1));
            Assert.That(errors,
                Does.Contain(file).And.Contain("has the classes road, sidewalk,").And.Contain(
                    "the data set has sidewalk, road,"));
        }
    }

    [Test]
    public void NamesOfClassesMayDifferInCase_AndGenerateLeavesTheListOfAnotherDataSet()
    {
        string data = TestFiles.NewFolder(), classes = Path.Combine(data, "classes.json"),
            report = Path.Combine(data, "report.html");
        string[] generate = ["generate", "--output", data, "--count", "1", "--val-count", "1", "--size", "64x96"];
        Assert.That(Cli.Run(generate).Exit, Is.Zero);
        var upper = new ClassList(StreetScene.Classes.Select(c => c with { Name = c.Name.ToUpperInvariant() }));
        upper.Save(classes);
        (int exit, _, string errors) = Cli.Run("eval", "--model",
            Path.Combine(TestFiles.Root, "samples", "models", "fastscnn-scenes.onnx"), "--root", data, "--report",
            report);
        Assert.That(exit, Is.Zero, errors);
        Assert.That(XDocument.Load(report).Root!.Value, Does.Contain("SIDEWALK"));

        (exit, _, errors) = Cli.Run(generate);
        Assert.That(exit, Is.EqualTo(1));
        Assert.That(errors, Does.Contain(classes).And.Contain("other classes"));
        Assert.That(ClassList.Load(classes), Is.EqualTo(upper));
    }

    [Test]
    public void GenerateDrawsAgainAndMore_ButNotAmongOtherScenes()
    {
        string data = TestFiles.NewFolder(), train = Path.Combine(data, "images", "train");
        string[] Generate(string count, string size) =>
        [
            "generate", "--output", data, "--count", count, "--val-count", "0", "--size", size
        ];
        Assert.That(Cli.Run(Generate("2", "48x64")).Exit, Is.Zero);
        Assert.That(Cli.Run(Generate("3", "48x64")).Exit, Is.Zero);
        byte[] before = File.ReadAllBytes(Path.Combine(train, "scene_000000.png"));
        (int exit, _, string errors) = Cli.Run(Generate("1", "64x96"));
        Assert.That((exit, errors.Trim().Split('\n').Length), Is.EqualTo((1, 1)), errors);
        Assert.That(errors,
            Does.Contain($"'{train}' holds other images than the 1 to draw: 2").And.Contain("'scene_000001.png'"));
        Assert.That(File.ReadAllBytes(Path.Combine(train, "scene_000000.png")), Is.EqualTo(before));
    }

    [Test]
    public void Eval_takes_a_model_that_names_no_classes()
    {
        string data = TestFiles.NewFolder(), model = Path.Combine(data, "tiny.onnx");
        Assert.That(Cli.Run("generate", "--output", data, "--count", "1", "--val-count", "1", "--size", "64x96").Exit,
            Is.Zero);
        new ClassList(StreetScene.Classes.Take(3)).Save(Path.Combine(data, "classes.json"));
        string mask = Path.Combine(data, "masks", "val", "scene_000000.png");
        IndexPng.Write(mask, 96, 64, new byte[64 * 96]);
        File.WriteAllBytes(model, Models.Tiny);
        string report = Path.Combine(data, "report.html");
        (int exit, string output,
            string errors) = Cli.Run("eval", "--model", model, "--root", data, "--json", "--flip", "--scales", "1,0.5",
                "--tile", "32", "--report", report);
        Assert.That(exit, Is.Zero, errors);
        Assert.That(output, Does.Contain("\"images\":1"));
        Assert.That(XDocument.Load(report).Root!.Value,
            Does.Contain("at scales 1, 0.5, mirrored too, in tiles of 32x32, 25 % shared"));
    }

    [Test]
    public void Train_names_the_option_that_is_wrong()
    {
        string data = TestFiles.NewFolder();
        Assert.That(Cli.Run("generate", "--output", data, "--count", "2", "--val-count", "1", "--size", "48x64").Exit,
            Is.Zero);
        foreach ((string option, string value) in new[]
        {
            ("--crop-size", "48x"), ("--scale", "1"), ("--loss", "mse"), ("--jitter", "1,2"), ("--schedule", "step"),
            ("--batch-size", "0"), ("--lr", "-1"), ("--crop-size", "16"), ("--jitter", "1,999,0,0,0"),
            ("--warp", "1,90"), ("--gamma", "x"), ("--jpeg", "0.5,30.5"), ("--noise", "0.5,8,1"), ("--mosaic", "2")
        })
        {
            (int exit, _, string errors) = Cli.Run("train", "--root", data, "--output", Path.Combine(data, "run"),
                option, value);
            Assert.That(exit, Is.Not.Zero);
            string found = option is "--jitter" or "--warp" ? value.Split(',')[1] : value;
            Assert.That(errors,
                Does.Contain(found).And.Contain(option == "--schedule" ? "one-cycle" : option)
                    .And.Not.Contain("(Parameter"));
        }
        Assert.That(Directory.Exists(Path.Combine(data, "run")), Is.False);
    }
}
