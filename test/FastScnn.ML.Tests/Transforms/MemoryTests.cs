using System.Diagnostics;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.ML.Tests.Saving;
using FastScnn.ML.Transforms;
using FastScnn.Testing;
using FastScnn.Torch.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.ML.Tests.Transforms;

/// <summary>Memory does not grow with the rows, nor with the models that were disposed.</summary>
[NonParallelizable]
public class MemoryTests
{
    private const int Side = 128;
    private const int WarmUp = 500;
    private const int Rows = 2_000;

    // One image kept from each row would be 94 MiB of native memory, one map 23 MiB of managed memory.
    private const long MaxResidentGrowth = 64L << 20;
    private const long MaxManagedGrowth = 8L << 20;

    private readonly MLContext _context = new(seed: 1);

    [Test]
    public void Rows_of_a_cursor_hold_memory_flat()
    {
        string file = SaveImage();
        IDataView data = _context.Data.LoadFromEnumerable(Enumerable.Repeat(new ImageFileRow { File = file }, Rows));
        using var model = _context.Transforms.LoadImages("Image", null, nameof(ImageFileRow.File))
            .Append(SaveAndLoadTests.Tiny(_context, new FastScnnSegmenterOptions { Classes = ClassList.Generic(3) }))
            .Append(_context.Transforms.DrawSegmentation("Drawing", "Image", "Map"))
            .Fit(data);
        IDataView drawn = model.Transform(data);
        using DataViewRowCursor cursor = drawn.GetRowCursor([drawn.Schema["Map"], drawn.Schema["Drawing"]]);
        ValueGetter<SegmentationMap> getMap = cursor.GetGetter<SegmentationMap>(drawn.Schema["Map"]);
        ValueGetter<MLImage> getDrawing = cursor.GetGetter<MLImage>(drawn.Schema["Drawing"]);
        SegmentationMap map = null!;
        MLImage drawing = null!;
        AssertFlat(Rows, () =>
        {
            Assert.That(cursor.MoveNext(), Is.True);
            getMap(ref map);
            getDrawing(ref drawing);
        });
        Assert.That(cursor.MoveNext(), Is.False);
        Assert.That((map.Width, drawing.Width), Is.EqualTo((Side, Side)));
    }

    [Test]
    public void Predictions_of_an_engine_hold_memory_flat()
    {
        var row = new ImageFileRow { File = SaveImage() };
        IDataView data = _context.Data.LoadFromEnumerable([row]);
        ITransformer model = _context.Transforms.LoadImages("Image", null, nameof(ImageFileRow.File))
            .Append(SaveAndLoadTests.Tiny(_context, new FastScnnSegmenterOptions { Classes = ClassList.Generic(3) }))
            .Fit(data);
        using PredictionEngine<ImageFileRow, TinyMap> engine =
            _context.Model.CreatePredictionEngine<ImageFileRow, TinyMap>(model);
        AssertFlat(Rows, () => Assert.That(engine.Predict(row).Map!.Width, Is.EqualTo(Side)));
    }

    [Test]
    public void Disposed_models_give_their_sessions_back()
    {
        // Each loads 4.5 MB of weights, and has a session that holds them once more.
        IDataView data = _context.Data.LoadFromEnumerable([new ImageRow { Image = TestImages.Image(80, 60) }]);
        FastScnnSegmentationEstimator estimator = _context.Transforms.FastScnnSegment("Map", "Image", Models.CamVid);
        AssertFlat(40, () =>
        {
            using FastScnnSegmentationTransformer model = estimator.Fit(data);
            Assert.That(model.Transform(data).Ids("Map"), Has.Count.EqualTo(1));
        }, warmUp: 10);
    }

    private static void AssertFlat(int count, Action step, int warmUp = WarmUp)
    {
        for (int i = 0; i < warmUp; i++)
            step();
        (long managed, long resident) = Measure();
        for (int i = warmUp; i < count; i++)
            step();
        (long managedAfter, long residentAfter) = Measure();
        Assert.That(managedAfter - managed, Is.LessThan(MaxManagedGrowth), "managed bytes");
        Assert.That(residentAfter - resident, Is.LessThan(MaxResidentGrowth), "resident bytes");
    }

    private static (long Managed, long Resident) Measure()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        using Process process = Process.GetCurrentProcess();
        return (GC.GetTotalMemory(forceFullCollection: true), process.WorkingSet64);
    }

    private static string SaveImage()
    {
        string file = Path.Combine(TestFiles.NewFolder(), "image.png");
        using MLImage image = TestImages.Image(Side, Side);
        image.Save(file);
        return file;
    }

    private sealed class TinyMap
    {
        [SegmentationMapType]
        public SegmentationMap? Map { get; set; }
    }
}
