using FastScnn.ML.Catalog;
using FastScnn.ML.Imaging;
using FastScnn.ML.Tests.Transforms;
using FastScnn.ML.Transforms;
using FastScnn.Scenes;
using FastScnn.Testing;
using FastScnn.Torch.Data;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace FastScnn.ML.Tests.Data;

/// <summary>What the rows of loaded data sets hold.</summary>
public class LoadFromTests
{
    private readonly MLContext _context = new(seed: 1);

    private static List<string> Texts(IDataView data, string column) =>
        data.Select(column, (ReadOnlyMemory<char> text) => text.ToString());

    [Test]
    public void A_folder_comes_as_images_and_maps()
    {
        string root = TestFiles.NewFolder();
        StreetSceneFolder.Write(root, "train", 3, new StreetSceneOptions { Width = 64, Height = 48 });
        var dataset = SegmentationDataset.FromFolder(root, "train");
        var log = new List<string>();
        _context.Log += Record;
        IDataView data = _context.SemanticSegmentation.LoadFromFolder(root, "train");
        _context.Log -= Record;
        Assert.That(log, Has.Exactly(1).EqualTo("Info 3 images with masks, 12 classes."));
        void Record(object? sender, LoggingEventArgs e) => log.Add($"{e.Kind} {e.RawMessage}");

        Assert.That(data.Schema.Select(column => column.Name),
            Is.EqualTo(new[] { "Image", "Label", "ImagePath", "MaskPath", "Name" }));
        Assert.That(data.Schema["Image"].Type, Is.InstanceOf<ImageDataViewType>());
        Assert.That(data.Schema["Label"].Type, Is.EqualTo(SegmentationMapDataViewType.Instance));
        VBuffer<ReadOnlyMemory<char>> names = default;
        data.Schema["Label"].Annotations.GetValue(SegmentationMapDataViewType.ClassNamesKind, ref names);
        Assert.That(names.DenseValues().Select(name => name.ToString()),
            Is.EqualTo(StreetScene.Classes.Select(c => c.Name)));
        Assert.That(data.GetRowCount(), Is.EqualTo(3));

        Assert.That(Texts(data, "Name"), Is.EqualTo(new[] { "scene_000000", "scene_000001", "scene_000002" }));
        Assert.That(Texts(data, "ImagePath"),
            Is.EqualTo(dataset.Samples.Select(sample => sample.ImagePath)).And.All.Matches<string>(File.Exists));
        Assert.That(Texts(data, "MaskPath"),
            Is.EqualTo(dataset.Samples.Select(sample => sample.MaskPath)).And.All.Matches<string>(File.Exists));
        Assert.That(data.Ids("Label"),
            Is.EqualTo(Enumerable.Range(0, 3).Select(i => dataset.ReadMask(i).Ids.ToArray())));
        Assert.That(data.Select("Label", (SegmentationMap map) => map.Classes), Is.All.EqualTo(StreetScene.Classes));
        // Generated images are plain RGB PNGs, which any reader reads alike.
        Assert.That(data.Select("Image", (MLImage image) => Rgb(image)),
            Is.EqualTo(dataset.Samples.Select(sample => RgbPng.Read(sample.ImagePath).Pixels)));
        Assert.That(data.Select("Image", (MLImage image) => (image.Width, image.Height, image.Tag)),
            Is.EqualTo(dataset.Samples.Select(sample => (64, 48, sample.ImagePath))));
    }

    [Test]
    public void Every_layout_is_read()
    {
        string cityscapes = TestFiles.NewFolder(), camVid = TestFiles.NewFolder();
        Write(cityscapes, "leftImg8bit/val/ulm/ulm_1_leftImg8bit.png", "gtFine/val/ulm/ulm_1_gtFine_labelIds.png",
            [7, 33, 0, 26]);
        Write(cityscapes, "leftImg8bit/val/ulm/ulm_1_leftImg8bit.png", "gtFine/val/ulm/ulm_1_gtFine_labelTrainIds.png",
            [0, 18, 255, 13]);
        Write(camVid, "test/a.png", "testannot/a.png", [3, 10, 11, 0]);
        SemanticSegmentationCatalog catalog = _context.SemanticSegmentation;
        Assert.Multiple(() =>
        {
            Assert.That(catalog.LoadFromCityscapes(cityscapes, "val").Ids("Label"),
                Is.EqualTo(new[] { new byte[] { 0, 18, 255, 13 } }), "official ids");
            Assert.That(catalog.LoadFromCityscapes(cityscapes, "val", MaskEncoding.TrainIds).Ids("Label"),
                Is.EqualTo(new[] { new byte[] { 0, 18, 255, 13 } }));
            Assert.That(catalog.LoadFromCamVid(camVid, "test").Ids("Label"),
                Is.EqualTo(new[] { new byte[] { 3, 10, 11, 0 } }));
            Check(catalog.LoadFromPascalVoc(TestFiles.Shared("samples", "voc"), null), 21);
            Check(catalog.LoadFromAde20k(TestFiles.Shared("samples", "ade20k"), "val"), 150);
            Check(catalog.LoadFromCocoStuff(TestFiles.Shared("samples", "coco-stuff"), "val",
                MaskEncoding.CategoryIds, "_labelTrainIds"), 171);
            Check(catalog.LoadFromFolder(TestFiles.Shared("camvid"), "val"), 11, least: 101, read: 1);
        });

        void Check(IDataView data, int classes, int least = 2, int read = int.MaxValue)
        {
            Assert.That(data.GetRowCount(), Is.GreaterThanOrEqualTo(least));
            IDataView rows = _context.Data.TakeRows(data, read);
            List<(int, int)> images = rows.Select("Image", (MLImage image) => (image.Width, image.Height));
            Assert.That(rows.Select("Label", (SegmentationMap map) => (map.Width, map.Height)),
                Is.EqualTo(images).And.Not.Empty);
            Assert.That(rows.Select("Label", (SegmentationMap map) => map.Classes.Count), Is.All.EqualTo(classes));
        }
    }

