using FastScnn.ML.Tests.Saving;
using FastScnn.Testing;
using FastScnn.Torch.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.ML.Tests.Transforms.Ahead;

/// <summary>Cursors that look ahead give what cursors give that do not.</summary>
public class LookAheadTests
{
    private static readonly (int Width, int Height)?[] s_photos = [(40, 33), (33, 45), null, (128, 40), (20, 100), (40, 33), null, null, (1, 1), (64, 64), (40, 33)];

    private readonly MLContext _context = new(seed: 1);

    private FastScnnSegmentationTransformer _model = null!;

    [SetUp]
    public void Fit() => _model = Fit(scores: false);

    [TearDown]
    public void DisposeModel() => _model.Dispose();

    [Test]
    public void All_values_are_those_of_a_cursor_that_does_not([Values(1, 2, 3, 16)] int lookAhead, [Values] bool scores)
    {
        using FastScnnSegmentationTransformer model = Fit(scores);
        IDataView data = model.Transform(AllTypes());
        DataViewSchema.Column[] columns = [.. data.Schema.Where(column => column.Name != "Photo")];
        Assert.That(columns, Has.Length.EqualTo(scores ? 26 : 24));
        string[] expected = CursorValues.Read(data, columns, typeof(ColumnAddingCursor));
        model.LookAhead = lookAhead;
        string[] found = CursorValues.Read(data, columns, typeof(LookAheadCursor));
        Assert.That(found, Is.EqualTo(expected));
        Assert.That(found, Has.Length.EqualTo(s_photos.Length));
        Assert.That(CursorValues.Read(data, columns, typeof(LookAheadCursor)), Is.EqualTo(expected), "again");
        Assert.That(
            CursorValues.Read(data, [.. columns.Where(column => column.Name is "Map" or "Text")], typeof(LookAheadCursor)).Select((row, i) => row.Split('\n').All(expected[i].Split('\n').Contains)),
            Is.All.True);
    }

    [Test]
    public void Files_become_the_same_objects_columns_and_previews()
    {
        string folder = TestFiles.NewFolder();
        string[] files = [.. s_photos.Select((size, i) => size is { } s ? Save(folder, i, s.Width, s.Height) : "")];
        IDataView data = _context.Data.LoadFromEnumerable(files.Select(file => new PhotoFileRow { File = file }));
        using var chain = _context.Transforms.LoadImages("Photo", null, nameof(PhotoFileRow.File)).Append(_context.Transforms.CopyColumns("Copy", "File"))
            .Append(SaveAndLoadTests.Tiny(_context, Options())).Append(_context.Transforms.CopyColumns("Again", "Map")).Fit(data);
        var model = (FastScnnSegmentationTransformer)chain.ElementAt(2);
        IDataView maps = chain.Transform(data);
        byte[]?[] expected = [.. maps.Select("Map", (SegmentationMap? map) => map?.ClassIds.ToArray())];
        model.LookAhead = 2;
        Assert.That(maps.Select("Again", (SegmentationMap? map) => map?.ClassIds.ToArray()), Is.EqualTo(expected));
        foreach (bool reuse in new[] { false, true })
        {
            Assert.That(
                _context.Data.CreateEnumerable<FileAndMap>(maps, reuse).Select(row => (row.File, row.Copy, row.Map?.ClassIds.ToArray())),
                Is.EqualTo(files.Zip(expected, (file, ids) => (file, file, ids))));
        }
        Assert.That(maps.GetColumn<SegmentationMap?>("Map").Select(map => map?.ClassIds.ToArray()), Is.EqualTo(expected));
        Assert.That(
            maps.Preview().ColumnView.Single(column => column.Column.Name == "Map").Values.Select(map => ((SegmentationMap?)map)?.ClassIds.ToArray()), Is.EqualTo(expected));
        SegmentationTimings timings = maps.GetColumn<SegmentationMap?>("Map").First()!.Timings;
        Assert.That(new[] { timings.PreProcess, timings.Inference, timings.PostProcess }, Is.All.GreaterThan(TimeSpan.Zero));
        Assert.That(timings.Decode, Is.EqualTo(TimeSpan.Zero), "that is the column's of images");
    }

