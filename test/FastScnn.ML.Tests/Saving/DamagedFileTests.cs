using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.ML.Tests.Transforms;
using FastScnn.ML.Transforms;
using FastScnn.Testing;
using FastScnn.Torch.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.ML.Tests.Saving;

/// <summary>Model files that are damaged, incomplete or of a later version.</summary>
public class DamagedFileTests
{
    // ML.NET's header, whose fields from byte 16 on are where the transformer's own bytes begin and how many they are.
    private const int HeaderSize = 256;

    private readonly MLContext _context = new(seed: 1);

    private IDataView Data => _context.Data.LoadFromEnumerable([new ImageRow { Image = TestImages.Image(40, 33) }]);

    [TestCase("Model.onnx")]
    [TestCase("Settings.json")]
    public void A_missing_entry_is_named(string entry)
    {
        ModelZip zip = Segmentation();
        zip.Remove(zip.Path(entry));
        Assert.That(Fault(zip),
            Does.Contain($"no entry '{entry}'").And.Contain(nameof(FastScnnSegmentationTransformer)));
    }

    [Test]
    public void A_later_format_says_what_to_update()
    {
        ModelZip zip = Segmentation();
        byte[] key = zip[zip.Path("Model.key")];
        Assert.That(BinaryPrimitives.ReadInt32LittleEndian(key.AsSpan(HeaderSize)), Is.EqualTo(1));
        BinaryPrimitives.WriteInt32LittleEndian(key.AsSpan(HeaderSize), 2);
        string version = typeof(FastScnnSegmenter).Assembly.GetName().Version!.ToString(3);
        Assert.That(Fault(zip),
            Does.Contain("in format 2, written by FastScnn.ML " + version).And.Contain("reads format 1").And.Contain(
                "Update the package FastScnn.ML"));
    }

    [Test]
    public void An_impossible_format_is_a_damage()
    {
        ModelZip zip = Segmentation();
        zip[zip.Path("Model.key")].AsSpan(HeaderSize, 4).Clear();
        Assert.That(Fault(zip), Does.Contain("'Model.key'").And.Contain("format 0"));
    }

    [Test]
    public void A_cut_or_changed_onnx_file_is_named()
    {
        ModelZip cut = Segmentation(), changed = Segmentation(), empty = Segmentation();
        cut[cut.Path("Model.onnx")] = Models.Tiny[..60];
        changed[changed.Path("Model.onnx")][100] ^= 1;
        empty[empty.Path("Model.onnx")] = [];
        Assert.That(Fault(cut), Does.Contain("'Model.onnx'").And.Contain("damaged").And.Contain("60 bytes"));
        Assert.That(Fault(changed), Does.Contain("'Model.onnx'").And.Contain("damaged"));
        Assert.That(Fault(empty), Does.Contain("'Model.onnx'").And.Contain("damaged").And.Contain("0 bytes"));
    }

    [Test]
    public void An_onnx_file_that_was_put_in_place_is_judged_as_any_other()
    {
        ModelZip zip = Segmentation();
        byte[] other = Encoding.UTF8.GetBytes("not a model");
        Change(zip, Convert.ToHexStringLower(SHA256.HashData(Models.Tiny)),
            Convert.ToHexStringLower(SHA256.HashData(other)));
        zip[zip.Path("Model.onnx")] = other;
        Assert.That(Fault(zip), Does.Contain("ONNX Runtime cannot load 'Model.onnx (column Map)'"));
    }

    [TestCase("{", "]", "invalid start")]
    [TestCase("\"outputColumn\"", "\"column\"", "outputColumn")]
    [TestCase("\"Map\"", "null", "outputColumn")]
    [TestCase("\"Map\"", "\" \"", "OutputColumnName")]
    [TestCase("\"Map\"", "7", "outputColumn")]
    [TestCase("67108864", "0", "limit of 0 pixels")]
    [TestCase("\"green\"", "\"red\"", "red")]
    [TestCase("128", "300", "300")]
    [TestCase("0.456", "0.456, 2", "4 values")]
    [TestCase("\"tileOverlap\": 0.25", "\"tileOverlap\": 2", "tile overlap of 2")]
    [TestCase("\"tileWidth\": null", "\"tileWidth\": 7", "tile side of 7")]
    [TestCase("\"outputSize\": \"photo\"", "\"outputSize\": \"poster\"", "outputSize")]
    public void Settings_that_cannot_be_are_quoted(string from, string to, string expected)
    {
        ModelZip zip = Segmentation();
        Change(zip, from, to);
        Assert.That(Fault(zip),
            Does.Contain("'Settings.json'").And.Contain(nameof(FastScnnSegmentationTransformer)).And.Contain(expected));
    }

