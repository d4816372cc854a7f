using System.Text.Json;
using FastScnn.ML.Evaluation;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Testing;
using FastScnn.Torch.Data;
using FastScnn.Torch.Metrics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.ML.Tests.Evaluation;

public class EvaluateTests
{
    private static readonly ClassList s_classes =
        new([new("left", 255, 0, 0), new("right", 0, 255, 0), new("up", 0, 0, 255)], ignoreIndex: 9);

    private readonly MLContext _context = new(seed: 1);
    private readonly List<string> _log = [];

    [SetUp]
    public void Listen()
    {
        _log.Clear();
        _context.Log += Record;
    }

    [TearDown]
    public void StopListening() => _context.Log -= Record;

    private void Record(object? sender, LoggingEventArgs e)
    {
        if (e.Source.Contains("Evaluate"))
            _log.Add($"{e.Kind} {e.RawMessage}");
    }

    private SemanticSegmentationMetrics Evaluate(params ScoredRow[] rows) =>
        _context.SemanticSegmentation.Evaluate(_context.Data.LoadFromEnumerable(rows));

    [Test]
    public void A_pipeline_is_scored()
    {
        string[] images = TestImages.Val(4),
            labels =
            [
                .. images.Select(image =>
                    TestFiles.Shared("camvid", "masks", "val", Path.GetFileNameWithoutExtension(image) + ".png"))
            ];
        IDataView data = _context.Data.LoadFromEnumerable(images.Zip(labels,
            (image, label) => new PairFileRow { ImageFile = image, MaskFile = label }));
        IEstimator<ITransformer> pipeline = _context.Transforms.LoadImages("Image", null, nameof(PairFileRow.ImageFile))
            .Append(_context.Transforms.LoadSegmentationMaps("Label", null, ClassList.CamVid,
                nameof(PairFileRow.MaskFile)))
            .Append(_context.Transforms.FastScnnSegment("PredictedLabel", "Image", Models.CamVid));
        SemanticSegmentationMetrics metrics =
            _context.SemanticSegmentation.Evaluate(pipeline.Fit(data).Transform(data));

        var counts = new ConfusionCounts(11);
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid);
        for (int i = 0; i < images.Length; i++)
            counts.Add(SegmentationMap.Load(labels[i], ClassList.CamVid).ClassIds.Span,
                segmenter.Segment(images[i]).ClassIds.Span, 11);
        SegmentationScores expected = SegmentationScores.From(counts);
        Assert.That(metrics.MeanIoU, Is.EqualTo(expected.MeanIoU).And.GreaterThan(0.3));
        Assert.That(metrics.PixelAccuracy, Is.EqualTo(expected.PixelAccuracy).And.GreaterThan(0.8));
        Assert.That(metrics.PerClassF1, Is.EqualTo(expected.PerClassF1));
        Assert.That((metrics.Categories, metrics.PerCategoryIoU, metrics.MeanCategoryIoU),
            Is.EqualTo(((object?)null, (object?)null, (double?)null)), "CamVid has no categories");
        Assert.That(_log.Where(line => line.StartsWith("Info")), Is.EqualTo(new[]
        {
            "Info Comparing the predictions of column 'PredictedLabel' with the labels of column 'Label'.",
            FormattableString.Invariant($"Info 4 rows, {metrics.LabelledPixels} labelled pixels: {metrics}."),
        }));
    }

    [Test]
    public void A_long_evaluation_tells_how_far_it_is_on_the_thread_that_asked()
    {
        ScoredRow[] rows = [.. Enumerable.Range(0, 40).Select(_ => ScoredRow.Of(s_classes, 2, [0, 1], [0, 1]))];
        var threads = new HashSet<int>();
        _context.Log += RecordThread;
        try
        {
            new SegmentationEvaluator(_context.Data.LoadFromEnumerable(rows), "Label", "PredictedLabel",
                logInterval: TimeSpan.Zero).Run(_context);
        }
        finally
        {
            _context.Log -= RecordThread;
        }
        Assert.That(_log, Has.Some.Matches(@"^Info \d+ rows so far\.$"));
        Assert.That(threads, Is.EqualTo(new[] { Environment.CurrentManagedThreadId }));

        void RecordThread(object? sender, LoggingEventArgs e)
        {
            if (e.Message.Contains("so far"))
                threads.Add(Environment.CurrentManagedThreadId);
        }
    }

    [Test]
    public void Cursors_in_parallel_give_the_same_counts()
    {
        var random = new Random(7);
        ScoredRow[] rows = [.. Enumerable.Range(0, 23).Select(i =>
        {
            var label = new byte[48];
            var prediction = new byte[48];
            foreach (int p in Enumerable.Range(0, 48))
                (label[p], prediction[p]) = (random.Next(4) == 3 ? (byte)9 : (byte)random.Next(3),
                    (byte)random.Next(4));
            return ScoredRow.Of(s_classes, 8, i % 7 == 6 ? null : label, i % 5 == 4 ? null : prediction);
        })];
        IDataView data = _context.Data.LoadFromEnumerable(rows);
        SemanticSegmentationMetrics serial = _context.SemanticSegmentation.Evaluate(data),
            parallel = _context.SemanticSegmentation.Evaluate(new RunsView(_context, data, rows.Length));
        Assert.Multiple(() =>
        {
            Assert.That(parallel.ConfusionMatrix.Counts, Is.EqualTo(serial.ConfusionMatrix.Counts));
            Assert.That(parallel.ConfusionMatrix.CountsWithoutPrediction,
                Is.EqualTo(serial.ConfusionMatrix.CountsWithoutPrediction));
            Assert.That((parallel.Rows, parallel.RowsWithoutLabel, parallel.RowsWithoutPrediction),
                Is.EqualTo((20L, 3L, 4L)));
            Assert.That((serial.Rows, serial.RowsWithoutLabel, serial.RowsWithoutPrediction),
                Is.EqualTo((20L, 3L, 4L)));
        });
    }

    [Test]
    public void A_mean_over_some_classes_says_so()
    {
        SemanticSegmentationMetrics metrics = Evaluate(ScoredRow.Of(s_classes, 2, [0, 0], [0, 1]));
        string unseen = s_classes[2].Name, predicted = s_classes[1].Name;
        Assert.That((metrics.ClassesScored, metrics.NeverSeen.Single()), Is.EqualTo((2, unseen)));
        Assert.That(metrics.NeverLabelled, Is.EqualTo(new[] { predicted, unseen }));
        string text =
            $"mIoU 25.00 % (2 of 3 classes; never seen: {unseen}; predicted but never labelled: {predicted}), pixel "
                + "accuracy 50.00 %";
        Assert.That(metrics.ToString(), Is.EqualTo(text));
        Assert.That(_log, Has.Exactly(1).EqualTo($"Info 1 rows, 2 labelled pixels: {text}."));
        using JsonDocument json = JsonDocument.Parse(JsonSerializer.Serialize(metrics));
        Assert.That(json.RootElement.GetProperty("PerClassIoU")[2].ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(json.RootElement.GetProperty("ConfusionMatrix").GetProperty("PerClassRecall")[1].ValueKind,
            Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public void A_row_without_label_is_left_out()
    {
        SemanticSegmentationMetrics metrics = Evaluate(ScoredRow.Of(s_classes, 2, [0, 1], [0, 0]),
            ScoredRow.Of(s_classes, 2, null, [2, 2]));
        Assert.That((metrics.Rows, metrics.RowsWithoutLabel, metrics.LabelledPixels), Is.EqualTo((1L, 1L, 2L)));
        Assert.That(metrics.PixelAccuracy, Is.EqualTo(0.5));
        Assert.That(metrics.PerClassIoU[2], Is.NaN, "its prediction does not count either");
        Assert.That(_log, Has.Exactly(1).StartsWith("Warning").And.Exactly(1).Contains("1 of 2 rows have no label"));
    }

    [Test]
    public void A_labelled_row_without_prediction_is_a_row_of_misses()
    {
        SemanticSegmentationMetrics metrics = Evaluate(ScoredRow.Of(s_classes, 2, [0, 1], [0, 1]),
            ScoredRow.Of(s_classes, 2, [0, 9, 1, 1], null));
        Assert.That((metrics.Rows, metrics.RowsWithoutPrediction, metrics.LabelledPixels), Is.EqualTo((2L, 1L, 5L)));
        Assert.That(metrics.PixelAccuracy, Is.EqualTo(2.0 / 5));
        Assert.That(metrics.PerClassIoU, Is.EqualTo(new[] { 1 / 2.0, 1 / 3.0, double.NaN }));
        Assert.That(metrics.ConfusionMatrix.CountsWithoutPrediction, Is.EqualTo(new double[] { 1, 2, 0 }));
        Assert.That(_log, Has.Exactly(1).StartsWith("Warning").And.Exactly(1)
            .Contains("1 of 2 labelled rows have no prediction"));
    }

    [Test]
    public void A_prediction_that_is_no_class_is_a_miss_and_an_ignored_pixel_is_none()
    {
        SemanticSegmentationMetrics metrics =
            Evaluate(ScoredRow.Of(s_classes, 5, [0, 0, 1, 9, 9], [0, 9, 200, 1, 200]));
        Assert.That(metrics.LabelledPixels, Is.EqualTo(3));
        Assert.That(metrics.PixelAccuracy, Is.EqualTo(1.0 / 3));
        Assert.That(metrics.PerClassIoU, Is.EqualTo(new[] { 0.5, 0, double.NaN }));
    }

    [Test]
    public void The_table_names_classes_and_shows_misses()
    {
        string[] lines = Evaluate(
            ScoredRow.Of(s_classes, 4, [.. Enumerable.Repeat((byte)0, 1_234_568)],
                [.. Enumerable.Repeat((byte)0, 1_234_567), 1]),
            ScoredRow.Of(s_classes, 4, [1, 1, 1, 1], [1, 0, 77, 1])).ConfusionMatrix.GetFormattedConfusionTable()
            .Split('\n');
        Assert.That(lines, Is.EqualTo(new[]
        {
            "",
            "Confusion table, in pixels",
            "          ||================================================",
            "PREDICTED ||      left |     right |        up |      none | Recall",
            "TRUTH     ||================================================",
            "left      || 1,234,567 |         1 |         0 |         0 | 1.0000",
            "right     ||         1 |         2 |         0 |         1 | 0.5000",
            "up        ||         0 |         0 |         0 |         0 | NaN",
            "          ||================================================",
            "Precision ||    1.0000 |    0.6667 |       NaN |",
            "",
        }));
    }

    [Test]
    public void The_table_numbers_classes_with_long_names()
    {
        string table =
            Evaluate(ScoredRow.Of(ClassList.CamVid, 2, [0, 10], [0, 10])).ConfusionMatrix.GetFormattedConfusionTable();
        Assert.That(table,
            Does.Contain("PREDICTED      ||      0 |      1 |").And.Contain("\n 9. Pedestrian ||").And.Contain(
                "\n10. Bicyclist  ||").And.Not.Contain("none"));
    }

    [Test]
    public void Errors_of_a_row_name_it()
    {
        ScoredRow good = ScoredRow.Of(s_classes, 2, [0, 1], [0, 1]);
        ScoredRow resized = ScoredRow.Of(s_classes, 2, [0, 1, 1, 0], [0, 1]);
        ScoredRow unknown = ScoredRow.Of(s_classes, 2, [0, 7], [0, 1]);
        ScoredRow counts = new()
        {
            Label = good.Label,
            PredictedLabel = ScoredRow.Of(ClassList.CamVid, 2, null, [0, 1]).PredictedLabel
        };
        ScoredRow names = new()
        {
            Label = good.Label,
            PredictedLabel = ScoredRow.Of(ClassList.Generic(3), 2, null, [0, 1]).PredictedLabel
        };
        ScoredRow labels = ScoredRow.Of(ClassList.Generic(3), 2, [0, 1], [0, 1]);
        Assert.Multiple(() =>
        {
            Assert.That(() => Evaluate(good, good, resized),
                Throws.TypeOf<InvalidDataException>().With.Message.Contains("Row 2 ").And.Message.Contains(
                    "2 x 2 pixels and the prediction 2 x 1").And.Message.Contains("OutputSize"));
            Assert.That(() => Evaluate(good, unknown),
                Throws.TypeOf<InvalidDataException>().With.Message.Contains("Row 1 ").And.Message.Contains(
                    "label 7 stands on 1 pixels").And.Message.Contains("9 is ignored"));
            Assert.That(() => Evaluate(good, counts),
                Throws.TypeOf<InvalidDataException>().With.Message.Contains("Row 1 ").And.Message.Contains(
                    "the prediction has 11 classes and the label 3").And.Message.Contains(
                        "same classes, in the same order"));
            Assert.That(() => Evaluate(names),
                Throws.TypeOf<InvalidDataException>().With.Message.Contains("Row 0 ").And.Message.Contains(
                    "class 0 is 'class 0' in the prediction and 'left' in the label"));
            Assert.That(() => Evaluate(good, labels),
                Throws.TypeOf<InvalidDataException>().With.Message.Contains("Row 1 ").And.Message.Contains(
                    "class 0 is 'class 0' in the label and 'left' in that of another row"));
        });
    }

    [Test]
    public void An_error_on_another_thread_is_thrown_too()
    {
        ScoredRow good = ScoredRow.Of(s_classes, 2, [0, 1], [0, 1]),
            bad = ScoredRow.Of(s_classes, 2, [0, 1], [0, 1, 1, 1]);
        IDataView data = _context.Data.LoadFromEnumerable([good, good, good, good, good, good, good, bad]);
        Assert.That(
            () => _context.SemanticSegmentation.Evaluate(new RunsView(_context, data, 8)),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("Row 7 "));
    }

    [Test]
    public void Colours_and_ignored_ids_of_the_prediction_may_differ()
    {
        var others = new ClassList(s_classes.Select(c => c with { Red = 1 }));
        var row = new ScoredRow
        {
            Label = ScoredRow.Of(s_classes, 2, [0, 9], null).Label,
            PredictedLabel = ScoredRow.Of(others, 2, null, [0, 1]).PredictedLabel
        };
        Assert.That(Evaluate(row).PixelAccuracy, Is.EqualTo(1));
    }

    [Test]
    public void Nothing_to_evaluate_is_an_error()
    {
        Assert.Multiple(() =>
        {
            Assert.That(() => Evaluate(), Throws.TypeOf<InvalidDataException>().With.Message.Contains("0 rows"));
            Assert.That(() => Evaluate(ScoredRow.Of(s_classes, 2, null, [0, 0])),
                Throws.TypeOf<InvalidDataException>().With.Message.Contains(
                    "of 1 rows, 1 have no label in column 'Label'"));
            Assert.That(() => Evaluate(ScoredRow.Of(s_classes, 2, [9, 9], [0, 0])),
                Throws.TypeOf<InvalidDataException>().With.Message.Contains("kept back"));
        });
    }

    [Test]
    public void Wrong_columns_are_named()
    {
        IDataView data = _context.Data.LoadFromEnumerable([ScoredRow.Of(s_classes, 2, [0, 1], [0, 1])]);
        Assert.Multiple(() =>
        {
            Assert.That(() => _context.SemanticSegmentation.Evaluate(data, "Truth"),
                Throws.ArgumentException.With.Message.Contains("'Truth'").And.Message.Contains(
                    "Label, PredictedLabel, Number").And.Message.Contains("LoadSegmentationMaps"));
            Assert.That(() => _context.SemanticSegmentation.Evaluate(data, predictedLabelColumnName: "Number"),
                Throws.ArgumentException.With.Message.Contains("'Number'").And.Message.Contains(
                    "Single").And.Message.Contains("FastScnnSegment of images"));
            Assert.That(() => _context.SemanticSegmentation.Evaluate(null!), Throws.ArgumentNullException);
        });
    }

    [Test]
    public void Memory_does_not_grow_with_the_rows()
    {
        const int Side = 1024;
        var held = new List<long>();
        IEnumerable<ScoredRow> Rows()
        {
            for (int i = 0; i < 120; i++)
            {
                if (i is 20 or 110)
                    held.Add(GC.GetTotalMemory(forceFullCollection: true));
                yield return ScoredRow.Of(s_classes, Side, new byte[Side * Side], new byte[Side * Side]);
            }
        }
        _context.SemanticSegmentation.Evaluate(_context.Data.LoadFromEnumerable(Rows()));
        Assert.That(held[1] - held[0], Is.LessThan(10L * Side * Side), "90 rows of 2 MiB");
    }

    private sealed class PairFileRow
    {
        public string ImageFile { get; set; } = "";

        public string MaskFile { get; set; } = "";
    }
}
