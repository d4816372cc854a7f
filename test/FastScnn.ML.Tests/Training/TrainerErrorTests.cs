using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.ML.Tests.Data;
using FastScnn.ML.Training;
using FastScnn.ML.Transforms;
using FastScnn.Scenes;
using FastScnn.Testing;
using FastScnn.Torch.Data;
using Microsoft.ML;

namespace FastScnn.ML.Tests.Training;

/// <summary>What training through ML.NET refuses, and when.</summary>
[NonParallelizable]
public class TrainerErrorTests
{
    private readonly MLContext _context = new(seed: 1);
    private StreetRow[] _rows = null!;

    [OneTimeSetUp]
    public void Write() => _rows = StreetRow.Of(SegmentationDataset.FromFolder(StreetRow.Folder(4), "train"));

    private void Fit(IEnumerable<StreetRow> rows, FastScnnSegmentationTrainerOptions? options = null,
        MLContext? context = null)
    {
        context ??= _context;
        using FastScnnSegmentationTransformer model =
            context.SemanticSegmentation.Trainers.FastScnn(options ?? new() { Training = StreetRow.Short(1) })
            .Fit(context.Data.LoadFromEnumerable(rows));
    }

    private StreetRow With(int row, SegmentationMap label) => new() { Image = _rows[row].Image, Label = label };

    private static SegmentationMap Map(ClassList classes, int width = StreetRow.Width, byte id = 0) =>
        new(new LabelMap(width, StreetRow.Height, [.. Enumerable.Repeat(id, width * StreetRow.Height)]), classes);

    [Test]
    public void Rows_that_do_not_fit_are_named()
    {
        var others = new ClassList(StreetScene.Classes.Select(c => c with { Name = c.Name + "!" }));
        var ignoring = new ClassList(StreetScene.Classes, ignoreIndex: 200);
        Assert.Multiple(() =>
        {
            Assert.That(() => Fit([_rows[0], With(1, Map(StreetScene.Classes, 63))]),
                Throws.TypeOf<InvalidDataException>().With.Message.Contains("Row 1 ").And.Message.Contains(
                    "64 x 48").And.Message.Contains("63 x 48"));
            Assert.That(() => Fit([_rows[0], _rows[1], With(2, Map(others))]),
                Throws.TypeOf<InvalidDataException>().With.Message.Contains("Row 2 ").And.Message.Contains("'road!'"));
            Assert.That(() => Fit([_rows[0], With(1, Map(ClassList.CamVid))]),
                Throws.TypeOf<InvalidDataException>().With.Message.Contains(
                    "11 classes and those of the rows before 12"));
            Assert.That(() => Fit([_rows[0], With(1, Map(ignoring))]),
                Throws.TypeOf<InvalidDataException>().With.Message.Contains("ignores 200"));
            Assert.That(() => Fit([_rows[0], With(1, Map(StreetScene.Classes, id: 99))]),
                Throws.TypeOf<InvalidDataException>().With.Message.Contains("Row 1 ").And.Message.Contains(
                    "99 on 3072 pixels"));
        });
    }

    [Test]
    public void Too_few_rows_are_refused()
    {
        Assert.Multiple(() =>
        {
            Assert.That(() => Fit([]),
                Throws.TypeOf<InvalidDataException>().With.Message.Contains("no training row").And.Message.Contains(
                    "of 0 rows"));
            Assert.That(() => Fit([new StreetRow { Image = _rows[0].Image }]),
                Throws.TypeOf<InvalidDataException>().With.Message.Contains("of 1 rows, 1 have no label"));
            Assert.That(() => Fit(_rows.Take(3)),
                Throws.ArgumentException.With.Message.Contains("3 training rows").And.Message.Contains(
                    "a batch takes 4").And.Message.Contains("BatchSize 2 to 3"));
            Assert.That(() => Fit(_rows,
                new()
                {
                    Training = StreetRow.Short(1),
                    ValidationSet = _context.Data.LoadFromEnumerable(Array.Empty<StreetRow>())
                }),
                    Throws.TypeOf<InvalidDataException>().With.Message.Contains("no validation row"));
            Assert.That(
                () => _context.SemanticSegmentation.Trainers.FastScnn()
                    .Fit(_context.SemanticSegmentation.LoadFrom(new MemoryDataset(0))),
                Throws.TypeOf<InvalidDataException>().With.Message.Contains("no training row"));
        });
    }

    [Test]
    public void A_validation_set_of_other_classes_is_refused() => Assert.That(
        () =>
            Fit(_rows, new()
            {
                Training = StreetRow.Short(1),
                ValidationSet = _context.Data.LoadFromEnumerable([With(0, Map(ClassList.CamVid))])
            }),
        Throws.ArgumentException.With.Message.Contains("11").And.Message.Contains("12"));

    [Test]
    public void Wrong_columns_and_batches_are_named_before_any_row_is_read()
    {
        IEnumerable<StreetRow> Unread()
        {
            Assert.Fail("a row was read");
            yield break;
        }
        Assert.Multiple(() =>
        {
            Assert.That(() => Fit(Unread(), new() { ImageColumnName = "Street" }),
                Throws.ArgumentException.With.Message.Contains("'Street'").And.Message.Contains("Image, Label, Number"));
            Assert.That(() => Fit(Unread(), new() { LabelColumnName = "Number" }),
                Throws.ArgumentException.With.Message.Contains("'Number'").And.Message.Contains("Single"));
            Assert.That(() => Fit(Unread(), new() { Training = StreetRow.Short(1, batchSize: 1) }),
                Throws.ArgumentException.With.Message.Contains("BatchSize is 1"));
            var chain = _context.Transforms.CopyColumns("Other", "Number")
                .Append(_context.SemanticSegmentation.Trainers.FastScnn(labelColumnName: "Truth"));
            Assert.That(() => chain.Fit(_context.Data.LoadFromEnumerable(Unread())),
                Throws.ArgumentException.With.Message.Contains("'Truth'"));
            Assert.That(() => Fit(Unread(),
                new() { ValidationSet = _context.Data.LoadFromEnumerable([new Transforms.ImageFileRow()]) }),
                Throws.ArgumentException.With.Message.Contains("'Image'").And.Message.Contains("ValidationSet"));
        });
    }