    [Test]
    public void Classes_that_do_not_fit_the_model_are_counted()
    {
        ModelZip zip = Segmentation();
        string path = zip.Path("Settings.json"), json = Encoding.UTF8.GetString(zip[path]);
        int start = json.IndexOf("\"classes\": {", StringComparison.Ordinal),
            end = json.IndexOf("\"normalization\"", StringComparison.Ordinal);
        zip[path] = Encoding.UTF8.GetBytes(json[..start] + $"\"classes\": {ClassList.Generic(4).ToJson()},"
            + json[end..]);
        Assert.That(Fault(zip), Does.Contain("scores 3 classes").And.Contain("has 4"));
    }

    [Test]
    public void A_setting_that_is_not_known_is_passed_over()
    {
        ModelZip zip = Segmentation();
        Change(zip, "\"outputColumn\"", "\"lookAhead\": 2,\n  \"outputColumn\"");
        using var loaded = (FastScnnSegmentationTransformer)zip.Load(new MLContext());
        Assert.That(loaded.OutputColumnName, Is.EqualTo("Map"));
    }

    [Test]
    public void A_drawing_checks_its_opacity()
    {
        IDataView data = _context.Data.LoadFromEnumerable([new ImageAndMap()]);
        ModelZip zip = ModelZip.Save(_context,
            _context.Transforms.DrawSegmentation("Drawing", "Image", "Map").Fit(data));
        Change(zip, "0.5", "1.5");
        Assert.That(Fault(zip),
            Does.Contain("'Settings.json'").And.Contain(nameof(SegmentationDrawingTransformer)).And.Contain(
                "Opacity 1.5"));
    }

    [Test]
    public void ML_NET_names_an_assembly_that_the_application_lacks()
    {
        using FastScnnSegmentationTransformer model = Model();
        ModelZip alone = ModelZip.Save(_context, model),
            chained = ModelZip.Save(_context, new TransformerChain<ITransformer>(model));
        Rename(alone, alone.Path("Model.key"));
        Rename(chained, chained.Path("Transform_000/Model.key"));
        Assert.That(() => alone.Load(new MLContext()),
            Throws.InstanceOf<FileNotFoundException>().With.Message.Contains("FastScnn.MX"));
        Exception wrapped = Assert.Catch(() => chained.Load(new MLContext()))!;
        Assert.That(wrapped.Causes(),
            Has.Some.InstanceOf<FileNotFoundException>().With.Message.Contains("FastScnn.MX"));

        static void Rename(ModelZip zip, string entry)
        {
            byte[] name = Encoding.Unicode.GetBytes("FastScnn.ML");
            // The last: our own text before it has the name of the package, in UTF-8.
            int at = zip[entry].AsSpan().LastIndexOf(name);
            Encoding.Unicode.GetBytes("FastScnn.MX").CopyTo(zip[entry], at);
        }
    }

    [Test]
    public void A_part_of_ML_NETs_that_is_missing_is_reported_by_it()
    {
        using FastScnnSegmentationTransformer model = Model();
        ModelZip zip = ModelZip.Save(_context, new TransformerChain<ITransformer>(model));
        zip.Remove(zip.Path("Transform_000/Model.key"));
        Exception thrown = Assert.Catch(() => zip.Load(new MLContext()))!;
        Assert.That(thrown.Causes(),
            Has.Some.InstanceOf<FormatException>().With.Message.Contains("Corrupt model file"));
    }

