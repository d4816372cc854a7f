using System.Text.Json.Nodes;
using FastScnn.ML.Imaging;
using FastScnn.ML.Tests.Regions;
using FastScnn.Testing;
using FastScnn.Torch.Data;

namespace FastScnn.ML.Tests.Cli;

/// <summary><c>fastscnn segment --pre-label</c>, and back again with <c>fastscnn import</c>.</summary>
public class PreLabelCommandTests
{
    private const string Labelme = "labelme", Coco = "coco";

    [Test]
    public void Random_maps_come_back_from_both_tools_as_they_were()
    {
        string images = TestFiles.NewFolder(), output = TestFiles.NewFolder();
        Dictionary<string, byte[]> expected = [];
        foreach ((int i, SegmentationMap map) in RegionMaps.Random(40).Append(RegionMaps.Blots(90, 50)).Index())
        {
            RawPng.Write(Path.Combine(images, $"{i}.png"), map.Width, map.Height, RawPng.Rgb, 8,
                (x, y) => [x * 13 % 256, y * 7 % 256, 90]);
            expected[$"{i}"] = [.. map.ClassIds.ToArray().Select(id => id == 255 ? (byte)4 : id)];
        }
        Ok(Segment("scenes", images, output));
        foreach ((string name, byte[] ids) in expected)
        {
            string mask = Path.Combine(output, $"{name}_mask.png");
            LabelMap was = IndexPng.Read(mask);
            IndexPng.Write(mask, was.Width, was.Height, ids);
        }
        foreach (string tool in new[] { Labelme, Coco })
        {
            Ok(Segment("scenes", images, output, "--skip-existing", "--pre-label", tool));
            AssertImported(tool, output, images, expected);
        }
        // As is told where a tool may have put shapes in another order.
        AssertImported(Labelme, output, images, expected, "--overlap", "small");
    }

    [Test]
    public void Photos_of_a_list_come_back_with_the_classes_that_the_model_gave()
    {
        string folder = TestFiles.NewFolder(), list = Path.Combine(folder, "next.txt"),
            output = Path.Combine(folder, "out");
        string[] photos =
        [
            .. Directory.GetFiles(TestFiles.Shared("camvid", "images", "val")).Order(StringComparer.Ordinal)
                .Where((_, i) => i % 25 == 0)
        ];
        Directory.CreateDirectory(Path.Combine(folder, "photos"));
        foreach (string photo in photos)
            File.Copy(photo, Path.Combine(folder, "photos", Path.GetFileName(photo)));
        File.WriteAllLines(list, photos.Select(photo => "photos/" + Path.GetFileName(photo)));
        string text = Ok(["segment", "--model", Model("camvid"), "--list", list, "--output", output, "--pre-label",
            Labelme]);
        Assert.That(text, Does.Contain($"labels of {photos.Length} images to correct in "));
        Ok(["segment", "--model", Model("camvid"), "--list", list, "--output", output, "--pre-label", Coco,
            "--skip-existing"]);
        Dictionary<string, byte[]> expected = photos.ToDictionary(photo => Path.GetFileNameWithoutExtension(photo)!,
            photo => Ids(Path.Combine(output, "photos", Path.GetFileNameWithoutExtension(photo) + "_mask.png")));
        Assert.That(expected.Values.SelectMany(ids => ids).Distinct().Count(), Is.GreaterThan(5), "no empty masks");
        AssertImported(Labelme, output, folder, expected);
        AssertImported(Coco, output, folder, expected);

        // labelme opens the image from the folder of the JSON file.
        string json = Directory.GetFiles(Path.Combine(output, "labelme", "photos"))[0];
        JsonNode labels = JsonNode.Parse(File.ReadAllText(json))!;
        string image = (string)labels["imagePath"]!;
        Assert.That(image, Does.StartWith("../../../photos/"));
        Assert.That(Path.GetFullPath(Path.Combine(Path.GetDirectoryName(json)!, image)), Does.Exist);
        Assert.That(labels["shapes"]!.AsArray().Select(shape => (string)shape!["shape_type"]!),
            Has.All.EqualTo("polygon"));
    }