    [Test]
    public void The_next_rows_are_read_while_one_is_looked_at_and_no_more_of_them([Values(1, 2, 4)] int lookAhead)
    {
        const int Count = 30;
        (int read, int most, int seen) = (0, 0, 0);
        using var asked = new SemaphoreSlim(0);
        var source = new WatchedView(Count)
        {
            Moving = row =>
            {
                most = Math.Max(most, row - Volatile.Read(ref read));
                asked.Release();
            },
        };
        _model.LookAhead = lookAhead;
        IDataView data = _model.Transform(Photographed(source));
        using DataViewRowCursor cursor = data.GetRowCursor([data.Schema["Map"]]);
        ValueGetter<SegmentationMap> getMap = cursor.GetGetter<SegmentationMap>(data.Schema["Map"]);
        _ = cursor.GetIdGetter();
        Assert.That((asked.CurrentCount, cursor.Position), Is.EqualTo((0, -1L)), "nothing is read before it is asked for");
        SegmentationMap map = null!;
        for (int row = 0; cursor.MoveNext(); row++)
        {
            for (; seen < Math.Min(row + 1 + lookAhead, Count + 1); seen++)
                Assert.That(asked.Wait(TimeSpan.FromMinutes(1)), Is.True);
            getMap(ref map);
            Assert.That((cursor.Position, map.Width), Is.EqualTo(((long)row, 20 + row)));
            Volatile.Write(ref read, row + 1);
        }
        Assert.That((read, most, cursor.Position), Is.EqualTo((Count, lookAhead, -1L)));
        Assert.That(source.Cursors.Single().Threads, Has.Count.EqualTo(1).And.No.Member(Thread.CurrentThread));
    }

    [Test]
    public void By_default_rows_are_read_when_they_are_asked_for()
    {
        int asked = 0;
        var source = new WatchedView(5) { Moving = _ => asked++ };
        IDataView data = _model.Transform(Photographed(source));
        Assert.That(_model.LookAhead, Is.Zero);
        int row = 0;
        foreach (SegmentationMap map in data.GetColumn<SegmentationMap>("Map"))
            Assert.That((asked, map.Width), Is.EqualTo((++row, 19 + row)));
        Assert.That(source.Cursors.Single().Threads, Is.EqualTo(new[] { Thread.CurrentThread }));
    }

    [Test]
    public void Values_that_belong_to_their_row_are_read_when_they_are_asked_for()
    {
        var source = new WatchedView(3).With("Other", new OtherType(), row => new object());
        IDataView data = _model.Transform(Photographed(source));
        IDataView withoutIds = _model.Transform(Photographed(new WatchedView(3) { HasIds = false }));
        _model.LookAhead = 2;
        Assert.Multiple(() =>
        {
            Assert.That(CursorOf(data, "Map"), Is.EqualTo(typeof(LookAheadCursor)));
            Assert.That(CursorOf(data, "Map", "Photo"), Is.EqualTo(typeof(ColumnAddingCursor)), "images");
            Assert.That(CursorOf(data, "Map", "Other"), Is.EqualTo(typeof(ColumnAddingCursor)), "unknown types");
            Assert.That(CursorOf(data, "Number"), Is.EqualTo(typeof(ColumnAddingCursor)), "nothing is made");
            Assert.That(CursorOf(withoutIds, "Map"), Is.EqualTo(typeof(ColumnAddingCursor)), "ids");
        });
        DataViewRowCursor[] set = data.GetRowCursorSet([data.Schema["Map"]], 2);
        Assert.That(set, Is.All.TypeOf<ColumnAddingCursor>());
        foreach (DataViewRowCursor cursor in set)
            cursor.Dispose();
        Assert.That(withoutIds.Ids("Map"), Has.Count.EqualTo(3));
    }

