using FastScnn.ML.Imaging;
using FastScnn.ML.Transforms;
using FastScnn.Testing;
using FastScnn.Torch.Data;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace FastScnn.ML.Tests.Transforms;

public class LoadAndDrawTests
{
    private static readonly ClassList s_classes =
        new([new SegmentationClass("red", 255, 0, 0), new SegmentationClass("green", 0, 200, 0)]);

    private readonly MLContext _context = new(seed: 1);

    private sealed class PairRow
    {
        public string Image { get; set; } = "";

        public string Label { get; set; } = "";
    }

    /// <summary>A folder with two grey images and their masks; the second pair has another size.</summary>
    private static string MakePairs()
    {
        string folder = TestFiles.NewFolder();
        foreach ((string name, int width) in new[] { ("first", 2), ("second", 3) })
        {
            byte[] ids = [.. Enumerable.Range(0, width * 2).Select(i => (byte)(i % 2))];
            using MLImage image = MLImage.CreateFromPixels(width, 2, MLPixelFormat.Bgra32,
                [.. Enumerable.Repeat(new byte[] { 100, 100, 100, 255 }, width * 2).SelectMany(p => p)]);
            image.Save(Path.Combine(folder, $"{name}-image.png"));
            IndexPng.Write(Path.Combine(folder, $"{name}-label.png"), width, 2, ids);
        }
        return folder;
    }

    private IDataView Pairs() => _context.Data.LoadFromEnumerable(
    [
        new PairRow { Image = "first-image.png", Label = "first-label.png" },
        new PairRow { Image = "second-image.png", Label = "second-label.png" },
    ]);

    [Test]
    public void Labels_become_maps()
    {
        IDataView data = Pairs();
        IDataView maps = _context.Transforms.LoadSegmentationMaps("Map", MakePairs(), s_classes, "Label").Fit(data)
            .Transform(data);
        Assert.That(maps.Ids("Map"), Is.EqualTo(new[] { new byte[] { 0, 1, 0, 1 }, [0, 1, 0, 1, 0, 1] }));
        Assert.That(maps.Select("Map", (SegmentationMap map) => map.Classes), Is.All.SameAs(s_classes));
        Assert.That(maps.Schema["Map"].Type, Is.EqualTo(SegmentationMapDataViewType.Instance));
    }

    [Test]
    public void An_empty_name_gives_no_map_and_a_missing_file_is_named()
    {
        string folder = MakePairs();
        IEstimator<ITransformer> load = _context.Transforms.LoadSegmentationMaps("Label", folder, s_classes);
        IDataView empty = _context.Data.LoadFromEnumerable([new PairRow()]);
        IDataView missing = _context.Data.LoadFromEnumerable([new PairRow { Label = "none.png" }]);
        Assert.That(load.Fit(empty).Transform(empty).Select("Label", (SegmentationMap? map) => map is null),
            Is.EqualTo(new[] { true }));
        Assert.That(() => load.Fit(missing).Transform(missing).Ids("Label"),
            Throws.InstanceOf<FileNotFoundException>().With.Message.Contains("none.png"));
    }

    [Test]
    public void Maps_are_drawn_over_images()
    {
        string folder = MakePairs();
        IDataView data = Pairs();
        IDataView drawn = _context.Transforms.LoadImages("Image", folder, "Image")
            .Append(_context.Transforms.LoadSegmentationMaps("Map", folder, s_classes, "Label"))
            .Append(_context.Transforms.DrawSegmentation("Drawing", "Image", "Map", 0.5))
            .Fit(data).Transform(data);
        byte[] red = [50, 50, 178], green = [50, 150, 50];
        Assert.That(drawn.Select("Drawing", (MLImage image) => image.GetBGRPixels), Is.EqualTo(new[]
        {
            [.. red, .. green, .. red, .. green],
            (byte[])[.. red, .. green, .. red, .. green, .. red, .. green],
        }));
        Assert.That(drawn.Schema["Drawing"].Type, Is.InstanceOf<ImageDataViewType>());
    }

    [Test]
    public void A_drawing_lives_until_the_next_one()
    {
        string folder = MakePairs();
        IDataView data = Pairs();
        IDataView drawn = _context.Transforms.LoadImages("Image", folder, "Image")
            .Append(_context.Transforms.LoadSegmentationMaps("Map", folder, s_classes, "Label"))
            .Append(_context.Transforms.DrawSegmentation("Drawing", "Image", "Map"))
            .Fit(data).Transform(data);
        List<MLImage> images = drawn.Select("Drawing", (MLImage image) => image);
        foreach (MLImage image in images)
            Assert.That(() => image.Width, Throws.InvalidOperationException);
    }

