using System.Xml.Linq;
using FastScnn.ML.Catalog;
using FastScnn.ML.Evaluation;
using FastScnn.ML.Imaging;
using FastScnn.ML.Reporting;
using FastScnn.ML.Tests.Training;
using FastScnn.ML.Transforms;
using FastScnn.Torch.Data;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Image;

namespace FastScnn.ML.Tests.Reporting;

/// <summary>A report on the rows of scored data.</summary>
public class CreateReportTests
{
    private static readonly ClassList s_classes =
    [
        new SegmentationClass("left", 255, 0, 0), new SegmentationClass("right", 0, 200, 0)
    ];

    private readonly MLContext _context = new(seed: 1);

    [Test]
    public void A_scored_data_set_is_shown_with_its_scores_and_file_names()
    {
        IDataView data = _context.SemanticSegmentation.LoadFromFolder(StreetRow.Folder(3), "train");
        IDataView scored = _context.Transforms.CopyColumns("PredictedLabel", "Label").Fit(data).Transform(data);
        SegmentationReport report = _context.SemanticSegmentation.CreateReport(scored,
            options: new() { Title = "Scenes" });
        XElement page = XDocument.Parse(report.ToHtml()).Root!;
        Assert.That(page.Descendants("h3").Select(h => h.FirstNode!.ToString()),
            Is.EquivalentTo(Enumerable.Range(0, 3).Select(i => $"scene_00000{i}.png")));
        Assert.That(page.Descendants("h1").Single().Value, Is.EqualTo("Scenes"));
        Assert.That(report.GetMetrics().MeanIoU, Is.EqualTo(1));
        page =
            XDocument.Parse(_context.SemanticSegmentation.CreateReport(scored, nameColumnName: "Name").ToHtml()).Root!;
        Assert.That(page.Descendants("h3").Select(h => h.FirstNode!.ToString()),
            Has.Exactly(1).EqualTo("scene_000002"));
    }

    [Test]
    public void Rows_are_counted_as_in_an_evaluation_and_the_log_tells_of_it()
    {
        IDataView data = _context.Data.LoadFromEnumerable(
        [
            Row([0, 0, 1, 1], [0, 1, 1, 1]),
            Row(null, [0, 0, 0, 0]),
            Row([0, 1, 255, 255], null),
            new ShownRow { Label = Map([1, 1, 0, 0]), PredictedLabel = Map([1, 1, 0, 0]) },
        ]);
        var log = new List<string>();
        _context.Log += Record;
        SemanticSegmentationMetrics shown =
            _context.SemanticSegmentation.CreateReport(data, "Label", "PredictedLabel", "Image").GetMetrics();
        _context.Log -= Record;
        SemanticSegmentationMetrics expected = _context.SemanticSegmentation.Evaluate(data);
        Assert.That((shown.MeanIoU, shown.PixelAccuracy, shown.LabelledPixels),
            Is.EqualTo((expected.MeanIoU, expected.PixelAccuracy, expected.LabelledPixels)));
        Assert.That((shown.Rows, shown.RowsWithoutLabel, shown.RowsWithoutPrediction),
            Is.EqualTo((expected.Rows, expected.RowsWithoutLabel, expected.RowsWithoutPrediction)));
        Assert.That(log, Is.EqualTo(new[]
        {
            "Info Comparing the predictions of column 'PredictedLabel' with the labels of column 'Label'.",
            "Warning 1 of 4 rows have no label; they are left out.",
            "Warning 1 of 3 labelled rows have no prediction; all of their pixels count as misses.",
        }));

        void Record(object? sender, LoggingEventArgs e)
        {
            if (e.Kind != ChannelMessageKind.Trace)
                log.Add($"{e.Kind} {e.RawMessage}");
        }
    }

    [Test]
    public void What_does_not_fit_is_named()
    {
        IDataView data = _context.Data.LoadFromEnumerable([Row([0, 0, 1, 1], [0, 1, 1, 1]),
            new ShownRow { Image = TestImages.Image(3, 3), Label = Map([1, 1, 0, 0]),
                PredictedLabel = Map([1, 1, 0, 0]) }]);
        SemanticSegmentationCatalog catalog = _context.SemanticSegmentation;
        Assert.Multiple(() =>
        {
            Assert.That(() => catalog.CreateReport(data, imageColumnName: "Image"),
                Throws.TypeOf<InvalidDataException>().With.Message.Contains("Row 1 ").And.Message.Contains(
                    "3 x 3").And.Message.Contains("that was segmented"));
            Assert.That(() => catalog.CreateReport(data, imageColumnName: "Street"),
                Throws.ArgumentException.With.Message.Contains("'Street'").And.Message.Contains("LoadImages"));
            Assert.That(() => catalog.CreateReport(data, imageColumnName: "Image", nameColumnName: "Label"),
                Throws.ArgumentException.With.Message.Contains("'Label'").And.Message.Contains("TextDataViewType"));
            Assert.That(
                () => catalog.CreateReport(_context.Data.LoadFromEnumerable([Row(null, [0, 0, 0, 0])]),
                    imageColumnName: "Image"),
                Throws.TypeOf<InvalidDataException>().With.Message.Contains("of 1 rows, 1 have no label"));
        });
    }

    private static ShownRow Row(byte[]? label, byte[]? prediction) => new()
    {
        Image = TestImages.Image(2, 2),
        Label = label is null ? null : Map(label),
        PredictedLabel = prediction is null ? null : Map(prediction),
    };

    private static SegmentationMap Map(byte[] ids) => new(new LabelMap(2, 2, ids), s_classes);

    private sealed class ShownRow
    {
        [ImageType(2, 2)]
        public MLImage? Image { get; set; }

        [SegmentationMapType]
        public SegmentationMap? Label { get; set; }

        [SegmentationMapType]
        public SegmentationMap? PredictedLabel { get; set; }
    }
}