    [Test]
    public void A_column_has_a_getter_of_its_type_where_it_was_asked_for()
    {
        _model.LookAhead = 2;
        IDataView data = _model.Transform(Photographed(new WatchedView(3)));
        using DataViewRowCursor cursor = data.GetRowCursor([data.Schema["Map"], data.Schema["Number"]]);
        Assert.That(cursor.Schema, Is.SameAs(data.Schema));
        Assert.That(data.Schema.Where(cursor.IsColumnActive).Select(column => column.Name), Is.EqualTo(new[] { "Number", "Map" }));
        Assert.That(() => cursor.GetGetter<MLImage>(data.Schema["Photo"]), Throws.InvalidOperationException.With.Message.Contains("'Photo'"));
        Assert.That(() => cursor.GetGetter<float>(data.Schema["Number"]), Throws.InvalidOperationException.With.Message.Contains("Int32"));
        Assert.That(() => cursor.GetGetter<float>(data.Schema["Map"]), Throws.InvalidOperationException.With.Message.Contains("Single"));
        ValueGetter<int> early = cursor.GetGetter<int>(data.Schema["Number"]);
        int number = 0;
        Assert.That(() => early(ref number), Throws.InvalidOperationException.With.Message.Contains("no row"));
        Assert.That(cursor.MoveNext() && cursor.MoveNext(), Is.True);
        ValueGetter<int> late = cursor.GetGetter<int>(data.Schema["Number"]);
        late(ref number);
        Assert.That(number, Is.EqualTo(1));
    }

    [Test]
    public void A_reader_may_leave_maps_unread()
    {
        _model.LookAhead = 2;
        IDataView data = _model.Transform(Photographed(new WatchedView(9)));
        using DataViewRowCursor cursor = data.GetRowCursor([data.Schema["Map"], data.Schema["Number"]]);
        ValueGetter<int> getNumber = cursor.GetGetter<int>(data.Schema["Number"]);
        ValueGetter<SegmentationMap> getMap = cursor.GetGetter<SegmentationMap>(data.Schema["Map"]);
        int number = 0;
        SegmentationMap map = null!;
        for (int row = 0; cursor.MoveNext(); row++)
        {
            if (row % 3 == 1)
            {
                getMap(ref map);
                Assert.That(map.Width, Is.EqualTo(20 + row));
            }
            getNumber(ref number);
            Assert.That(number, Is.EqualTo(row));
        }
        Assert.That(number, Is.EqualTo(8));
    }

    [Test]
    public void The_setting_is_checked_and_not_saved_and_may_be_set_after_loading()
    {
        IDataView data = Photographed(new WatchedView(2));
        var options = new FastScnnSegmentationOptions { OutputColumnName = "Map", InputColumnName = "Photo", ModelFile = Models.CamVid, LookAhead = 3 };
        using FastScnnSegmentationTransformer model = _context.Transforms.FastScnnSegment(options).Fit(data);
        Assert.That(model.LookAhead, Is.EqualTo(3));
        using var loaded = (FastScnnSegmentationTransformer)ModelZip.Save(_context, model).Load(new MLContext());
        Assert.That(loaded.LookAhead, Is.Zero);
        loaded.LookAhead = 16;
        Assert.That(loaded.Transform(data).Ids("Map"), Is.EqualTo(model.Transform(data).Ids("Map")));
        foreach (int wrong in new[] { -1, 17 })
        {
            Assert.That(() => loaded.LookAhead = wrong, Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains($"{wrong} rows"));
            Assert.That(() => options with { LookAhead = wrong }, Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("16"));
        }
        Assert.That(loaded.LookAhead, Is.EqualTo(16));
    }

    internal static FastScnnSegmenterOptions Options() => new() { Classes = ClassList.Generic(3) };

    /// <summary>Rows of a photo, as wide as 20 and the row's number, and the number.</summary>
    internal static WatchedView Photographed(WatchedView view) =>
        view.WithPhotos("Photo", row => Photos.Image(20 + row, 33, row)).With("Number", NumberDataViewType.Int32, row => row);