    // The file itself, directory and checksums and all; ML.NET reads it first, and knows no name of it.
    [Test]
    public void A_file_cut_or_changed_anywhere_is_refused_or_works()
    {
        using var file = new MemoryStream();
        using (FastScnnSegmentationTransformer model = Model())
            _context.Model.Save(model, null, file);
        (int refused, _) = DamagedCopies.Try(
            file.ToArray(),
            zip =>
            {
                using var loaded = (FastScnnSegmentationTransformer)_context.Model.Load(new MemoryStream(zip), out _);
                Assert.That(loaded.Classes, Has.Count.EqualTo(3));
            },
            // The last: a name of an assembly that there is none of.
            e => e is FormatException or InvalidDataException or InvalidOperationException or FileNotFoundException
                or FileLoadException);
        Assert.That(refused, Is.GreaterThan(60));
    }

    [Test]
    public void A_changed_byte_gives_a_named_fault_or_a_model_that_works()
    {
        var random = new Random(4);
        int faults = 0;
        for (int i = 0; i < 200; i++)
        {
            ModelZip zip = Segmentation();
            (string entry, int from, int to) = Place(zip, i % 3);
            int at = random.Next(from, to);
            byte bit = (byte)(1 << random.Next(8));
            zip[entry][at] ^= bit;
            string what = $"{entry}, bit {bit} of byte {at}";
            try
            {
                using var loaded = (FastScnnSegmentationTransformer)zip.Load(_context);
                Assert.That(loaded.Classes, Has.Count.EqualTo(3), what);
                if (loaded.InputColumnName == "Image")
                    Assert.That(loaded.Transform(Data).Ids(loaded.OutputColumnName).Single(),
                        Has.Length.EqualTo(40 * 33), what);
            }
            catch (InvalidOperationException e)
            {
                faults++;
                Assert.That(e.Causes(),
                    Has.Some.InstanceOf<InvalidDataException>().Or.Some.InstanceOf<FormatException>(), what);
            }
            catch (FormatException)
            {
                // ML.NET's own, where the transformer's bytes end elsewhere than its header says.
                faults++;
            }
        }
        Assert.That(faults, Is.GreaterThan(66), "a change of the ONNX file is always seen");
    }

    private static (string Entry, int From, int To) Place(ModelZip zip, int entry)
    {
        string path = zip.Path(new[] { "Model.key", "Settings.json", "Model.onnx" }[entry]);
        return entry == 0
            ? (path, HeaderSize, HeaderSize + (int)BinaryPrimitives.ReadInt64LittleEndian(zip[path].AsSpan(24)))
            : (path, 0, zip[path].Length);
    }

    private static void Change(ModelZip zip, string from, string to)
    {
        string path = zip.Path("Settings.json"), json = Encoding.UTF8.GetString(zip[path]);
        int at = json.IndexOf(from, StringComparison.Ordinal);
        Assert.That(at, Is.Not.Negative, json);
        zip[path] = Encoding.UTF8.GetBytes(json[..at] + to + json[(at + from.Length)..]);
    }

    // The message of the InvalidDataException that ML.NET wraps.
    private static string Fault(ModelZip zip)
    {
        InvalidOperationException thrown = Assert.Throws<InvalidOperationException>(() => zip.Load(new MLContext()))!;
        Assert.That(thrown.Message, Is.EqualTo("Error during class instantiation"));
        return thrown.Causes().OfType<InvalidDataException>().First().Message;
    }

    private FastScnnSegmentationTransformer Model() => SaveAndLoadTests.Tiny(_context, new FastScnnSegmenterOptions
    {
        Classes = [new("red", 128, 0, 0), new("green", 0, 200, 0), new("blue", 0, 0, 100)],
        Normalization = FastScnn.Torch.Normalization.ImageNet,
    }).Fit(Data);

    private ModelZip Segmentation()
    {
        using FastScnnSegmentationTransformer model = Model();
        return ModelZip.Save(_context, model);
    }

    private sealed class ImageAndMap
    {
        [Microsoft.ML.Transforms.Image.ImageType(33, 40)]
        public MLImage? Image { get; set; }

        [SegmentationMapType]
        public SegmentationMap? Map { get; set; }
    }
}