    [Test]
    public void Map_and_drawing_of_a_row_share_one_run()
    {
        string[] files = TestImages.Val(2);
        IDataView data = _context.Data.LoadFromEnumerable(files.Select(file => new ImageFileRow { File = file }));
        IDataView drawn = _context.Transforms.LoadImages("Image", null, nameof(ImageFileRow.File))
            .Append(_context.Transforms.FastScnnSegment("Map", "Image", Models.CamVid))
            .Append(_context.Transforms.DrawSegmentation("Drawing", "Image", "Map"))
            .Fit(data).Transform(data);
        using DataViewRowCursor cursor = drawn.GetRowCursor([drawn.Schema["Map"], drawn.Schema["Drawing"]]);
        ValueGetter<SegmentationMap> getMap = cursor.GetGetter<SegmentationMap>(drawn.Schema["Map"]);
        ValueGetter<MLImage> getDrawing = cursor.GetGetter<MLImage>(drawn.Schema["Drawing"]);
        SegmentationMap map = null!, again = null!;
        MLImage drawing = null!;
        foreach (string file in files)
        {
            Assert.That(cursor.MoveNext(), Is.True);
            getMap(ref map);
            getDrawing(ref drawing);
            getMap(ref again);
            using MLImage image = MLImage.CreateFromFile(file);
            using MLImage expected = map.Overlay(image);
            Assert.That(again, Is.SameAs(map));
            Assert.That(drawing.GetBGRPixels.AsSpan().SequenceEqual(expected.GetBGRPixels), Is.True);
            Assert.That(drawing.Tag, Is.EqualTo(file));
        }
    }

    [Test]
    public void Drawings_of_any_size_are_read_into_a_class()
    {
        IDataView data = _context.Data.LoadFromEnumerable([new AnyImageRow { Image = TestImages.Image(80, 60) },
            new AnyImageRow { Image = TestImages.Image(64, 96, 2) }]);
        TransformerChain<ITransformer> model =
            _context.Transforms.FastScnnSegment("Map", "Image", Models.CamVid)
            .Append(_context.Transforms.DrawSegmentation("Drawing", "Image", "Map"))
            .Fit(data);
        Assert.That(
            _context.Data.CreateEnumerable<DrawingRow>(model.Transform(data), reuseRowObject: false)
                .Select(row => (row.Drawing!.Width, row.Drawing.Height)),
            Is.EqualTo(new[] { (80, 60), (64, 96) }));
        using PredictionEngine<AnyImageRow, DrawingRow> engine =
            _context.Model.CreatePredictionEngine<AnyImageRow, DrawingRow>(model);
        Assert.That(engine.Predict(new AnyImageRow { Image = TestImages.Image(50, 40, 3) }).Drawing!.Width,
            Is.EqualTo(50));
    }

    private sealed class AnyImageRow
    {
        [AnySizeImageType]
        public MLImage? Image { get; set; }
    }

    private sealed class DrawingRow
    {
        [AnySizeImageType]
        public MLImage? Drawing { get; set; }
    }

    [Test]
    public void Wrong_columns_are_named()
    {
        IDataView data = _context.Data.LoadFromEnumerable([new ImageRow { Image = TestImages.Image(80, 60) }]);
        Assert.Multiple(() =>
        {
            Assert.That(
                () => _context.Transforms.LoadSegmentationMaps("Map", null, s_classes, "Image").Fit(data),
                Throws.ArgumentException.With.Message.Contains("LoadSegmentationMaps").And.Message.Contains(
                    "'Image'").And.Message.Contains("Text"));
            Assert.That(
                () => _context.Transforms.DrawSegmentation("Drawing", "Image", "Number").Fit(data),
                Throws.ArgumentException.With.Message.Contains("'Number'").And.Message.Contains("SegmentationMap"));
            Assert.That(
                () => _context.Transforms.CopyColumns("Map", "Number")
                    .Append(_context.Transforms.DrawSegmentation("Drawing", "Image", "Map")).Fit(data),
                Throws.ArgumentException.With.Message.Contains("'Map'").And.Message.Contains("SegmentationMap"));
            Assert.That(() => _context.Transforms.DrawSegmentation("Drawing", "Image", "Map", 2),
                Throws.InstanceOf<ArgumentOutOfRangeException>());
        });
    }
}
