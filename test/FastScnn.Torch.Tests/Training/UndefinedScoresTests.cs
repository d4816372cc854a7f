using System.Text.Json;
using FastScnn.Scenes;
using FastScnn.Testing;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using FastScnn.Torch.Losses;
using FastScnn.Torch.Training;

namespace FastScnn.Torch.Tests.Training;

/// <summary>Scores that are not defined, weights that are no numbers, and data too few for a batch: what training says
/// and keeps.</summary>
public class UndefinedScoresTests
{
    private static readonly SceneDataset s_training = new(4, 64, 48);

    private static readonly TrainingOptions s_options = new()
    {
        Epochs = 2,
        BatchSize = 2,
        Augmentation = new() { CropWidth = 48, CropHeight = 32 },
        Schedule = LearningRateSchedule.Constant(0.001),
    };

    [Test]
    public void A_validation_that_lost_its_labels_on_the_way_is_null_everywhere()
    {
        Assert.That(() => Train(s_options, Only(255)), Throws.TypeOf<InvalidDataException>(),
            "what has none from the start is refused");
        TrainingFolder folder = new(TestFiles.NewFolder());
        using CancellationTokenSource stop = new();
        TrainingOptions options = s_options with
        {
            OutputFolder = folder.Path,
            TensorBoard = true,
            Resume = true,
            Patience = 1
        };
        Assert.That(() => Train(options, Erased(), new Reports(report =>
        {
            if (report.Scores is not null)
                stop.Cancel();
        }), stop.Token), Throws.InstanceOf<OperationCanceledException>());
        Reports reports = new();

        TrainingResult result = Train(options, Erased(), reports);

        Assert.That((result.Scores!.MeanIoU, result.Epoch, result.StoppedEarly), Is.EqualTo((double.NaN, 2, false)),
            "the last epoch is kept, and patience counts nothing");
        Assert.That(result.Scores.ToString(), Does.Contain("not defined"));
        Assert.That(reports.Validations.Single(), Has.Property("BestScores").Null);
        Assert.That(() => JsonSerializer.Serialize(reports.All), Throws.Nothing);
        JsonElement[] epochs = Lines(folder, "epoch");
        Assert.That(epochs.Select(line => line.GetProperty("meanIoU").ValueKind), Is.All.EqualTo(JsonValueKind.Null));
        Assert.That(epochs.Select(line => line.GetProperty("classesScored").GetInt32()), Is.All.Zero);
        Assert.That(result.Weights.Info.Training["validation mIoU"], Is.EqualTo("not defined"));
        Assert.That(File.ReadAllText(folder.ModelCard), Does.Contain("not defined").And.Not.Contain("NaN"));
        string[] tags =
        [
            .. TensorBoardFile.Read(Directory.GetFiles(folder.TensorBoard)[0]).Select(record => record.Tag)
        ];
        Assert.That(tags, Has.None.StartsWith("validation").And.Some.EqualTo("train/mean loss"));
        Assert.That(Train(options, Erased()).Epoch, Is.EqualTo(2), "a resume of the finished training");
    }

    [Test]
    public void A_mean_over_some_classes_says_so_in_log_card_and_result()
    {
        TrainingFolder folder = new(TestFiles.NewFolder());

        TrainingResult result = Train(s_options with { Epochs = 1, OutputFolder = folder.Path }, Only(0));

        Assert.That(result.Scores!.NeverLabelled, Is.EqualTo(StreetScene.Classes.Names.Skip(1)));
        JsonElement line = Lines(folder, "epoch").Single(), end = Lines(folder, "end").Single();
        foreach (JsonElement element in new[] { line, end })
        {
            Assert.That(element.GetProperty("classes").GetInt32(), Is.EqualTo(12));
            Assert.That(element.GetProperty("classesScored").GetInt32(),
                Is.EqualTo(result.Scores.ClassesScored).And.LessThan(12));
            Assert.That(element.GetProperty("neverSeen").EnumerateArray().Select(name => name.GetString()),
                Is.EqualTo(result.Scores.NeverSeen));
            Assert.That(element.GetProperty("neverLabelled").GetArrayLength(), Is.EqualTo(11));
        }
        Assert.That(File.ReadAllText(folder.ModelCard),
            Does.Contain($"**{result.Scores}**").And.Contain("of 12 classes"));
        Assert.That(result.Weights.Info.Training["validation scores"], Is.EqualTo(result.Scores.ToString()));
        TrainingResult again = Train(s_options with { Epochs = 1, OutputFolder = folder.Path, Resume = true }, Only(0));
        Assert.That(again.Scores!.ToString(), Is.EqualTo(result.Scores.ToString()), "after a resume too");
    }