    private FastScnnSegmentationTransformer Fit(bool scores) =>
        SaveAndLoadTests.Tiny(_context, Options(), scores ? "Score" : null, confidence: scores ? "Confidence" : null).Fit(Photographed(new WatchedView(0)));

    private static WatchedView AllTypes()
    {
        var day = new DateTime(2026, 11, 27, 1, 2, 3, DateTimeKind.Utc);
        return new WatchedView(s_photos.Length)
            .WithPhotos("Photo", row => s_photos[row] is { } size ? Photos.Image(size.Width, size.Height, row) : null)
            .With("Text", TextDataViewType.Instance, row => $"row {row}".AsMemory())
            .With("SByte", NumberDataViewType.SByte, row => (sbyte)-row)
            .With("Byte", NumberDataViewType.Byte, row => (byte)row)
            .With("Int16", NumberDataViewType.Int16, row => (short)(-300 * row))
            .With("UInt16", NumberDataViewType.UInt16, row => (ushort)(300 * row))
            .With("Int32", NumberDataViewType.Int32, row => -70_000 * row)
            .With("UInt32", NumberDataViewType.UInt32, row => 70_000u * (uint)row)
            .With("Int64", NumberDataViewType.Int64, row => -5_000_000_000 * row)
            .With("UInt64", NumberDataViewType.UInt64, row => 5_000_000_000ul * (ulong)row)
            .With("Single", NumberDataViewType.Single, row => row / 3f)
            .With("Double", NumberDataViewType.Double, row => row / 3d)
            .With("Boolean", BooleanDataViewType.Instance, row => row % 2 == 0)
            .With("Key", new KeyDataViewType(typeof(uint), 20), row => (uint)row)
            .With("DateTime", DateTimeDataViewType.Instance, row => day.AddDays(row))
            .With("DateTimeOffset", DateTimeOffsetDataViewType.Instance, row => new DateTimeOffset(day.AddDays(row)))
            .With("TimeSpan", TimeSpanDataViewType.Instance, row => TimeSpan.FromSeconds(row))
            .With("RowId", RowIdDataViewType.Instance, row => new DataViewRowId((ulong)row, 5))
            .With<SegmentationMap?>("Label", SegmentationMapDataViewType.Instance, row => row % 3 == 2 ? null : new SegmentationMap(new LabelMap(1, 2, [(byte)row, 1]), ClassList.Generic(3)))
            .WithVectors("Singles", NumberDataViewType.Single, row => new VBuffer<float>(row % 4, [.. Enumerable.Range(0, row % 4).Select(i => row + i / 10f)]))
            .WithVectors("Sparse", NumberDataViewType.Double, row => new VBuffer<double>(9, 2, [row, 0.5], [1, 3 + row % 5]))
            .WithVectors("Texts", TextDataViewType.Instance, row => new VBuffer<ReadOnlyMemory<char>>(2, [$"{row}".AsMemory(), default]))
            .WithVectors("Keys", new KeyDataViewType(typeof(byte), 20), row => new VBuffer<byte>(row % 3, [.. Enumerable.Range(0, row % 3).Select(i => (byte)i)]))
            .WithVectors("Booleans", BooleanDataViewType.Instance, row => new VBuffer<bool>(2, [row % 2 == 0, true]));
    }

    private static Type CursorOf(IDataView data, params string[] columns)
    {
        using DataViewRowCursor cursor = data.GetRowCursor(columns.Select(name => data.Schema[name]));
        return cursor.GetType();
    }

    private static string Save(string folder, int number, int width, int height)
    {
        string file = Path.Combine(folder, $"{number}.png");
        using MLImage image = Photos.Image(width, height, number);
        image.Save(file);
        return file;
    }

    private sealed class OtherType() : StructuredDataViewType(typeof(object))
    {
        public override bool Equals(DataViewType? other) => other is OtherType;
    }

    private sealed class FileAndMap
    {
        public string File { get; set; } = "";

        public string Copy { get; set; } = "";

        [SegmentationMapType]
        public SegmentationMap? Map { get; set; }
    }
}