    [Test]
    public void Options_reach_the_data_set()
    {
        string root = TestFiles.NewFolder();
        Write(root, "images/val/a.png", "marks/val/a_m.png", [0, 1, 2, 0]);
        Write(root, "images/val/b.png", "marks/val/c_m.png", [0, 1, 2, 0]);
        var options = new FolderDatasetOptions
        {
            ImagesFolder = "images",
            MasksFolder = "marks",
            MaskSuffix = "_m",
            Classes = ClassList.Generic(2),
            ReduceZeroLabel = true,
            AllowUnpaired = true
        };
        Assert.That(_context.SemanticSegmentation.LoadFromFolder(root, "val", options).Ids("Label"),
            Is.EqualTo(new[] { new byte[] { 255, 0, 1, 255 } }));
        Assert.That(() => _context.SemanticSegmentation.LoadFromFolder(root, "val",
            options with { AllowUnpaired = false }),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("2 files without a partner"));
        Assert.That(() => _context.SemanticSegmentation.LoadFromFolder(root, "val"),
            Throws.TypeOf<FileNotFoundException>().With.Message.Contains("classes.json"));
        Assert.That(() => _context.SemanticSegmentation.LoadFrom(null!), Throws.ArgumentNullException);
    }

    // The size of the label shows which image it was drawn on.
    [TestCase(48, 16, true, 48, 16)]
    [TestCase(16, 48, true, 16, 48)]
    [TestCase(48, 16, false, 16, 48)]
    public void An_image_is_turned_where_its_label_is(int labelWidth, int labelHeight, bool apply, int width,
        int height)
    {
        string root = TestFiles.NewFolder();
        Write(root, "images/val/a.jpg", "masks/val/a.png", [0, 1, 1, 0]);
        File.WriteAllBytes(Path.Combine(root, "images", "val", "a.jpg"), TestImages.Turned(TestImages.Jpeg(16, 48)));
        IndexPng.Write(Path.Combine(root, "masks", "val", "a.png"), labelWidth, labelHeight, new byte[16 * 48]);
        var dataset = SegmentationDataset.FromFolder(root, "val",
            new FolderDatasetOptions { Classes = ClassList.Generic(2) });
        IDataView data = _context.SemanticSegmentation.LoadFrom(dataset,
            apply ? null : new ImageDecoderOptions { ApplyOrientation = false });
        Assert.That(data.Select("Image", (MLImage image) => (image.Width, image.Height)),
            Is.EqualTo(new[] { (width, height) }));
    }

    [Test]
    public void Files_that_cannot_be_read_are_named()
    {
        string root = TestFiles.NewFolder();
        Write(root, "images/val/a.png", "masks/val/a.png", [0, 1, 5, 5]);
        File.WriteAllText(Path.Combine(root, "images", "val", "a.png"), "no image");
        IDataView data = _context.SemanticSegmentation.LoadFromFolder(root, "val",
            new FolderDatasetOptions { Classes = ClassList.Generic(2) });
        Assert.That(() => data.Select("Image", (MLImage image) => image.Width),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains(Path.Combine("val", "a.png")));
        Assert.That(() => data.Ids("Label"),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains(Path.Combine("val",
                "a.png")).And.Message.Contains("5 on 2 pixels"));
        Assert.That(Texts(data, "Name"), Is.EqualTo(new[] { "a" }));
    }

    [Test]
    public void The_limit_of_the_data_set_is_that_of_its_images()
    {
        string root = TestFiles.NewFolder();
        Write(root, "train/a.png", "trainannot/a.png", [0, 1, 1, 0]);
        SegmentationDataset small = SegmentationDataset.FromCamVid(root, "train");
        small.MaxPixels = 3;
        Assert.That(() => _context.SemanticSegmentation.LoadFrom(small).Select("Image", (MLImage image) => image.Width),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("2 x 2").And.Message.Contains("limit of 3"));
    }

    /// <summary>An image and a label of 2 x 2 pixels.</summary>
    private static void Write(string root, string image, string label, byte[] ids)
    {
        foreach (string file in new[] { image, label })
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(root, file))!);
        using MLImage small = TestImages.Image(2, 2);
        small.Save(Path.Combine(root, image));
        IndexPng.Write(Path.Combine(root, label), 2, 2, ids);
    }

    private static byte[] Rgb(MLImage image)
    {
        int red = image.PixelFormat == MLPixelFormat.Bgra32 ? 2 : 0;
        return [.. image.Pixels.ToArray().Chunk(4).SelectMany(p => new[] { p[red], p[1], p[2 - red] })];
    }
}
