using System.Xml.Linq;
using FastScnn.Testing;
using FastScnn.Torch.Data;
using FastScnn.Torch.Training;
using FastScnn.Torch.Training.Reporting;

namespace FastScnn.Torch.Tests.Data;

/// <summary>Damaged labels, class lists and logs give a valid result or an <see cref="InvalidDataException"/> that
/// names the file.</summary>
public class DamagedDataTests
{
    private readonly string _folder = TestFiles.NewFolder();

    [TestCase("png_valid/basn0g01.png", 236)]
    [TestCase("png_valid/basn0g02.png", 227)]
    [TestCase("png_valid/basn0g04.png", 233)]
    [TestCase("png_valid/basn0g08.png", 232)]
    [TestCase("png_valid/basn3p01.png", 218)]
    [TestCase("png_valid/basn3p02.png", 212)]
    [TestCase("png_valid/basn3p04.png", 206)]
    [TestCase("png_valid/basn3p08.png", 218)]
    [TestCase("png_interlaced/basi0g01.png", 236)]
    [TestCase("png_interlaced/basi0g08.png", 240)]
    [TestCase("png_interlaced/basi3p04.png", 223)]
    [TestCase("png_interlaced/basi3p08.png", 220)]
    [TestCase("labels/label_16bit.png", 231)]
    [TestCase("labels/label_palette.png", 170)]
    public void Index_label(string file, int expected)
    {
        (int refused, int read) = DamagedCopies.Try<InvalidDataException>(
            File.ReadAllBytes(TestFiles.Shared("odd-images", file)),
            png =>
            {
                LabelMap map = IndexPng.Read(new MemoryStream(png), "label.png");
                Assert.That(map.Ids.Length, Is.EqualTo((long)map.Width * map.Height));
            },
            "label.png",
            mend: PngChecksums.Mend);
        Assert.That((refused, read), Is.EqualTo((expected, 250 - expected)),
            "read is what lies behind a mended checksum, or where nobody looks");
    }

    // Colours that a change turns into those of no class are refused too.
    [TestCase("labels/label_rgb.png", 241)]
    [TestCase("labels/label_rgba.png", 239)]
    [TestCase("labels/label_palette.png", 170)]
    public void Label_of_any_kind(string file, int expected)
    {
        string path = Path.Combine(_folder, Path.GetFileName(file));
        byte[] pixels = RgbPng.Read(TestFiles.Shared("odd-images", "labels", "label_rgb.png")).Pixels;
        var colors = new MaskColors(pixels.Chunk(3).Select(pixel => (pixel[0], pixel[1], pixel[2])).Distinct()
            .Select((color, i) => (color, (byte)i)));
        MaskRules rules = new(LabelMapping.Identity(ClassList.Cityscapes), new Lazy<MaskColors>(colors));
        (int refused, int read) = DamagedCopies.Try<InvalidDataException>(
            File.ReadAllBytes(TestFiles.Shared("odd-images", file)),
            png =>
            {
                File.WriteAllBytes(path, png);
                LabelMap map = MaskFile.Read(path, rules, ImageFiles.DefaultMaxPixels);
                Assert.That(map.Ids.ToArray(), Has.All.LessThan(19).Or.EqualTo(255));
            },
            path,
            mend: PngChecksums.Mend);
        Assert.That((refused, read), Is.EqualTo((expected, 250 - expected)));
    }

    [Test]
    public void Class_list()
    {
        string path = Path.Combine(_folder, "classes.json");
        ClassList.Cityscapes.Save(path);
        (int refused, int read) = DamagedCopies.Try<InvalidDataException>(
            File.ReadAllBytes(path),
            json =>
            {
                File.WriteAllBytes(path, json);
                Assert.That(ClassList.Load(path).Count, Is.InRange(ClassList.MinCount, ClassList.MaxCount));
            },
            path);
        Assert.That((refused, read), Is.EqualTo((228, 22)), "a letter of a name may be any");
    }

    [Test]
    public void Log_of_a_training()
    {
        TrainingFolder folder = new(_folder);
        WriteLog(folder.Log);
        (int refused, int read) = DamagedCopies.Try<InvalidDataException>(
            File.ReadAllBytes(folder.Log),
            log =>
            {
                File.WriteAllBytes(folder.Log, log);
                // What is drawn goes into pages: it must be well-formed and have places for its points.
                if (folder.DrawCurves() is { } svg)
                    Assert.That(XElement.Parse(svg).ToString(),
                        Does.Not.Contain("NaN").And.Not.Contain("∞").And.Not.Contain("Infinity"));
            },
            folder.Log);
        Assert.That(refused, Is.InRange(100, 180), "the time differs, and with it what a change of a digit does");
        Assert.That(refused + read, Is.EqualTo(250), "what a killed run left unfinished is no fault");
    }

    [Test]
    public void Log_that_a_resumed_training_appends_to()
    {
        string path = Path.Combine(_folder, "appended.jsonl");
        WriteLog(path);
        (int refused, int read) = DamagedCopies.Try<InvalidDataException>(
            File.ReadAllBytes(path),
            log =>
            {
                File.WriteAllBytes(path, log);
                try
                {
                    using (JsonLinesLog lines = new(path))
                        lines.Write(new Dictionary<string, object?> { ["event"] = "resume" });
                    Assert.That(File.ReadAllText(path), Does.EndWith("{\"event\":\"resume\"}\n"));
                }
                catch (InvalidDataException)
                {
                    Assert.That(File.ReadAllBytes(path), Is.EqualTo(log), "what is no log is left as it is");
                    throw;
                }
            },
            path);
        Assert.That(refused, Is.InRange(1, 30), "where the first line is none of JSON");
        Assert.That(refused + read, Is.EqualTo(250));
    }

    [TestCase("\"epoch\":0")]
    [TestCase("\"epoch\":-3")]
    [TestCase("\"epoch\":2.5")]
    [TestCase("\"epoch\":3000000000")]
    [TestCase("\"epoch\":1,\"meanIoU\":7")]
    [TestCase("\"epoch\":1,\"meanIoU\":1e999")]
    [TestCase("\"epoch\":1,\"pixelAccuracy\":-0.1")]
    [TestCase("\"epoch\":1,\"loss\":1e999")]
    [TestCase("\"epoch\":1,\"perClassIoU\":{\"road\":2}")]
    [TestCase("\"epoch\":1,\"perClassIoU\":[]")]
    public void Numbers_that_no_training_logs_are_refused(string members)
    {
        TrainingFolder folder = new(_folder);
        File.WriteAllText(folder.Log, $"{{\"event\":\"start\"}}\n{{\"event\":\"epoch\",{members}}}\n");
        Assert.That(folder.DrawCurves,
            Throws.TypeOf<InvalidDataException>().With.Message.Contains(folder.Log).And.Message.Contains("line 2"));
    }

    private static void WriteLog(string path)
    {
        using JsonLinesLog log = new(path);
        log.Write(new Dictionary<string, object?>
        {
            ["event"] = "start",
            ["step"] = 0,
            ["recipe"] = new Dictionary<string, string> { ["optimizer"] = "sgd" }
        });
        for (int epoch = 1; epoch <= 4; epoch++)
            log.Write(new EpochRecord
            {
                Epoch = epoch,
                Loss = 2.5 / epoch,
                MeanIoU = 0.1 * epoch,
                PixelAccuracy = 0.2 * epoch,
                PerClassIoU = new() { ["road"] = 0.3, ["sky"] = null },
            });
        log.Write(new Dictionary<string, object?> { ["event"] = "end", ["epoch"] = 4 });
    }
}
