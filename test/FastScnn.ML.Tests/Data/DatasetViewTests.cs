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

/// <summary>How loaded data sets behave as data views: cursors, and ML.NET's own operations.</summary>
public class DatasetViewTests
{
    private readonly MLContext _context = new(seed: 1);

    private IDataView Load(MemoryDataset dataset) => _context.SemanticSegmentation.LoadFrom(dataset);

    private static int Red(MLImage image) => image.Pixels[image.PixelFormat == MLPixelFormat.Bgra32 ? 2 : 0];

    private static List<string> Names(IDataView data) =>
        data.Select("Name", (ReadOnlyMemory<char> name) => name.ToString());

    [Test]
    public void Only_files_of_active_columns_are_read()
    {
        var dataset = new MemoryDataset(3);
        IDataView data = Load(dataset);
        Assert.That(Names(data), Is.EqualTo(new[] { "s0", "s1", "s2" }));
        Assert.That(dataset.ReadFiles, Is.Empty);
        Assert.That(data.Select("Label", (SegmentationMap map) => map[0, 0]), Is.EqualTo(new[] { 0, 1, 2 }));
        Assert.That(dataset.ReadFiles, Is.EqualTo(new[] { "labels/0.png", "labels/1.png", "labels/2.png" }));
        dataset.ReadFiles.Clear();
        using DataViewRowCursor cursor = data.GetRowCursor(data.Schema);
        ValueGetter<MLImage> getImage = cursor.GetGetter<MLImage>(data.Schema["Image"]);
        cursor.MoveNext();
        cursor.MoveNext();
        MLImage image = null!;
        getImage(ref image);
        Assert.That(dataset.ReadFiles, Is.EqualTo(new[] { "images/1.jpg" }),
            "of a row that was moved over, nothing is read");
        Assert.That(Red(image), Is.EqualTo(2));
    }

    [Test]
    public void Two_consumers_of_a_label_read_it_once()
    {
        var dataset = new MemoryDataset(2);
        IDataView data = Load(dataset);
        IDataView drawn = _context.Transforms.DrawSegmentation("Drawn", "Image", "Label").Fit(data).Transform(data);
        using DataViewRowCursor cursor = drawn.GetRowCursor(drawn.Schema);
        ValueGetter<SegmentationMap> getLabel = cursor.GetGetter<SegmentationMap>(drawn.Schema["Label"]);
        ValueGetter<MLImage> getDrawn = cursor.GetGetter<MLImage>(drawn.Schema["Drawn"]);
        SegmentationMap label = null!;
        MLImage image = null!;
        while (cursor.MoveNext())
        {
            getLabel(ref label);
            getDrawn(ref image);
        }
        Assert.That(dataset.ReadFiles,
            Is.EqualTo(new[] { "labels/0.png", "images/0.jpg", "labels/1.png", "images/1.jpg" }));
    }

    [Test]
    public void An_image_lives_until_the_next_one_or_the_end_of_the_cursor()
    {
        IDataView data = Load(new MemoryDataset(2));
        MLImage first, second;
        using (DataViewRowCursor cursor = data.GetRowCursor([data.Schema["Image"]]))
        {
            ValueGetter<MLImage> getImage = cursor.GetGetter<MLImage>(data.Schema["Image"]);
            MLImage image = null!;
            cursor.MoveNext();
            getImage(ref image);
            first = image;
            cursor.MoveNext();
            getImage(ref image);
            second = image;
            Assert.That(() => first.Width, Throws.Exception);
            Assert.That(second.Width, Is.EqualTo(6));
        }
        Assert.That(() => second.Width, Throws.Exception);
    }

