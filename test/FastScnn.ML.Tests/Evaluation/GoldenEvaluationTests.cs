using System.Text.Json;
using FastScnn.ML.Evaluation;
using FastScnn.ML.Imaging;
using FastScnn.Testing;
using FastScnn.Torch.Data;
using Microsoft.ML;

namespace FastScnn.ML.Tests.Evaluation;

/// <summary>The whole way from data view to metrics, against NumPy on the golden label maps.</summary>
public class GoldenEvaluationTests
{
    private const int Classes = 19;

    private readonly MLContext _context = new(seed: 1);
    private JsonElement _golden;
    private long[] _confusion = null!;
    private SemanticSegmentationMetrics _metrics = null!;

    [OneTimeSetUp]
    public void Evaluate()
    {
        _golden = JsonDocument.Parse(File.ReadAllText(TestFiles.Golden("golden.json"))).RootElement.GetProperty(
            "metric");
        _confusion = Npy.Golden("metric_confusion.npy").As<long>();
        IEnumerable<ScoredRow> rows = Maps("metric_label.npy").Zip(Maps("metric_pred.npy"),
            (label, prediction) => new ScoredRow { Label = label, PredictedLabel = prediction });
        _metrics = _context.SemanticSegmentation.Evaluate(_context.Data.LoadFromEnumerable(rows));
    }

    [Test]
    public void Scores_equal_the_golden_ones()
    {
        double[] iou =
        [
            .. _golden.GetProperty("cm_iou").EnumerateArray()
                .Select(e => e.ValueKind == JsonValueKind.Null ? double.NaN : e.GetDouble())
        ];
        Assert.Multiple(() =>
        {
            Assert.That(_metrics.PixelAccuracy, Is.EqualTo(Golden("cm_pixAcc")).Within(1e-12));
            Assert.That(_metrics.MeanIoU, Is.EqualTo(Golden("cm_mIoU_over_present_nanmean")).Within(1e-12));
            Assert.That(_metrics.MeanPixelAccuracy, Is.EqualTo(Golden("mean_class_acc")).Within(1e-12));
            Assert.That(_metrics.FrequencyWeightedIoU, Is.EqualTo(Golden("fwIoU")).Within(1e-12));
            Assert.That(_metrics.PerClassIoU, Is.EqualTo(iou).Within(1e-12));
            Assert.That(_metrics.LabelledPixels, Is.EqualTo(_golden.GetProperty("labeled").GetInt64()));
            Assert.That(_metrics.Rows, Is.EqualTo(3));
            Assert.That(_metrics.Classes, Is.EqualTo(ClassList.Cityscapes));
        });
    }

    [Test]
    public void The_confusion_matrix_has_labels_in_rows()
    {
        SegmentationConfusionMatrix matrix = _metrics.ConfusionMatrix;
        Assert.That(matrix.NumberOfClasses, Is.EqualTo(Classes));
        Assert.That(matrix.Counts.SelectMany(row => row), Is.EqualTo(_confusion.Select(count => (double)count)));
        Assert.That(matrix.GetCountForClassPair(predictedClassIndicatorIndex: 5, actualClassIndicatorIndex: 3),
            Is.EqualTo(_confusion[3 * Classes + 5]));
        Assert.That(matrix.PerClassPrecision, Is.EqualTo(_metrics.PerClassPrecision));
        Assert.That(matrix.PerClassRecall, Is.EqualTo(_metrics.PerClassRecall));
        Assert.That(() => matrix.GetCountForClassPair(19, 0),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("0 to 18"));
        Assert.That(() => matrix.GetCountForClassPair(0, -1),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("actualClass"));
    }

    // cityscapesScripts, evalPixelLevelSemanticLabeling.py, getIouScoreForCategory: by sums over blocks of the matrix.
    [Test]
    public void Category_IoU_is_that_of_cityscapesScripts()
    {
        int[][] members = [[0, 1], [2, 3, 4], [5, 6, 7], [8, 9], [10], [11, 12], [13, 14, 15, 16, 17, 18]];
        Assert.That(_metrics.Categories,
            Is.EqualTo(new[] { "flat", "construction", "object", "nature", "sky", "human", "vehicle" }));
        double[] expected = [.. members.Select(ids =>
        {
            double tp = ids.Sum(label => ids.Sum(prediction => _confusion[label * Classes + prediction]));
            double fn = ids.Sum(label => Row(label).Sum()) - tp;
            double fp = ids.Sum(prediction => Column(prediction).Sum()) - tp;
            return tp / (tp + fn + fp);
        })];
        Assert.That(_metrics.PerCategoryIoU, Is.EqualTo(expected).Within(1e-12));
        Assert.That(_metrics.MeanCategoryIoU, Is.EqualTo(expected.Average()).Within(1e-12));
    }

    private double Golden(string name) => _golden.GetProperty(name).GetDouble();

    private IEnumerable<long> Row(int label) => _confusion.Skip(label * Classes).Take(Classes);

    private IEnumerable<long> Column(int prediction) =>
        Enumerable.Range(0, Classes).Select(label => _confusion[label * Classes + prediction]);

    // -1, the golden files' ignored label, becomes 255.
    private static SegmentationMap[] Maps(string name)
    {
        Npy array = Npy.Golden(name);
        (int height, int width) = ((int)array.Shape[1], (int)array.Shape[2]);
        return [.. array.As<int>().Select(id => unchecked((byte)id)).Chunk(width * height)
            .Select(ids => new SegmentationMap(new LabelMap(width, height, ids), ClassList.Cityscapes))];
    }
}
