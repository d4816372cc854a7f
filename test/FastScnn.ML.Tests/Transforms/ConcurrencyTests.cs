using FastScnn.ML.Imaging;
using FastScnn.ML.Tests.Saving;
using FastScnn.ML.Transforms;
using FastScnn.Testing;
using FastScnn.Torch.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.ML.Tests.Transforms;

/// <summary>One model, several threads: the same maps as on one thread, in whatever order things are
/// disposed.</summary>
public class ConcurrencyTests
{
    private static readonly (int Width, int Height)[] s_sizes = [(80, 60), (33, 45), (128, 40), (20, 100)];

    private readonly MLContext _context = new(seed: 1);

    private TransformerChain<ITransformer> _model = null!;
    private string[] _files = null!;
    private byte[][] _expected = null!;

    private IDataView Files =>
        _context.Data.LoadFromEnumerable(_files.Select(file => new ImageFileRow { File = file }));

    [SetUp]
    public void FitOnOneThread()
    {
        string folder = TestFiles.NewFolder();
        _files = [.. s_sizes.Select((size, i) =>
        {
            string file = Path.Combine(folder, $"{i}.png");
            using MLImage image = TestImages.Image(size.Width, size.Height, i);
            image.Save(file);
            return file;
        })];
        _model = _context.Transforms.LoadImages("Image", null, nameof(ImageFileRow.File))
            .Append(_context.Transforms.FastScnnSegment("PredictedLabel", "Image", Models.CamVid))
            .Append(_context.Transforms.DrawSegmentation("Drawing", "Image", "PredictedLabel"))
            .Fit(Files);
        _expected = [.. _model.Transform(Files).Ids("PredictedLabel")];
        Assert.That(_expected.Select(ids => ids.Distinct().Count()), Has.Some.GreaterThan(1), "maps that could differ");
    }

    [TearDown]
    public void DisposeModel() => _model.Dispose();

    [Test]
    public void Engines_on_several_threads_give_the_maps_of_one_thread()
    {
        Parallel.For(0, 6, thread =>
        {
            // The context and the model are shared, each thread has an engine of its own.
            using PredictionEngine<ImageFileRow, MapRow> engine = Engine(ownsTransformer: false);
            for (int i = 0; i < 8; i++)
            {
                int row = (thread + i) % _files.Length;
                Assert.That(engine.Predict(new ImageFileRow { File = _files[row] }).PredictedLabel!.ClassIds.ToArray(),
                    Is.EqualTo(_expected[row]));
            }
        });
    }

    [Test]
    public void Transforming_on_several_threads_gives_the_maps_of_one_thread()
    {
        IDataView shared = _model.Transform(Files);
        Parallel.For(0, 6, thread =>
        {
            IDataView data = thread % 2 == 0 ? shared : _model.Transform(Files);
            Assert.That(data.Ids("PredictedLabel"), Is.EqualTo(_expected));
            using PredictionEngine<ImageFileRow, MapRow> engine = Engine(ownsTransformer: false);
            Assert.That(engine.Predict(new ImageFileRow { File = _files[0] }).PredictedLabel!.ClassIds.ToArray(),
                Is.EqualTo(_expected[0]));
            Assert.That(data.Select("Drawing", (MLImage drawing) => (drawing.Width, drawing.Height)),
                Is.EqualTo(s_sizes));
        });
    }

    [Test]
    public void A_model_disposed_while_threads_segment_finishes_their_maps()
    {
        using var started = new CountdownEvent(4);
        int[] finished = new int[4];
        // Threads of their own: a pool whose threads are all busy starts no more of them.
        Task[] threads = [.. Enumerable.Range(0, 4).Select(thread => Task.Factory.StartNew(() =>
        {
            PredictionEngine<ImageFileRow, MapRow> engine = Engine(ownsTransformer: false);
            for (int i = 0; ; i++)
            {
                int row = (thread + i) % _files.Length;
                byte[] ids = engine.Predict(new ImageFileRow { File = _files[row] }).PredictedLabel!.ClassIds.ToArray();
                Assert.That(ids, Is.EqualTo(_expected[row]));
                finished[thread]++;
                if (i == 0)
                    started.Signal();
            }
        }, TaskCreationOptions.LongRunning))];
        started.Wait();
        _model.Dispose();
        foreach (Task thread in threads)
            Assert.That(async () => await thread, Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(finished, Is.All.Positive);
    }

    [Test]
    public void A_cursor_and_its_model_may_be_disposed_in_any_order()
    {
        IDataView data = _model.Transform(Files);
        DataViewRowCursor first = data.GetRowCursor(data.Schema), second = data.GetRowCursor(data.Schema);
        ValueGetter<SegmentationMap> getMap = second.GetGetter<SegmentationMap>(data.Schema["PredictedLabel"]);
        ValueGetter<MLImage> getDrawing = second.GetGetter<MLImage>(data.Schema["Drawing"]);
        SegmentationMap map = null!;
        MLImage drawing = null!;
        Assert.That(first.MoveNext() && second.MoveNext(), Is.True);
        getMap(ref map);
        getDrawing(ref drawing);
        first.Dispose();
        _model.Dispose();

        getMap(ref map);
        Assert.That(map.ClassIds.ToArray(), Is.EqualTo(_expected[0]), "the row at hand was segmented before");
        Assert.That((drawing.Width, drawing.Height), Is.EqualTo(s_sizes[0]));
        Assert.That(second.MoveNext(), Is.True);
        Assert.That(() => getMap(ref map), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(map.ClassIds.ToArray(), Is.EqualTo(_expected[0]), "a map needs no model");
        second.Dispose();
        second.Dispose();
        first.Dispose();
        _model.Dispose();
    }

    [Test]
    public void An_engine_takes_its_model_along_unless_it_is_told_not_to()
    {
        PredictionEngine<ImageFileRow, MapRow> guest = Engine(ownsTransformer: false),
            owner = Engine(ownsTransformer: true);
        guest.Dispose();
        SegmentationMap map = owner.Predict(new ImageFileRow { File = _files[1] }).PredictedLabel!;
        Assert.That(map.ClassIds.ToArray(), Is.EqualTo(_expected[1]));
        owner.Dispose();
        owner.Dispose();
        Assert.That(() => _model.Transform(Files).Ids("PredictedLabel"), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(map.ClassIds.ToArray(), Is.EqualTo(_expected[1]));
    }

    private PredictionEngine<ImageFileRow, MapRow> Engine(bool ownsTransformer) =>
        _context.Model.CreatePredictionEngine<ImageFileRow, MapRow>(_model,
            new PredictionEngineOptions { OwnsTransformer = ownsTransformer });
}
