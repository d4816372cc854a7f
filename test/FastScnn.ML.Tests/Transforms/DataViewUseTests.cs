using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.ML.Tests.Saving;
using FastScnn.ML.Transforms;
using FastScnn.Testing;
using FastScnn.Torch.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.ML.Tests.Transforms;

/// <summary>Maps in what ML.NET offers around data views: rows in memory, caches, previews, columns and
/// classes.</summary>
public class DataViewUseTests
{
    private readonly MLContext _context = new(seed: 1);

    private static readonly string s_folder = SaveImages();

    private IDataView InMemory => _context.Data.LoadFromEnumerable(
        Enumerable.Range(0, 3).Select(i => new ImageRow { Image = TestImages.Image(40 + i, 33, i), Number = i })
            .ToArray());

    private IDataView Files =>
        _context.Data.LoadFromEnumerable(Enumerable.Range(0, 3).Select(i => new ImageFileRow { File = $"{i}.png" }));

    private IEstimator<ITransformer> Segment() =>
        SaveAndLoadTests.Tiny(_context, new FastScnnSegmenterOptions { Classes = ClassList.Generic(3) });

    private IEstimator<ITransformer> LoadAndSegment() =>
        _context.Transforms.LoadImages("Image", s_folder, nameof(ImageFileRow.File)).Append(Segment());

    [Test]
    public void Images_in_memory_and_files_give_the_same_maps()
    {
        List<byte[]> inMemory = Segment().Fit(InMemory).Transform(InMemory).Ids("Map");
        Assert.That(inMemory.Select(ids => ids.Length), Is.EqualTo(new[] { 40 * 33, 41 * 33, 42 * 33 }));
        Assert.That(inMemory, Is.EqualTo(Enumerable.Range(0, 3).Select(LargestChannel)));
        Assert.That(LoadAndSegment().Fit(Files).Transform(Files).Ids("Map"), Is.EqualTo(inMemory));
    }

    [Test]
    public void A_column_of_maps_outlives_its_cursor()
    {
        IDataView maps = LoadAndSegment().Fit(Files).Transform(Files);
        SegmentationMap[] column = [.. maps.GetColumn<SegmentationMap>("Map")];
        Assert.That(column.Select(map => map.ClassIds.ToArray()),
            Is.EqualTo(Enumerable.Range(0, 3).Select(LargestChannel)));
        Assert.That(maps.GetColumn<SegmentationMap>(maps.Schema["Map"]).First().Width, Is.EqualTo(40));
        Assert.That(() => maps.GetColumn<string>("Map").First(),
            Throws.InstanceOf<ArgumentException>().With.Message.Contains("SegmentationMap"));
    }

    [Test]
    public void Rows_become_objects_that_keep_their_maps([Values] bool reuseRowObject)
    {
        IDataView maps = LoadAndSegment().Fit(Files).Transform(Files);
        SegmentationMap[] found =
        [
            .. _context.Data.CreateEnumerable<FileAndMap>(maps, reuseRowObject).Select(row => row.Map!)
        ];
        Assert.That(found.Select(map => map.ClassIds.ToArray()),
            Is.EqualTo(Enumerable.Range(0, 3).Select(LargestChannel)));
        Assert.That(_context.Data.CreateEnumerable<FileAndMap>(maps, reuseRowObject: false).Select(row => row.File),
            Is.EqualTo(new[] { "0.png", "1.png", "2.png" }));
    }

    [Test]
    public void A_preview_shows_maps_and_drawings()
    {
        IEstimator<ITransformer> pipeline = LoadAndSegment()
            .Append(_context.Transforms.DrawSegmentation("Drawing", "Image", "Map"));
        ITransformer model = pipeline.Fit(Files);
        foreach (DataDebuggerPreview preview in new[]
        {
            model.Transform(Files).Preview(2), model.Preview(Files, 2), pipeline.Preview(Files, 2)
        })
        {
            Assert.That(preview.RowView, Has.Length.EqualTo(2));
            Assert.That(preview.ColumnView.Single(column => column.Column.Name == "Map").Values.Cast<SegmentationMap>()
                .Select(map => map.ClassIds.ToArray()),
                Is.EqualTo(Enumerable.Range(0, 2).Select(LargestChannel)));
            foreach (DataDebuggerPreview.RowInfo row in preview.RowView)
                Assert.That(row.Values.Single(value => value.Key == "Drawing").Value, Is.InstanceOf<MLImage>());
        }
    }

    [Test]
    public void A_cache_keeps_file_names_and_leaves_images_and_maps_out()
    {
        IDataView cached = _context.Data.Cache(Files);
        Assert.That(LoadAndSegment().Fit(cached).Transform(cached).Ids("Map"),
            Is.EqualTo(Enumerable.Range(0, 3).Select(LargestChannel)));
        ITransformer checkpointed = _context.Transforms.CopyColumns("Other", "File")
            .Append(_context.Transforms.CopyColumns("Name", "File"))
            .AppendCacheCheckpoint(_context)
            .Append(LoadAndSegment()).Fit(Files);
        Assert.That(checkpointed.Transform(Files).Ids("Map"),
            Is.EqualTo(Enumerable.Range(0, 3).Select(LargestChannel)));

        IDataView maps = LoadAndSegment().Fit(Files).Transform(Files);
        Assert.That(_context.Data.Cache(maps).Schema.Select(column => column.Name), Is.EqualTo(new[] { "File" }));
    }

    [Test]
    public void Rows_may_be_taken_and_skipped_after_segmenting_and_shuffled_before()
    {
        IDataView maps = Segment().Fit(InMemory).Transform(InMemory);
        Assert.That(_context.Data.TakeRows(maps, 1).Ids("Map"), Is.EqualTo(new[] { LargestChannel(0) }));
        Assert.That(_context.Data.SkipRows(maps, 2).Ids("Map"), Is.EqualTo(new[] { LargestChannel(2) }));
        IDataView shuffled = _context.Data.ShuffleRows(Files, seed: 3);
        Assert.That(LoadAndSegment().Fit(shuffled).Transform(shuffled).Ids("Map"),
            Is.EquivalentTo(Enumerable.Range(0, 3).Select(LargestChannel)));
        Assert.That(_context.Data.ShuffleRows(maps, seed: 3).Schema.Select(column => column.Name),
            Is.EqualTo(new[] { "Number" }));
    }

    /// <summary>What the tiny model gives for the image that <see cref="InMemory"/> has in a row.</summary>
    private static byte[] LargestChannel(int row)
    {
        byte[] pixels = TestImages.Pixels(40 + row, 33, row);
        return [.. Enumerable.Range(0, (40 + row) * 33).Select(i =>
        {
            (byte blue, byte green, byte red) = (pixels[4 * i], pixels[4 * i + 1], pixels[4 * i + 2]);
            return (byte)(red >= green && red >= blue ? 0 : green >= blue ? 1 : 2);
        })];
    }

    private static string SaveImages()
    {
        string folder = TestFiles.NewFolder();
        for (int i = 0; i < 3; i++)
        {
            using MLImage image = TestImages.Image(40 + i, 33, i);
            image.Save(Path.Combine(folder, $"{i}.png"));
        }
        return folder;
    }

    private sealed class FileAndMap
    {
        public string File { get; set; } = "";

        [SegmentationMapType]
        public SegmentationMap? Map { get; set; }
    }
}
