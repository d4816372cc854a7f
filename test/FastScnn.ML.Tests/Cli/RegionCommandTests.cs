using System.Text.Json.Nodes;
using FastScnn.ML.Imaging;
using FastScnn.ML.Regions;
using FastScnn.ML.Scoring;
using FastScnn.Scenes;
using FastScnn.Testing;

namespace FastScnn.ML.Tests.Cli;

/// <summary><c>fastscnn segment --regions</c>.</summary>
public class RegionCommandTests
{
    private static readonly string s_model =
        Path.Combine(TestFiles.Root, "samples", "models", "fastscnn-scenes.onnx");

    [Test]
    public void Each_image_has_a_file_of_its_regions()
    {
        string images = Images(2), output = TestFiles.NewFolder();
        foreach (string format in new[] { "geojson", "csv", "svg" })
        {
            string folder = Path.Combine(output, format);
            (int exit, _, string errors) = Cli.Run(Segment(images, folder, "--regions", format, "--min-area", "20"));
            Assert.That(exit, Is.Zero, errors);
            foreach (string mask in Directory.GetFiles(folder, "*_mask.png"))
            {
                SegmentationRegions regions = Map(mask).FindRegions(new() { MinArea = 20 });
                string text = File.ReadAllText(mask.Replace("_mask.png", "_regions." + format));
                if (format == "svg")
                    Assert.That(text, Is.EqualTo(regions.ToSvg()));
                else if (format == "csv")
                    Assert.That(text.Split('\n')[1..^1].Select(line => line.Split(',')).Select(cells =>
                        (cells[2], double.Parse(cells[^1]) is > 1.0 / 12 and <= 1)),
                        Is.EqualTo(regions.Select(region => ($"{region.Area}", true))));
                else
                    Assert.That(JsonNode.Parse(text)!["features"]!.AsArray().Select(feature =>
                        (int)feature!["properties"]!["area"]!), Is.EqualTo(regions.Select(region => region.Area)));
            }
            Assert.That(File.ReadLines(Path.Combine(folder, "results.jsonl")).Skip(1)
                .Select(line => (string)JsonNode.Parse(line)!["regions"]!),
                Is.EquivalentTo(Directory.GetFiles(folder, "*_regions." + format).Select(Path.GetFileName)));
        }
    }

    [Test]
    public void Coco_is_one_file_in_the_order_of_the_images_that_merged_shards_get_later()
    {
        string images = Images(5), whole = TestFiles.NewFolder(), parts = TestFiles.NewFolder();
        Assert.That(Cli.Run(Segment(images, whole, "--regions", "coco", "--simplify", "1")).Exit, Is.Zero);
        JsonNode json = JsonNode.Parse(File.ReadAllText(Path.Combine(whole, "annotations.json")))!;
        Assert.That(json["images"]!.AsArray().Select(image => (string)image!["file_name"]!),
            Is.EqualTo(Directory.GetFiles(images).Select(Path.GetFileName).Order(StringComparer.Ordinal)));
        Assert.That(json["annotations"]!.AsArray().Select(annotation => (int)annotation!["image_id"]!).Distinct(),
            Is.EqualTo(Enumerable.Range(1, 5)));

        (int exit, _, string errors) = Cli.Run(Segment(images, parts, "--shard", "1/2", "--regions", "coco"));
        Assert.That((exit, errors), Is.EqualTo((1, "--regions coco is made of the masks of all images, and --shard "
            + "scores a part of them. Score and merge the shards; then give this command without --shard and with "
            + "--skip-existing." + Environment.NewLine)));
        foreach (string shard in new[] { "1/2", "2/2" })
            Assert.That(Cli.Run(Segment(images, parts, "--shard", shard)).Exit, Is.Zero);
        Assert.That(Cli.Run("merge", "--input", parts).Exit, Is.Zero);
        (exit, string text, errors) =
            Cli.Run(Segment(images, parts, "--skip-existing", "--regions", "coco", "--simplify", "1"));
        Assert.That(exit, Is.Zero, errors);
        Assert.That(text, Does.Contain("5 of 5 images were done before"));
        Assert.That(File.ReadAllBytes(Path.Combine(parts, "annotations.json")),
            Is.EqualTo(File.ReadAllBytes(Path.Combine(whole, "annotations.json"))));
    }

    [Test]
    public void Shards_write_the_files_of_their_images_and_go_on_with_the_same_options_alone()
    {
        string images = Images(4), output = TestFiles.NewFolder();
        foreach (string shard in new[] { "1/2", "2/2" })
            Assert.That(Cli.Run(Segment(images, output, "--shard", shard, "--regions", "csv")).Exit, Is.Zero);
        Assert.That(Cli.Run("merge", "--input", output).Exit, Is.Zero);
        Assert.That(Directory.GetFiles(output, "*_regions.csv"), Has.Length.EqualTo(4));
        (int exit, _, string errors) =
            Cli.Run(Segment(images, output, "--skip-existing", "--regions", "csv", "--min-area", "9"));
        Assert.That(exit, Is.EqualTo(1));
        Assert.That(errors, Does.Contain("was written with --min-area 1, and this run has 9"));
    }

    [TestCase("--min-area and --simplify are about regions; give --regions or --pre-label too.", "--min-area", "5")]
    [TestCase("Give --regions or --pre-label, not both.", "--regions", "csv", "--pre-label", "coco")]
    [TestCase("--pre-label labelme is made of the masks of all images, and --shard scores a part of them. Score and "
        + "merge the shards; then give this command without --shard and with --skip-existing.",
        "--pre-label", "labelme", "--shard", "1/2")]
    [TestCase("--pre-label writes labels for tools that show images upright, and --as-stored takes them as they are "
        + "stored; leave one of the two.", "--pre-label", "coco", "--as-stored")]
    [TestCase("--confidence-threshold writes masks to train on, without files of regions; leave it or --pre-label.",
        "--pre-label", "labelme", "--confidence-threshold", "0.9")]
    [TestCase("--min-area is 0; it must be 1 or more.", "--regions", "csv", "--min-area", "0")]
    [TestCase("--simplify is -1; it must be 0 or more and finite.", "--regions", "svg", "--simplify", "-1")]
    [TestCase("--confidence-threshold writes masks to train on, without files of regions; leave it or --regions.",
        "--regions", "csv", "--confidence-threshold", "0.9")]
    public void What_does_not_fit_is_refused(string message, params string[] options)
    {
        (int exit, _, string errors) = Cli.Run(Segment(TestImages.Street, TestFiles.NewFolder(), options));
        Assert.That((exit, errors.TrimEnd()), Is.EqualTo((1, message)));
    }

    private static SegmentationMap Map(string mask)
    {
        using var segmenter = FastScnnSegmenter.Load(s_model);
        return SegmentationMap.Load(mask, segmenter.Classes);
    }

    private static string[] Segment(string images, string output, params string[] options) =>
        ["segment", "--model", s_model, "--input", images, "--output", output, "--threads", "1", .. options];

    private static string Images(int count)
    {
        string root = TestFiles.NewFolder();
        StreetSceneFolder.Write(root, "train", count, new StreetSceneOptions { Width = 96, Height = 64, Seed = 1 });
        return Path.Combine(root, "images", "train");
    }
}
