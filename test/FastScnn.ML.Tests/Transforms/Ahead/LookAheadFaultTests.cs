using FastScnn.ML.Tests.Saving;
using FastScnn.Testing;
using FastScnn.Torch.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.ML.Tests.Transforms.Ahead;

/// <summary>Faults come where they come without looking ahead, and nothing stays behind when a cursor is left.</summary>
public class LookAheadFaultTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    private readonly MLContext _context = new(seed: 1);

    private FastScnnSegmentationTransformer _model = null!;

    [SetUp]
    public void Fit()
    {
        _model = SaveAndLoadTests.Tiny(_context, LookAheadTests.Options() with { MaxPixels = 40 * 33 }).Fit(LookAheadTests.Photographed(new WatchedView(0)));
        _model.LookAhead = 2;
    }

    [TearDown]
    public void DisposeModel() => _model.Dispose();

    [Test]
    public void A_fault_of_the_source_comes_after_the_rows_before_it([Values(0, 1, 5)] int at, [Values] bool cancelled)
    {
        Exception fault = cancelled ? new OperationCanceledException() : new IOException("The database went away.");
        IDataView data = _model.Transform(LookAheadTests.Photographed(new WatchedView(9) { Moving = row => _ = row == at ? throw fault : row }));
        var widths = new List<int>();
        Assert.That(
            () =>
            {
                foreach (SegmentationMap map in data.GetColumn<SegmentationMap>("Map"))
                    widths.Add(map.Width);
            },
            Throws.Exception.SameAs(fault));
        Assert.That(widths, Is.EqualTo(Enumerable.Range(20, at)));
    }

    [Test]
    public void A_fault_of_a_value_comes_where_the_value_is_read()
    {
        // Row 1 has no file, row 2 a label that is none, row 3 a photo above the limit.
        string folder = TestFiles.NewFolder();
        string[] files = [.. new[] { 30, 31, 32, 50, 33, 34 }.Select((width, i) => Save(folder, i, width))];
        files[1] = Path.Combine(folder, "missing.png");
        string[] labels = ["", "", files[0], "", "", ""];
        IDataView data = _context.Data.LoadFromEnumerable(files.Zip(labels, (file, label) => new LabelledFile { File = file, LabelFile = label }));
        using var chain = _context.Transforms.LoadImages("Photo", null, nameof(LabelledFile.File))
            .Append(_context.Transforms.LoadSegmentationMaps("Label", null, ClassList.Generic(3), nameof(LabelledFile.LabelFile)))
            .Append(SaveAndLoadTests.Tiny(_context, LookAheadTests.Options() with { MaxPixels = 40 * 33 })).Fit(data);
        IDataView maps = chain.Transform(data);
        string[] expected = Read(typeof(ColumnAddingCursor));
        chain.LastTransformer.LookAhead = 2;
        Assert.That(Read(typeof(LookAheadCursor)), Is.EqualTo(expected));
        Assert.That(expected, Is.EqualTo(new[] { "30", "FileNotFoundException", "InvalidDataException 32", "ArgumentException", "33", "34" }));

        using DataViewRowCursor cursor = maps.GetRowCursor([maps.Schema["Map"], maps.Schema["File"]]);
        ValueGetter<ReadOnlyMemory<char>> getFile = cursor.GetGetter<ReadOnlyMemory<char>>(maps.Schema["File"]);
        ReadOnlyMemory<char> file = default;
        for (int row = 0; cursor.MoveNext(); row++)
        {
            getFile(ref file);
            Assert.That(file.ToString(), Is.EqualTo(files[row]), "nothing is thrown where nobody reads it");
        }

        string[] Read(Type cursorType)
        {
            using DataViewRowCursor cursor = maps.GetRowCursor([maps.Schema["Label"], maps.Schema["Map"]]);
            Assert.That(cursor, Is.TypeOf(cursorType));
            ValueGetter<SegmentationMap?> getLabel = cursor.GetGetter<SegmentationMap?>(maps.Schema["Label"]), getMap = cursor.GetGetter<SegmentationMap?>(maps.Schema["Map"]);
            var rows = new List<string>();
            while (cursor.MoveNext())
                rows.Add($"{Value(getLabel)} {Value(getMap)}".Trim());
            return [.. rows];
        }
    }

    [Test]
    public void Leaving_a_loop_leaves_no_thread_image_or_cursor()
    {
        Thread? taker = null;
        var source = new WatchedView(1000) { Moving = _ => taker = Thread.CurrentThread };
        IDataView data = _model.Transform(LookAheadTests.Photographed(source));
        Assert.That(data.GetColumn<SegmentationMap>("Map").Take(3).Select(map => map.Width), Is.EqualTo(new[] { 20, 21, 22 }));
        AssertLeft(source.Cursors.Single(), taker!);

        DataViewRowCursor cursor = data.GetRowCursor([data.Schema["Map"]]);
        ValueGetter<SegmentationMap> getMap = cursor.GetGetter<SegmentationMap>(data.Schema["Map"]);
        SegmentationMap map = null!;
        Assert.That(cursor.MoveNext(), Is.True);
        cursor.Dispose();
        cursor.Dispose();
        AssertLeft(source.Cursors[1], taker!);
        Assert.That(cursor.MoveNext(), Is.False);
        Assert.That(() => getMap(ref map), Throws.InvalidOperationException);

        data.GetRowCursor([data.Schema["Map"]]).Dispose();
        Assert.That((source.Cursors[2].Disposals, source.Cursors[2].Threads.Count), Is.EqualTo((1, 0)));
    }

    [Test]
    public void Leaving_waits_for_the_row_that_is_being_read()
    {
        using var moving = new ManualResetEventSlim();
        using var released = new ManualResetEventSlim();
        var source = new WatchedView(10)
        {
            Moving = row =>
            {
                if (row == 2)
                {
                    moving.Set();
                    Assert.That(released.Wait(s_limit), Is.True);
                }
            },
        };
        IDataView data = _model.Transform(LookAheadTests.Photographed(source));
        DataViewRowCursor cursor = data.GetRowCursor([data.Schema["Map"]]);
        Assert.That(cursor.MoveNext() && moving.Wait(s_limit), Is.True);
        ThreadPool.UnsafeQueueUserWorkItem(_ => released.Set(), null);
        cursor.Dispose();
        AssertLeft(source.Cursors.Single(), source.Cursors.Single().Threads.Single());
    }

    [Test]
    public void Cursors_of_one_model_go_their_own_ways()
    {
        IDataView data = _model.Transform(LookAheadTests.Photographed(new WatchedView(20)));
        List<byte[]> expected = data.Ids("Map");
        DataViewRowCursor[] cursors = [.. Enumerable.Range(0, 4).Select(_ => data.GetRowCursor([data.Schema["Map"]]))];
        Parallel.For(0, cursors.Length, i =>
        {
            using DataViewRowCursor cursor = cursors[i];
            ValueGetter<SegmentationMap> getMap = cursor.GetGetter<SegmentationMap>(data.Schema["Map"]);
            SegmentationMap map = null!;
            for (int row = 0; row < 20 - 5 * i && cursor.MoveNext(); row++)
            {
                getMap(ref map);
                Assert.That(map.ClassIds.ToArray(), Is.EqualTo(expected[row]));
            }
        });
    }

    [Test]
    public void A_disposed_model_says_so_after_the_maps_that_were_made()
    {
        IDataView data = _model.Transform(LookAheadTests.Photographed(new WatchedView(20)));
        using DataViewRowCursor cursor = data.GetRowCursor([data.Schema["Map"]]);
        ValueGetter<SegmentationMap> getMap = cursor.GetGetter<SegmentationMap>(data.Schema["Map"]);
        SegmentationMap map = null!;
        Assert.That(cursor.MoveNext(), Is.True);
        _model.Dispose();
        getMap(ref map);
        Assert.That(map.Width, Is.EqualTo(20));
        // Two rows more may have been made before.
        for (int row = 0; row < 3; row++)
            Assert.That(cursor.MoveNext(), Is.True);
        do
            Assert.That(() => getMap(ref map), Throws.InstanceOf<ObjectDisposedException>());
        while (cursor.MoveNext());
    }

    private static string Value(ValueGetter<SegmentationMap?> getter)
    {
        SegmentationMap? map = null;
        try
        {
            getter(ref map);
            return $"{map?.Width}";
        }
        catch (Exception e)
        {
            return e.GetType().Name;
        }
    }

    private static void AssertLeft(WatchedCursor cursor, Thread taker)
    {
        Assert.That((cursor.Disposals, cursor.WasDisposedWhileMoving, cursor.Images), Is.EqualTo((1, false, 0)));
        Assert.That(taker, Is.Not.SameAs(Thread.CurrentThread));
        Assert.That(taker.IsAlive, Is.False);
    }

    private static string Save(string folder, int number, int width)
    {
        string file = Path.Combine(folder, $"{number}.png");
        using MLImage image = Photos.Image(width, 33, number);
        image.Save(file);
        return file;
    }

    private sealed class LabelledFile
    {
        public string File { get; set; } = "";

        public string LabelFile { get; set; } = "";
    }
}
