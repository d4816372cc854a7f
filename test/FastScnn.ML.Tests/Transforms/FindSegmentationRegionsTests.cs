using FastScnn.ML.Imaging;
using FastScnn.ML.Regions;
using FastScnn.ML.Tests.Regions;
using FastScnn.ML.Transforms;
using FastScnn.Testing;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.ML.Tests.Transforms;

public class FindSegmentationRegionsTests
{
    private readonly MLContext _context = new(seed: 1);

    private sealed class Row
    {
        [SegmentationMapType]
        public SegmentationMap? Map { get; set; }

        public float[] Confidence { get; set; } = [];
    }

    private sealed class Found
    {
        [ColumnName("Regions.Classes")]
        public string[] Classes { get; set; } = [];

        [ColumnName("Regions.Areas")]
        public float[] Areas { get; set; } = [];

        [ColumnName("Regions.Boxes")]
        public float[] Boxes { get; set; } = [];

        [ColumnName("Regions.Centers")]
        public float[] Centers { get; set; } = [];
    }

    private sealed class FoundWithConfidence
    {
        [ColumnName("Regions.Confidences")]
        public float[] Confidences { get; set; } = [];

        [ColumnName("Regions.Areas")]
        public float[] Areas { get; set; } = [];
    }

    private IDataView Rows() => _context.Data.LoadFromEnumerable(
    [
        new Row { Map = RegionMaps.Draw("aab", "abb"), Confidence = [1, 1, 0, 1, 0.75f, 0.75f] },
        new Row { Map = null },
        new Row { Map = RegionMaps.Draw("cc.d"), Confidence = [0.25f, 0.75f, 1, 0.5f] },
    ]);

    [Test]
    public void Every_region_is_at_the_same_place_of_each_column()
    {
        IDataView data = Rows();
        Found[] found = [.. _context.Data.CreateEnumerable<Found>(
            _context.Transforms.FindSegmentationRegions("Regions", "Map").Fit(data).Transform(data), false)];
        Assert.That(found[0].Classes, Is.EqualTo(new[] { "road", "a \"b\", <c>" }));
        Assert.That(found[0].Areas, Is.EqualTo(new[] { 3, 3 }));
        Assert.That(found[0].Boxes, Is.EqualTo(new[] { 0, 0, 2, 2, 1, 0, 3, 2 }));
        Assert.That(found[0].Centers, Is.EqualTo(new[] { 5 / 6f, 5 / 6f, 13 / 6f, 7 / 6f }).Within(1e-6));
        Assert.That((found[1].Classes.Length, found[1].Boxes.Length), Is.EqualTo((0, 0)), "no map");
        Assert.That(found[2].Boxes, Is.EqualTo(new[] { 0, 0, 2, 1, 3, 0, 4, 1 }));
    }

    [Test]
    public void Saved_models_keep_all_settings()
    {
        IDataView data = Rows();
        ITransformer model = _context.Transforms.FindSegmentationRegions("Regions", "Map", "Confidence",
            new RegionOptions { MinArea = 2, Connectivity = 8 }).Fit(data);
        string file = Path.Combine(TestFiles.NewFolder(), "model.zip");
        _context.Model.Save(model, data.Schema, file);
        ITransformer loaded = new MLContext().Model.Load(file, out _);
        foreach (ITransformer transformer in new[] { model, loaded })
        {
            FoundWithConfidence[] found =
            [
                .. _context.Data.CreateEnumerable<FoundWithConfidence>(transformer.Transform(data), false)
            ];
            Assert.That(found.Select(row => row.Areas), Is.EqualTo(new float[][] { [3, 3], [], [2] }));
            Assert.That(found.Select(row => row.Confidences), Is.EqualTo(new float[][] { [1, 0.5f], [], [0.5f] }));
        }
        Assert.That(((SegmentationRegionFindingTransformer)loaded).Options,
            Is.EqualTo(new RegionOptions { MinArea = 2, Connectivity = 8 }));
    }

    [Test]
    public void It_chains_after_what_makes_maps()
    {
        string folder = TestFiles.NewFolder();
        RegionMaps.Draw("aab", "abb").SavePng(Path.Combine(folder, "1.png"));
        IDataView data = _context.Data.LoadFromEnumerable([new ImageFileRow { File = "1.png" }]);
        var pipeline = _context.Transforms.LoadSegmentationMaps("Map", folder, RegionMaps.Classes, "File")
            .Append(_context.Transforms.FindSegmentationRegions("Regions", "Map"))
            .Append(_context.Transforms.CopyColumns("Areas", "Regions.Areas"));
        // A chain goes through the shapes of all schemas before it fits.
        Assert.That(pipeline.Fit(data).Transform(data).Select("Areas", (VBuffer<float> areas) => areas.DenseValues()
            .ToArray()), Is.EqualTo(new float[][] { [3, 3] }));
    }

    [Test]
    public void What_does_not_fit_is_named()
    {
        IDataView data = Rows();
        Assert.That(() => _context.Transforms.FindSegmentationRegions("Regions", "Confidence").Fit(data),
            Throws.ArgumentException.With.Message.Contains("FindSegmentationRegions needs a column 'Confidence'"));
        Assert.That(() => _context.Transforms.FindSegmentationRegions("Regions", "Map", "None").Fit(data),
            Throws.ArgumentException.With.Message.Contains("needs a column 'None' that holds a number for each pixel"));
        IDataView wrong = _context.Data.LoadFromEnumerable(
            [new Row { Map = RegionMaps.Draw("ab"), Confidence = [1] }]);
        IDataView found = _context.Transforms.FindSegmentationRegions("Regions", "Map", "Confidence").Fit(wrong)
            .Transform(wrong);
        Assert.That(() => found.Select("Regions.Areas", (VBuffer<float> areas) => areas.Length),
            Throws.InvalidOperationException.With.Message.EqualTo("Row 0 (counted from 0) has 1 confidences for a map "
                + "of 2 x 1 pixels; expected one for each pixel."));
    }
}
