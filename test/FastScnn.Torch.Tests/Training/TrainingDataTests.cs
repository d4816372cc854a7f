using FastScnn.Testing;
using FastScnn.Torch.Data;
using FastScnn.Torch.Training;

namespace FastScnn.Torch.Tests.Training;

/// <summary>What training says of its data, and what it refuses before the first step.</summary>
[NonParallelizable]
public class TrainingDataTests
{
    private static readonly TrainingOptions s_one = new()
    {
        MaxSteps = 2,
        BatchSize = 2,
        Augmentation = new() { CropWidth = 64, CropHeight = 64 },
        AuxiliaryHead = false,
    };

    // The decoder of images belongs to the caller; what they show does not matter here.
    private static PixelBuffer Decode(Stream encoded) =>
        new(ObjectFolder.Width, ObjectFolder.Height, new byte[3 * ObjectFolder.Width * ObjectFolder.Height]);

    [Test]
    public void What_bears_on_the_scores_is_told_once_by_progress_result_and_log()
    {
        string root = ObjectFolder.Write(ObjectFolder.Grey(0, 255)), output = Path.Combine(root, "run");
        // The validation data alone show the object.
        ObjectFolder.Grey(0, 1)(ObjectFolder.Mask(root, "val", 0), (x, y) => x < 10);
        Reports reports = new();
        TrainingResult result = new FastScnnTrainer(s_one with { OutputFolder = output }).Train(
            SegmentationDataset.FromFolder(root, "train"), SegmentationDataset.FromFolder(root, "val"), Decode,
            reports);

        Assert.That(result.Warnings, Has.Count.EqualTo(2));
        Assert.That(result.Warnings[0],
            Does.StartWith("The training data:").And.Contain("not learned: object").And.Contain(
                $"{6 * ObjectFolder.ObjectPixels} pixels").And.Contain("LabelRanges 0:0,255:1"));
        Assert.That(result.Warnings[1],
            Does.Contain("validation data show classes that the training data do not").And.Contain("object"));
        Assert.That(reports.All.SelectMany(report => report.Warnings), Is.EqualTo(result.Warnings), "each once");
        string[] lines =
        [
            .. File.ReadAllLines(Path.Combine(output, "log.jsonl"))
                .Where(line => line.Contains("not learned", StringComparison.Ordinal))
        ];
        Assert.That(lines.Single(), Does.Contain("\"event\":\"start\""));
    }

    [Test]
    public void Sound_data_have_no_warning()
    {
        string root = ObjectFolder.Write(ObjectFolder.Grey(0, 1));
        TrainingResult result = new FastScnnTrainer(s_one).Train(
            SegmentationDataset.FromFolder(root, "train"),
            SegmentationDataset.FromFolder(root, "val"), Decode);
        Assert.That(result.Warnings, Is.Empty);
    }

    [Test]
    public void Images_that_are_learned_from_and_scored_are_named()
    {
        var data = SegmentationDataset.FromFolder(ObjectFolder.Write(ObjectFolder.Grey(0, 1)), "train");
        string first = data.Samples[0].Name;
        TrainingResult result = new FastScnnTrainer(s_one).Train(data, data.Where(sample => sample.Name == first), Decode);
        Assert.That(result.Warnings.Single(), Does.StartWith("1 of the 1 images of the validation data are learned from")
            .And.Contain(data.Samples[0].ImagePath));
    }

    [TestCase("train", "Nothing can be learned")]
    [TestCase("val", "scores would be undefined")]
    public void A_split_without_a_labelled_pixel_is_refused_before_a_folder_is_made(string split, string reason)
    {
        string root = ObjectFolder.Write(ObjectFolder.Grey(0, 1)), output = Path.Combine(root, "run");
        for (int i = 0; File.Exists(ObjectFolder.Mask(root, split, i)); i++)
            ObjectFolder.Grey(255, 255)(ObjectFolder.Mask(root, split, i), (_, _) => true);
        Reports reports = new();
        Assert.That(
            () => new FastScnnTrainer(s_one with { OutputFolder = output }).Train(
                SegmentationDataset.FromFolder(root, "train"),
                SegmentationDataset.FromFolder(root, "val"), Decode, reports),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains(reason).And.Message.Contains(
                "are ignored (255)"));
        Assert.That((Directory.Exists(output), reports.All.Count), Is.EqualTo((false, 0)));
    }

    [Test]
    public void A_resume_is_refused_too_and_leaves_the_state_alone()
    {
        string root = ObjectFolder.Write(ObjectFolder.Grey(0, 1)), output = Path.Combine(root, "run"),
            state = Path.Combine(output, "state.safetensors");
        TrainingOptions options = s_one with { OutputFolder = output, Resume = true };
        new FastScnnTrainer(options).Train(SegmentationDataset.FromFolder(root, "train"),
            SegmentationDataset.FromFolder(root, "val"), Decode);
        byte[] before = File.ReadAllBytes(state);
        for (int i = 0; i < 3; i++)
            ObjectFolder.Grey(255, 255)(ObjectFolder.Mask(root, "val", i), (_, _) => true);
        Assert.That(
            () => new FastScnnTrainer(options with { MaxSteps = 4 }).Train(
                SegmentationDataset.FromFolder(root, "train"),
                SegmentationDataset.FromFolder(root, "val"), Decode),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("The validation data"));
        Assert.That(File.ReadAllBytes(state), Is.EqualTo(before));
    }

    [Test]
    public void The_first_label_that_cannot_be_read_is_named_before_a_folder_is_made()
    {
        string root = ObjectFolder.Write(ObjectFolder.Grey(0, 1)), output = Path.Combine(root, "run");
        foreach (int i in new[] { 1, 4 })
            File.WriteAllText(ObjectFolder.Mask(root, "train", i), "no label");
        Assert.That(
            () => new FastScnnTrainer(s_one with { OutputFolder = output }).Train(
                SegmentationDataset.FromFolder(root, "train"),
                null, Decode),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains(ObjectFolder.Mask(root, "train", 1)));
        Assert.That(Directory.Exists(output), Is.False);
    }

    private sealed class Reports : IProgress<TrainingProgress>
    {
        public List<TrainingProgress> All { get; } = [];

        public void Report(TrainingProgress value) => All.Add(value);
    }
}
