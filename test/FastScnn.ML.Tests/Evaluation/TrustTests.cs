using System.Text.Json;
using FastScnn.ML.Evaluation;
using FastScnn.ML.Imaging;
using FastScnn.ML.Reporting;
using FastScnn.ML.Tests.Training;
using FastScnn.ML.Transforms;
using FastScnn.Testing;
using FastScnn.Torch.Data;
using FastScnn.Torch.Metrics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.ML.Tests.Evaluation;

/// <summary>Boundary IoU, calibration and the scores by image, from data views and in reports.</summary>
public class TrustTests
{
    private static readonly ClassList s_classes =
        new([new("left", 255, 0, 0), new("right", 0, 255, 0), new("up", 0, 0, 255)], ignoreIndex: 9);

    private readonly MLContext _context = new(seed: 1);

    [Test]
    public void Counts_of_parallel_cursors_are_those_of_the_classes_that_count()
    {
        const int Width = 16, Height = 12;
        Random random = new(5);
        TrustRow[] rows = [.. Enumerable.Range(0, 23).Select(i => new TrustRow
        {
            Name = $"image {i}",
            Label = i % 7 == 6 ? null : Map(Width, Blocks(random, Width, Height, ignored: true)),
            PredictedLabel = i % 5 == 4 ? null : Map(Width, Blocks(random, Width, Height, ignored: false)),
            Confidence = i % 5 == 4 ? [] : [.. Enumerable.Range(0, Width * Height).Select(_ => random.NextSingle())],
        })];
        BoundaryCounts boundaries = new(3, 0.1);
        CalibrationCounts calibration = new();
        List<ImageScore> images = [];
        foreach (TrustRow row in rows.Where(row => row.Label is not null))
        {
            byte[] label = row.Label!.ClassIds.ToArray(),
                prediction = row.PredictedLabel?.ClassIds.ToArray()
                    ?? [.. Enumerable.Repeat((byte)77, label.Length)];
            boundaries.Add(label, prediction, Width, 9);
            if (row.PredictedLabel is not null) calibration.Add(label, prediction, row.Confidence, 9);
            ConfusionCounts counts = new(3);
            counts.Add(label, prediction, 9);
            SegmentationScores scores = SegmentationScores.From(counts);
            images.Add(new(row.Name, scores.MeanIoU, scores.PixelAccuracy, scores.LabelledPixels));
        }
        IDataView data = _context.Data.LoadFromEnumerable(rows);
        foreach (IDataView view in new[] { data, new RunsView(_context, data, rows.Length) })
        {
            SemanticSegmentationMetrics metrics = _context.SemanticSegmentation.Evaluate(view,
                confidenceColumnName: "Confidence", nameColumnName: "Name", boundaryDistance: 0.1);
            double[] expected = [boundaries.IoU(0), boundaries.IoU(1), boundaries.IoU(2)];
            Assert.That(metrics.PerClassBoundaryIoU, Is.EqualTo(expected));
            Assert.That(metrics.MeanBoundaryIoU, Is.EqualTo(expected.Average()).Within(1e-15).And.GreaterThan(0));
            Assert.That(metrics.BoundaryDistance, Is.EqualTo(0.1));
            Assert.That(metrics.Calibration!.ExpectedCalibrationError, Is.EqualTo(calibration.ExpectedError));
            Assert.That(metrics.Calibration.Pixels, Is.EqualTo(calibration.Pixels).And.GreaterThan(0));
            Assert.That(metrics.Calibration.Bins.Select(bin => (bin.Pixels, bin.MeanConfidence, bin.Accuracy)),
                Is.EqualTo(Enumerable.Range(0, 15).Select(bin => calibration[bin])));
            Assert.That(metrics.Calibration.Bins[^1].UpTo, Is.EqualTo(1));
            Assert.That(metrics.ImageScores, Is.EqualTo(images), "in the order of the data");
            ImageScore[] ranked = [.. images.OrderBy(image => image.MeanIoU)];
            Assert.That((metrics.WorstImage, metrics.MedianImage, metrics.BestImage),
                Is.EqualTo((ranked[0], ranked[(ranked.Length - 1) / 2], ranked[^1])));
            Assert.That(metrics.WorstImage!.MeanIoU, Is.Zero, "a labelled row without a prediction");
        }
    }