    [Test]
    public void Weights_that_are_no_numbers_are_not_kept()
    {
        TrainingFolder folder = new(TestFiles.NewFolder());
        Train(s_options with { Epochs = 1, OutputFolder = folder.Path }, null);
        byte[] last = File.ReadAllBytes(folder.LastWeights), state = File.ReadAllBytes(folder.State);
        // The last step of the epoch spoils the weights, and no loss comes after it.
        TrainingOptions wild = s_options with
        {
            OutputFolder = folder.Path,
            Resume = true,
            MaxSteps = 3,
            Loss = SegmentationLoss.Sum((1e10, SegmentationLoss.CrossEntropy())),
            Schedule = LearningRateSchedule.Constant(1e38),
        };

        TrainingDivergedException error = Assert.Throws<TrainingDivergedException>(() => Train(wild, Only(0)))!;

        Assert.That(error.Message,
            Does.Contain("after 3 steps").And.Contain("not kept").And.Contain(error.Samples[0].ImagePath));
        Assert.That(File.ReadAllBytes(folder.LastWeights), Is.EqualTo(last));
        Assert.That(File.ReadAllBytes(folder.State), Is.EqualTo(state));
        Assert.That(Checkpoint.Load(folder.BestWeights).Tensors.Values.SelectMany(tensor => tensor.ToSingle()),
            Has.All.Matches<float>(float.IsFinite));
    }

    [TestCase(1, 8, false, "one image", "FreezeBatchNorm")]
    [TestCase(1, 2, false, "one image", "Add images")]
    [TestCase(3, 8, false, "3 images", "BatchSize 2 to 3")]
    [TestCase(2, 8, false, "2 images", "BatchSize 2.")]
    [TestCase(1, 8, true, "1 image to", "BatchSize 1.")]
    [TestCase(3, 8, true, "3 images", "BatchSize 1 to 3")]
    public void Too_few_images_are_refused_with_what_works(int images, int batchSize, bool freeze, string found,
        string advice)
    {
        SceneDataset few = new(images, 64, 48);
        TrainingOptions options = s_options with { Epochs = 1, FreezeBatchNorm = freeze, BatchSize = batchSize };
        Assert.That(
            () => new FastScnnTrainer(options).Train(few, null, SceneDataset.NoDecoder),
            Throws.ArgumentException.With.Message.Contains(found).And.Message.Contains(advice).And.Not.Message.Contains(
                "DropLast"));
        // The advice is taken.
        bool single = images == 1;
        options = options with { FreezeBatchNorm = freeze || single, BatchSize = single ? 1 : 2 };
        Assert.That(new FastScnnTrainer(options).Train(few, null, SceneDataset.NoDecoder).Steps, Is.Positive);
    }

    private static TrainingResult Train(TrainingOptions options, SegmentationDataset? validation,
        IProgress<TrainingProgress>? progress = null, CancellationToken token = default) =>
        new FastScnnTrainer(options).Train(s_training, validation, SceneDataset.NoDecoder, progress, token);

    private static JsonElement[] Lines(TrainingFolder folder, string name) =>
        [.. File.ReadAllLines(folder.Log).Select(line => JsonDocument.Parse(line).RootElement)
            .Where(line => line.GetProperty("event").GetString() == name)];

    private static SceneDataset Only(byte label) => Filled(label, _ => { });

    // Labelled for the look before the first step, and ignored as a whole from the first image on.
    private static SceneDataset Erased() => Filled(0, ids => Array.Fill(ids, (byte)255));

    private static SceneDataset Filled(byte label, Action<byte[]> reading)
    {
        (PixelBuffer image, LabelMap _) = StreetScene.Generate(new() { Width = 64, Height = 48 });
        byte[] ids = new byte[64 * 48];
        Array.Fill(ids, label);
        return new([(image, new(64, 48, ids))], StreetScene.Classes) { Reading = () => reading(ids) };
    }
}
