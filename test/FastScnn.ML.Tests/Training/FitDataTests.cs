using FastScnn.ML.Training;
using FastScnn.ML.Transforms;
using FastScnn.Testing;
using FastScnn.Torch.Data;
using FastScnn.Torch.Training;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace FastScnn.ML.Tests.Training;

/// <summary>What loading and <c>Fit</c> say of the data in the log of the MLContext.</summary>
[NonParallelizable]
public class FitDataTests
{
    private readonly List<LoggingEventArgs> _log = [];
    private MLContext _context = null!;

    private string[] Warnings =>
    [
        .. _log.Where(entry => entry.Kind == ChannelMessageKind.Warning).Select(entry => entry.RawMessage)
    ];

    [SetUp]
    public void Listen()
    {
        _log.Clear();
        _context = new MLContext(seed: 1);
        _context.Log += (_, entry) => _log.Add(entry);
    }

    [Test]
    public void Fit_warns_once_of_a_class_without_a_pixel_in_the_words_of_the_API()
    {
        string root = ObjectFolder.Write(ObjectFolder.Grey(0, 255));
        List<TrainingProgress> reports = [];
        Fit(root, new Reports(reports)).Dispose();
        Assert.That(Warnings.Where(warning => warning.Contains("not learned: object", StringComparison.Ordinal))
            .Single(),
            Does.Contain($"{6 * ObjectFolder.ObjectPixels} pixels").And.Contain(
                "FolderDatasetOptions.LabelRanges 0:0,255:1").And.Not.Contain("--"));
        Assert.That(Warnings, Has.Exactly(1).Contains("not scored: object"));
        Assert.That(reports.SelectMany(report => report.Warnings).Count(), Is.EqualTo(2));
    }

    [Test]
    public void Fit_refuses_validation_data_without_a_labelled_pixel()
    {
        string root = ObjectFolder.Write(ObjectFolder.Grey(0, 1));
        for (int i = 0; i < 3; i++)
            ObjectFolder.Grey(255, 255)(ObjectFolder.Mask(root, "val", i), (_, _) => true);
        List<TrainingProgress> reports = [];
        Assert.That(() => Fit(root, new Reports(reports)),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("The validation data"));
        Assert.That(reports, Is.Empty);
    }

    [Test]
    public void Loading_warns_of_files_that_are_not_read_and_of_those_left_out()
    {
        string root = ObjectFolder.Write(ObjectFolder.Grey(0, 1));
        File.Move(ObjectFolder.Image(root, "val", 0), Path.ChangeExtension(ObjectFolder.Image(root, "val", 0), ".tif"));
        IDataView rows = _context.SemanticSegmentation.LoadFromFolder(root, "val",
            new FolderDatasetOptions { AllowUnpaired = true });
        Assert.That(rows.GetRowCount(), Is.EqualTo(2));
        Assert.That(Warnings, Has.Exactly(1).Contains("1 files look like images but are not read").And.Exactly(1)
            .Contains("1 files have no partner"));
    }

    private FastScnnSegmentationTransformer Fit(string root, IProgress<TrainingProgress> progress) =>
        _context.SemanticSegmentation.Trainers.FastScnn(new FastScnnSegmentationTrainerOptions
        {
            ValidationSet = _context.SemanticSegmentation.LoadFromFolder(root, "val"),
            Training = new TrainingOptions
            {
                MaxSteps = 1,
                BatchSize = 2,
                Augmentation = new() { CropWidth = 64, CropHeight = 64 },
                AuxiliaryHead = false
            },
            Progress = progress,
        }).Fit(_context.SemanticSegmentation.LoadFromFolder(root, "train"));

    private sealed class Reports(List<TrainingProgress> all) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => all.Add(value);
    }
}
