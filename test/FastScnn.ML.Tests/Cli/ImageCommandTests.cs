using System.Text.Json;
using FastScnn.ML.Imaging;
using FastScnn.ML.Tests.Images;
using FastScnn.Testing;
using FastScnn.Torch.Data;

namespace FastScnn.ML.Tests.Cli;

/// <summary>What the commands do with files that claim, lack or are something else.</summary>
public class ImageCommandTests
{
    private const long Gigabyte = 1L << 30;

    private static readonly string[] s_apiNames =
    [
        "FastScnnSegmenterOptions", "ImageDecoderOptions", "MaxPixels", "AcceptIncomplete", "imageStream",
        "PixelBuffer"
    ];

    [Test]
    public void Segment_refuses_hostile_and_cut_files_by_name_within_a_gigabyte()
    {
        string input = TestFiles.NewFolder(), output = Path.Combine(TestFiles.NewFolder(), "results");
        IReadOnlyList<string> bad = WriteBad(input);
        File.Copy(TestImages.Street, Path.Combine(input, "street.png"));
        (int exit, string text, string errors,
            long peak) = Cli.RunMeasured("segment", "--model", Models.CamVid, "--input", input, "--output", output,
                "--jobs", "2", "--json");
        TestContext.Out.WriteLine($"segment: {peak >> 20} MiB");
        Assert.That(exit, Is.EqualTo(1));
        Assert.That(errors.TrimEnd().Split('\n'), Has.Length.EqualTo(bad.Count).And.All.Contains(input));
        Assert.That(errors,
            Does.Contain("--max-pixels").And.Contain("--accept-incomplete").And.Contain("cut short").And.Contain(
                "30000 x 30000"));
        Assert.That(s_apiNames.Where(name => errors.Contains(name, StringComparison.Ordinal)), Is.Empty);
        Assert.That(Directory.GetFiles(output, "*_mask.png").Select(Path.GetFileName),
            Is.EqualTo(new[] { "street_mask.png" }));
        if (OperatingSystem.IsLinux())
            Assert.That(peak, Is.InRange(1, Gigabyte));
    }

    [Test]
    public void Check_data_refuses_them_too_within_a_gigabyte()
    {
        string root = TestFiles.NewFolder(), images = Path.Combine(root, "images", "train"),
            masks = Path.Combine(root, "masks", "train");
        Directory.CreateDirectory(images);
        Directory.CreateDirectory(masks);
        IReadOnlyList<string> bad = WriteBad(images);
        foreach (string name in bad)
            IndexPng.Write(Path.Combine(masks, Path.GetFileNameWithoutExtension(name) + ".png"), 60, 40,
                new byte[60 * 40]);
        File.WriteAllText(Path.Combine(root, "classes.json"),
            """{ "classes": [ { "name": "a", "color": [1, 2, 3] }, { "name": "b", "color": [4, 5, 6] } ] }""");
        (int exit, string text, string errors,
            long peak) = Cli.RunMeasured("check-data", "--root", root, "--split", "train", "--json");
        TestContext.Out.WriteLine($"check-data: {peak >> 20} MiB");
        Assert.That(exit, Is.EqualTo(1));
        using JsonDocument json = JsonDocument.Parse(text.TrimEnd().Split('\n')[^1]);
        string[] faults =
        [
            .. json.RootElement.GetProperty("splits")[0].GetProperty("faults").EnumerateArray()
                .Select(fault => fault.GetString()!)
        ];
        Assert.That(faults, Has.Length.EqualTo(bad.Count));
        Assert.That(bad.Where(name =>
            !faults.Any(fault => fault.Contains(Path.Combine(images, name), StringComparison.Ordinal))), Is.Empty);
        Assert.That(faults,
            Has.Some.Contains("--max-pixels").And.Some.Contains("cut short").And.None.Contains("--accept-incomplete"));
        Assert.That(s_apiNames.Where(name => (errors + text).Contains(name, StringComparison.Ordinal)), Is.Empty);
        if (OperatingSystem.IsLinux())
            Assert.That(peak, Is.InRange(1, Gigabyte));
    }

    [Test]
    public void Segment_takes_the_options_that_its_messages_name()
    {
        string input = TestFiles.NewFolder(), output = TestFiles.NewFolder();
        byte[] jpeg = TestImages.Jpeg(96, 64);
        File.WriteAllBytes(Path.Combine(input, "half.jpg"), jpeg[..(jpeg.Length / 2)]);
        File.WriteAllBytes(Path.Combine(input, "turned.jpg"), TestImages.Turned(jpeg));
        Assert.That(Cli.Run("segment", "--model", Models.CamVid, "--input", input, "--output", output,
            "--accept-incomplete", "--as-stored").Exit, Is.Zero);
        Assert.That(Size(output, "turned"), Is.EqualTo((96, 64)));
        (int exit, _, string errors) = Cli.Run("segment", "--model", Models.CamVid, "--input", input, "--output",
            output);
        Assert.That((exit, Size(output, "turned")), Is.EqualTo((1, (64, 96))), errors);
        Assert.That(errors, Does.Contain("half.jpg").And.Contain("--accept-incomplete"));
        Assert.That(Cli.Run("segment", "--model", Models.CamVid, "--input", input, "--output", output, "--max-pixels",
            "6000").Errors, Does.Contain("96 x 64").And.Contain("raise --max-pixels"));

        static (int, int) Size(string folder, string name)
        {
            LabelMap mask = IndexPng.Read(Path.Combine(folder, name + "_mask.png"));
            using var overlay = ImageDecoder.Read(Path.Combine(folder, name + "_overlay.png"));
            Assert.That((overlay.Width, overlay.Height), Is.EqualTo((mask.Width, mask.Height)));
            return (mask.Width, mask.Height);
        }
    }

    // Names of files that no command may read, each with a name of its own.
    private static List<string> WriteBad(string folder)
    {
        List<string> names = [];
        void Add(string name, byte[] file)
        {
            name = Path.GetFileNameWithoutExtension(name).Replace('.', '-') + "-" + names.Count
                + Path.GetExtension(name);
            File.WriteAllBytes(Path.Combine(folder, name), file);
            names.Add(name);
        }
        foreach (int side in new[] { 8000, 16_000, 30_000 })
            foreach ((string name, byte[] file) in MadeImages.Claiming(side))
            {
                Add($"{side}-{name}", file);
                // Under another name too: the content counts.
                Add($"{side}-{Path.GetFileNameWithoutExtension(name)}-as.jpg", file);
            }
        foreach ((string name, byte[] file) in MadeImages.Whole())
            foreach (int percent in new[] { 10, 50, 90, 99 })
                Add($"cut{percent}-{name}", file[..(file.Length * percent / 100)]);
        return names;
    }
}