    [Test]
    public void What_is_not_defined_is_neither_zero_nor_in_a_mean()
    {
        SemanticSegmentationMetrics metrics = _context.SemanticSegmentation.Evaluate(
            _context.Data.LoadFromEnumerable(new[]
            {
                ScoredRow.Of(s_classes, 2, [0, 0], [0, 0]), ScoredRow.Of(s_classes, 2, [9, 9], [0, 1])
            }));
        Assert.That(metrics.PerClassBoundaryIoU, Is.All.NaN, "one class alone has no boundary");
        Assert.That(metrics.MeanBoundaryIoU, Is.NaN);
        Assert.That(metrics.Calibration, Is.Null);
        Assert.That(metrics.ImageScores.Select(image => (image.Name, image.MeanIoU, image.LabelledPixels)),
            Is.EqualTo(new[] { ("Row 0 (counted from 0)", 1, 2L), ("Row 1 (counted from 0)", double.NaN, 0L) }));
        Assert.That((metrics.WorstImage, metrics.MedianImage, metrics.BestImage),
            Is.EqualTo((metrics.ImageScores[0], metrics.ImageScores[0], metrics.ImageScores[0])),
            "an image without a labelled pixel has no rank");
        using JsonDocument json = JsonDocument.Parse(JsonSerializer.Serialize(metrics));
        Assert.That(json.RootElement.GetProperty("MeanBoundaryIoU").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(json.RootElement.GetProperty("ImageScores")[1].GetProperty("MeanIoU").ValueKind,
            Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public void A_pipeline_with_a_column_of_confidence_is_calibrated_as_a_report_is()
    {
        IDataView data = _context.SemanticSegmentation.LoadFromFolder(StreetRow.Folder(3), "train");
        using var model = _context.Transforms.FastScnnSegment(new FastScnnSegmentationOptions
        {
            OutputColumnName = "PredictedLabel",
            InputColumnName = "Image",
            ModelFile = Path.Combine(TestFiles.Root, "samples", "models", "fastscnn-scenes.onnx"),
            ConfidenceColumnName = "Sure",
        }).Fit(data);
        IDataView scored = model.Transform(data);
        SemanticSegmentationMetrics plain = _context.SemanticSegmentation.Evaluate(scored),
            sure = _context.SemanticSegmentation.Evaluate(scored, confidenceColumnName: "Sure", nameColumnName: "Name");
        SegmentationReport report = _context.SemanticSegmentation.CreateReport(scored, nameColumnName: "Name",
            confidenceColumnName: "Sure");
        Assert.That((plain.MeanIoU, plain.MeanBoundaryIoU), Is.EqualTo((sure.MeanIoU, sure.MeanBoundaryIoU)));
        Assert.That(plain.MeanBoundaryIoU, Is.GreaterThan(0).And.LessThan(plain.MeanIoU));
        Assert.That(sure.Calibration!.Pixels, Is.EqualTo(sure.LabelledPixels));
        Assert.That(sure.Calibration.ExpectedCalibrationError, Is.InRange(1e-6, 0.5));
        Assert.That(report.GetMetrics().Calibration!.ExpectedCalibrationError,
            Is.EqualTo(sure.Calibration.ExpectedCalibrationError));
        Assert.That(report.GetMetrics().ImageScores, Is.EqualTo(sure.ImageScores));
        Assert.That(report.ToHtml(), Does.Contain("<h2>Calibration</h2>").And.Contain("Expected calibration error")
            .And.Contain($"<th scope=\"row\">worst</th><td>{sure.WorstImage!.Name}</td>"));
    }

    [Test]
    public void What_is_no_confidence_is_named()
    {
        TrustRow good = new() { Label = Map(2, [0, 1]), PredictedLabel = Map(2, [0, 1]), Confidence = [0.5f, 1] };
        foreach ((float[] confidence, string found) in new[]
        {
            (new[] { 0.5f }, "1 values of confidence"), (new[] { 0.5f, 2f }, "pixel 1 is 2")
        })
        {
            IDataView data = _context.Data.LoadFromEnumerable(new[] { good, new TrustRow
            {
                Label = good.Label, PredictedLabel = good.PredictedLabel, Confidence = confidence
            } });
            Assert.That(() => _context.SemanticSegmentation.Evaluate(data, confidenceColumnName: "Confidence"),
                Throws.TypeOf<InvalidDataException>().With.Message.Contains("Row 1 ").And.Message.Contains(found));
        }
        IDataView fine = _context.Data.LoadFromEnumerable(new[] { good });
        Assert.That(() => _context.SemanticSegmentation.Evaluate(fine, confidenceColumnName: "Name"),
            Throws.ArgumentException.With.Message.Contains("'Name'").And.Message.Contains("ConfidenceColumnName"));
        Assert.That(() => _context.SemanticSegmentation.Evaluate(fine, boundaryDistance: -1),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("boundaryDistance is -1"));
        Assert.That(() => new SegmentationReportOptions { BoundaryDistance = 2 },
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("BoundaryDistance is 2"));
    }

    private static byte[] Blocks(Random random, int width, int height, bool ignored)
    {
        byte[] ids = new byte[width * height];
        for (int y = 0; y < height; y += 4)
            for (int x = 0; x < width; x += 4)
            {
                byte id = ignored && random.Next(6) == 0 ? (byte)9 : (byte)random.Next(3);
                for (int row = y; row < y + 4; row++)
                    ids.AsSpan(row * width + x, 4).Fill(id);
            }
        return ids;
    }

    private static SegmentationMap Map(int width, byte[] ids) =>
        new(new LabelMap(width, ids.Length / width, ids), s_classes);

    private sealed class TrustRow
    {
        public string Name { get; set; } = "";

        [SegmentationMapType]
        public SegmentationMap? Label { get; set; }

        [SegmentationMapType]
        public SegmentationMap? PredictedLabel { get; set; }

        public float[] Confidence { get; set; } = [];
    }
}