    [Test]
    public void Options_are_checked()
    {
        Assert.Multiple(() =>
        {
            Assert.That(() => new FastScnnSegmentationTrainerOptions { LabelColumnName = " " },
                Throws.ArgumentException);
            Assert.That(() => new FastScnnSegmentationTrainerOptions { ScoreColumnName = "" },
                Throws.ArgumentException.With.Message.Contains("ScoreColumnName"));
            Assert.That(() => new FastScnnSegmentationTrainerOptions { ConfidenceColumnName = " " },
                Throws.ArgumentException.With.Message.Contains("ConfidenceColumnName"));
            Assert.That(() => new FastScnnSegmentationTrainerOptions { ScoreKind = (ScoreKind)7 },
                Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("Logits"));
            Assert.That(
                () => _context.SemanticSegmentation.Trainers.FastScnn(new FastScnnSegmentationTrainerOptions
                {
                    ScoreColumnName = "PredictedLabel"
                }),
                Throws.ArgumentException.With.Message.Contains(
                    "PredictedLabelColumnName and ScoreColumnName are both 'PredictedLabel'"));
            Assert.That(() => new FastScnnSegmentationTrainerOptions { MemoryBytes = -1 },
                Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("-1 bytes"));
            Assert.That(() => new FastScnnSegmentationTrainerOptions { GpuDeviceId = -1 },
                Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => new FastScnnSegmentationTrainerOptions { Training = null! },
                Throws.ArgumentNullException);
            Assert.That(() => _context.SemanticSegmentation.Trainers.FastScnn(epochs: 0),
                Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => _context.SemanticSegmentation.Trainers.FastScnn(options: null!),
                Throws.ArgumentNullException);
        });
    }

    // No machine has this many.
    [Test]
    public void The_GPU_settings_hold()
    {
        var context = new MLContext { GpuDeviceId = 1000, FallbackToCpu = false };
        var warnings = new List<string>();
        context.Log += (_, e) =>
            warnings.AddRange(e.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning ? [e.Message]
                : Array.Empty<string>());
        var options = new FastScnnSegmentationTrainerOptions { Training = StreetRow.Short(1) };
        Assert.That(() => Fit(_rows, options, context),
            Throws.InvalidOperationException.With.Message.Contains("CUDA device 1000").And.Message.Contains(
                "fallbackToCpu"));
        Assert.That(() => Fit(_rows, options with { GpuDeviceId = 1001 }, new MLContext()),
            Throws.InvalidOperationException.With.Message.Contains("CUDA device 1001"));
        Assert.That(() => Fit(_rows, options with { Training = options.Training with { GpuDeviceId = 1002 } },
            new MLContext()), Throws.InvalidOperationException.With.Message.Contains("CUDA device 1002"));
        context.FallbackToCpu = true;
        Fit(_rows, options, context);
        Assert.That(warnings, Has.Exactly(1).Contains("Training runs on the processor").And.Exactly(1)
            .Contains("GPU 1000"), "of training and of scoring");
        Fit(_rows, options with { GpuDeviceId = 1001, FallbackToCpu = true }, new MLContext());
    }

    [Test]
    public void A_cancelled_training_leaves_no_files()
    {
        string temp = TestFiles.NewFolder();
        var context = new MLContext { TempFilePath = temp };
        using var cancellation = new CancellationTokenSource();
        var reports = new Reports { Reporting = report => cancellation.Cancel() };
        var options = new FastScnnSegmentationTrainerOptions
        {
            Training = StreetRow.Short(50),
            MemoryBytes = 0,
            Progress = reports,
            CancellationToken = cancellation.Token
        };
        Assert.That(() => Fit(_rows, options, context), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(reports, Has.Count.EqualTo(1));
        Assert.That(Directory.GetFileSystemEntries(temp), Is.Empty);
        Assert.That(() => Fit(_rows, options, context), Throws.InstanceOf<OperationCanceledException>(),
            "rows are not read either");
        Assert.That(reports, Has.Count.EqualTo(1));
    }

    // After hours of training it would be too late.
    [Test]
    public void What_scoring_lacks_is_told_before_training()
    {
        var reports = new Reports();
        var options = new FastScnnSegmentationTrainerOptions
        {
            Training = StreetRow.Short(1),
            Progress = reports,
            Segmenter = new() { Classes = ClassList.CamVid }
        };
        Assert.That(() => Fit(_rows, options),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("12 classes").And.Message.Contains("11"));
        options = options with { Segmenter = new() { GpuDeviceId = 1000 } };
        Assert.That(() => Fit(_rows, options), Throws.InvalidOperationException.With.Message.Contains("GPU 1000"));
        Assert.That(reports, Is.Empty);
    }

    [Test]
    public void A_folder_that_cannot_be_written_says_what_to_do()
    {
        string file = Path.Combine(TestFiles.NewFolder(), "file");
        File.WriteAllText(file, "");
        Assert.That(
            () => Fit(_rows, new() { Training = StreetRow.Short(1), MemoryBytes = 0 },
                new MLContext { TempFilePath = file }),
            Throws.InstanceOf<IOException>().With.Message.Contains("MemoryBytes").And.Message.Contains("TempFilePath"));
    }
}