    [Test]
    public void A_set_of_cursors_shares_the_rows()
    {
        IDataView data = Load(new MemoryDataset(10));
        DataViewRowCursor[] cursors = data.GetRowCursorSet(data.Schema, 4);
        Assert.That(cursors, Has.Length.EqualTo(4));
        List<(long Batch, string Name, int Red, byte Class, ulong Id)>[] rows =
        [
            .. cursors.Select(_ => new List<(long, string, int, byte, ulong)>())
        ];
        Parallel.For(0, 4, i => ReadAll(cursors[i], rows[i]));
        Assert.That(rows.Select(r => r.Count), Is.EquivalentTo(new[] { 3, 3, 2, 2 }));
        var ordered = rows.SelectMany(r => r).OrderBy(row => row.Batch).ToList();
        Assert.That(ordered.Select(row => row.Batch), Is.EqualTo(Enumerable.Range(0, 10)),
            "batches put the rows back into order");
        Assert.That(ordered.Select(row => (row.Name, row.Red, (int)row.Class, row.Id)),
            Is.EqualTo(Enumerable.Range(0, 10).Select(i => ($"s{i}", i + 1, i % 3, (ulong)i))));
        Assert.That(data.GetRowCursorSet(data.Schema, 64), Has.Length.EqualTo(10));
        Assert.That(data.GetRowCursorSet(data.Schema, 0), Has.Length.EqualTo(1));
    }

    [Test]
    public void A_shuffled_cursor_has_the_same_rows_in_another_order()
    {
        IDataView data = Load(new MemoryDataset(50));
        Assert.That(data.CanShuffle, Is.True);
        var rows = new List<(long, string Name, int Red, byte Class, ulong Id)>();
        ReadAll(data.GetRowCursor(data.Schema, new Random(3)), rows);
        Assert.That(rows.Select(row => row.Id), Is.EquivalentTo(Enumerable.Range(0, 50)).And.Not.Ordered);
        Assert.That(rows,
            Has.All.Matches<(long, string Name, int Red, byte Class, ulong Id)>(row =>
                row.Name == $"s{row.Id}" && row.Red == (int)row.Id + 1 && row.Class == row.Id % 3));
        var again = new List<(long, string Name, int Red, byte Class, ulong Id)>();
        ReadAll(data.GetRowCursor(data.Schema, new Random(3)), again);
        Assert.That(again, Is.EqualTo(rows));
    }

    [Test]
    public void Misuse_of_a_cursor_is_named()
    {
        IDataView data = Load(new MemoryDataset(1));
        using DataViewRowCursor cursor = data.GetRowCursor([data.Schema["Name"]]);
        ValueGetter<ReadOnlyMemory<char>> getName = cursor.GetGetter<ReadOnlyMemory<char>>(data.Schema["Name"]);
        ReadOnlyMemory<char> name = default;
        Assert.Multiple(() =>
        {
            Assert.That(cursor.Position, Is.EqualTo(-1));
            Assert.That(() => getName(ref name), Throws.InvalidOperationException.With.Message.Contains("MoveNext"));
            Assert.That(cursor.MoveNext(), Is.True);
            Assert.That(cursor.Position, Is.Zero);
            Assert.That(cursor.MoveNext(), Is.False);
            Assert.That(cursor.MoveNext(), Is.False);
            Assert.That(cursor.Position, Is.EqualTo(-1));
            Assert.That(() => getName(ref name), Throws.InvalidOperationException.With.Message.Contains("MoveNext"));
            Assert.That(() => cursor.GetGetter<MLImage>(data.Schema["Image"]),
                Throws.InvalidOperationException.With.Message.Contains("'Image'"));
            Assert.That(() => cursor.GetGetter<int>(data.Schema["Name"]),
                Throws.InvalidOperationException.With.Message.Contains("Int32"));
        });
    }