    [Test]
    public void Corrected_labels_are_never_overwritten()
    {
        string images = TestFiles.NewFolder(), output = TestFiles.NewFolder();
        foreach (string name in new[] { "a.png", "b.png" })
            RawPng.Write(Path.Combine(images, name), 40, 30, RawPng.Rgb, 8, (x, y) => [x * 6, y * 8, 90]);
        string[] segment = Segment("scenes", images, output, "--pre-label", Labelme);
        Ok(segment);
        string a = Path.Combine(output, "labelme", "a.json"), b = Path.Combine(output, "labelme", "b.json");
        File.WriteAllText(a, "corrected");
        File.Delete(b);
        File.Delete(Path.Combine(output, "b_mask.png"));
        (int exit, _, string errors) = Cli.Run(segment);
        Assert.That((exit, errors), Is.EqualTo((1, $"'{a}' is there already, and someone may have corrected it. Give "
            + $"--skip-existing, which keeps such files, or choose another --output.{Environment.NewLine}")));
        Assert.That(Path.Combine(output, "b_mask.png"), Does.Not.Exist, "refused before the work");
        Assert.That(Ok([.. segment, "--skip-existing"]), Does.Contain("labels of 1 images to correct in ")
            .And.Contain("; those of 1 were there before and are kept"));
        Assert.That((File.ReadAllText(a), File.Exists(b)), Is.EqualTo(("corrected", true)));

        File.WriteAllText(Path.Combine(output, "classes.json"),
            """{ "classes": [ { "name": "x", "color": [1, 2, 3] }, { "name": "y", "color": [4, 5, 6] } ] }""");
        (exit, _, errors) = Cli.Run([.. segment, "--skip-existing"]);
        Assert.That(exit, Is.EqualTo(1));
        Assert.That(errors, Does.Contain("classes.json' has the classes x, y, and the model "));
    }

    [Test]
    public void Small_regions_that_are_left_out_take_the_class_around_them()
    {
        string images = TestFiles.NewFolder(), output = TestFiles.NewFolder();
        RawPng.Write(Path.Combine(images, "a.png"), 8, 6, RawPng.Rgb, 8, (_, _) => [90, 90, 90]);
        Ok(Segment("scenes", images, output));
        byte[] ids = new byte[8 * 6], filled = new byte[8 * 6];
        ids[8 + 1] = 2;
        // At the edge there is no class around it.
        (ids[7], filled[7]) = (3, 255);
        IndexPng.Write(Path.Combine(output, "a_mask.png"), 8, 6, ids);
        foreach (string tool in new[] { Labelme, Coco })
        {
            Ok(Segment("scenes", images, output, "--skip-existing", "--min-area", "2", "--pre-label", tool));
            AssertImported(tool, output, images, new() { ["a"] = filled });
        }
    }

    private static void AssertImported(string tool, string output, string images, Dictionary<string, byte[]> expected,
        params string[] more)
    {
        string data = Path.Combine(TestFiles.NewFolder(), "data");
        string[] from = tool == Labelme
            ? ["--input", Path.Combine(output, "labelme"), "--classes", Path.Combine(output, "classes.json")]
            : ["--input", Path.Combine(output, "annotations.json"), "--images", images];
        string text = Ok(["import", "--from", tool, .. from, "--unlabeled", "ignore", "--output", data, "--json",
            .. more]);
        JsonNode json = JsonNode.Parse(text.TrimEnd().Split('\n')[^1])!;
        Assert.That((json["skipped"]!.AsArray().Count, json["faults"]!.AsArray().Count), Is.EqualTo((0, 0)), text);
        Assert.That(ClassList.Load(Path.Combine(data, "classes.json")).Names,
            Is.EqualTo(ClassList.Load(Path.Combine(output, "classes.json")).Names));
        string[] masks = Directory.GetFiles(Path.Combine(data, "masks"), "*.png", SearchOption.AllDirectories);
        Assert.That(masks.Select(Path.GetFileNameWithoutExtension), Is.EquivalentTo(expected.Keys));
        foreach (string mask in masks)
            Assert.That(Ids(mask), Is.EqualTo(expected[Path.GetFileNameWithoutExtension(mask)]), $"{tool} {mask}");
    }

    private static byte[] Ids(string mask) => IndexPng.Read(mask).Ids.ToArray();

    private static string Ok(string[] arguments)
    {
        (int exit, string text, string errors) = Cli.Run(arguments);
        Assert.That(exit, Is.Zero, text + errors);
        return text;
    }

    private static string Model(string name) =>
        Path.Combine(TestFiles.Root, "samples", "models", $"fastscnn-{name}.onnx");

    private static string[] Segment(string model, string images, string output, params string[] options) =>
        ["segment", "--model", Model(model), "--input", images, "--output", output, "--threads", "1", .. options];
}