    [Test]
    public void Operations_of_MLNet_work()
    {
        IDataView data = Load(new MemoryDataset(40));
        DataOperationsCatalog.TrainTestData split = _context.Data.TrainTestSplit(data, testFraction: 0.3, seed: 2);
        DataDebuggerPreview preview = data.Preview(maxRows: 2);
        Assert.Multiple(() =>
        {
            Assert.That(_context.Data.TakeRows(_context.Data.SkipRows(data, 3), 2).Select("Image",
                (MLImage image) => Red(image)), Is.EqualTo(new[] { 4, 5 }));
            Assert.That(Names(split.TrainSet).Concat(Names(split.TestSet)), Is.EquivalentTo(Names(data)));
            Assert.That(split.TestSet.Select("Image", (MLImage image) => $"s{Red(image) - 1}"),
                Is.EqualTo(Names(split.TestSet)).And.Not.Empty);
            Assert.That(split.TestSet.Select("Label", (SegmentationMap map) => map.Width), Is.All.EqualTo(6));
            Assert.That(preview.RowView, Has.Length.EqualTo(2));
            Assert.That(preview.ColumnView.Single(column => column.Column.Name == "Label").Values,
                Is.All.InstanceOf<SegmentationMap>());
            Assert.That(data.GetColumn<SegmentationMap>("Label").Select(map => map[5, 3]),
                Is.EqualTo(Enumerable.Range(0, 40).Select(i => i % 3)));
            Assert.That(_context.Data.CreateEnumerable<LoadedRow>(data, reuseRowObject: false)
                .Select(row => (row.Name, row.Label!.Width)),
                Is.EqualTo(Enumerable.Range(0, 40).Select(i => ($"s{i}", 6))));
        });
    }

    // ML.NET's own images are dropped there too: it copies nothing but primitive values and vectors.
    [TestCase("cache")]
    [TestCase("shuffle")]
    public void Behind_cache_and_shuffle_the_files_are_loaded_by_their_paths(string operation)
    {
        string root = TestFiles.NewFolder();
        StreetSceneFolder.Write(root, "train", 4, new StreetSceneOptions { Width = 48, Height = 32 });
        IDataView data = _context.SemanticSegmentation.LoadFromFolder(root, "train");
        IDataView kept = operation == "cache" ? _context.Data.Cache(data) : _context.Data.ShuffleRows(data, seed: 3);
        Assert.That(kept.Schema.Select(column => column.Name), Is.EqualTo(new[] { "ImagePath", "MaskPath", "Name" }));
        IDataView loaded = _context.Transforms.LoadImages("Image", null, "ImagePath")
            .Append(_context.Transforms.LoadSegmentationMaps("Label", null, StreetScene.Classes, "MaskPath")).Fit(kept)
            .Transform(kept);
        Dictionary<string, byte[]> expected = Names(data).Zip(data.Ids("Label")).ToDictionary();
        Assert.That(Names(loaded), operation == "cache" ? Is.EqualTo(expected.Keys) : Is.EquivalentTo(expected.Keys));
        Assert.That(Names(loaded).Zip(loaded.Ids("Label")),
            Is.All.Matches<(string Name, byte[] Ids)>(row => row.Ids.SequenceEqual(expected[row.Name])));
        Assert.That(loaded.Select("Image", (MLImage image) => image.Width), Is.EqualTo(new[] { 48, 48, 48, 48 }));
    }

    private static void ReadAll(DataViewRowCursor cursor,
        List<(long Batch, string Name, int Red, byte Class, ulong Id)> rows)
    {
        using (cursor)
        {
            DataViewSchema schema = cursor.Schema;
            ValueGetter<ReadOnlyMemory<char>> getName = cursor.GetGetter<ReadOnlyMemory<char>>(schema["Name"]);
            ValueGetter<MLImage> getImage = cursor.GetGetter<MLImage>(schema["Image"]);
            ValueGetter<SegmentationMap> getLabel = cursor.GetGetter<SegmentationMap>(schema["Label"]);
            ValueGetter<DataViewRowId> getId = cursor.GetIdGetter();
            ReadOnlyMemory<char> name = default;
            MLImage image = null!;
            SegmentationMap label = null!;
            DataViewRowId id = default;
            while (cursor.MoveNext())
            {
                getName(ref name);
                getImage(ref image);
                getLabel(ref label);
                getId(ref id);
                rows.Add((cursor.Batch, name.ToString(), Red(image), label[0, 0], id.Low));
            }
        }
    }

    private sealed class LoadedRow
    {
        public string Name { get; set; } = "";

        [SegmentationMapType]
        public SegmentationMap? Label { get; set; }
    }
}
