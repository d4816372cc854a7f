using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using FastScnn.Scenes;
using FastScnn.Testing;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using FastScnn.Torch.Losses;
using FastScnn.Torch.Metrics;
using FastScnn.Torch.Network;
using FastScnn.Torch.Training;

namespace FastScnn.Torch.Tests.Training;

/// <summary>The training loop: what it reports, keeps, writes, refuses, and when it ends.</summary>
public class FastScnnTrainerTests
{
    // 5 scenes make two batches an epoch, one scene being left out of each.
    private static readonly SceneDataset s_training = new(5, 96, 64), s_validation = new(2, 80, 48, seed: 100);

    private static readonly TrainingOptions s_small = new()
    {
        Epochs = 3,
        BatchSize = 2,
        Seed = 7,
        Augmentation = new() { CropWidth = 64, CropHeight = 48 },
        Schedule = LearningRateSchedule.Constant(0.01),
    };

    [Test]
    public void Steps_and_validations_are_reported_in_order()
    {
        Reports reports = new();

        TrainingResult result = Train(s_small with { ValidateEvery = 2 }, reports);

        Assert.That(reports.Steps.Select(report => (report.Epoch, report.Step)),
            Is.EqualTo(new[] { (1, 1L), (1, 2), (2, 3), (2, 4), (3, 5), (3, 6) }));
        Assert.That(reports.Validations.Select(report => (report.Epoch, report.Step)),
            Is.EqualTo(new[] { (2, 4L), (3, 6) }), "the last epoch is always validated");
        Assert.That(reports.All, Has.All.Matches<TrainingProgress>(report =>
            report is { Epochs: 3, Steps: 6, LearningRate: 0.01, Loss: > 0 and < 100, DataWaitFraction: >= 0 and <= 1 }
                && double.IsFinite(report.MeanLoss)));
        Assert.That(reports.All[0],
            Has.Property(nameof(TrainingProgress.ImagesPerSecond)).Zero.And.Property(
                nameof(TrainingProgress.Remaining)).Null);
        Assert.That(reports.All[^1].ImagesPerSecond, Is.Positive);
        Assert.That(reports.All[^1].Remaining, Is.EqualTo(TimeSpan.Zero));
        Assert.That((result.Epochs, result.Steps, result.StoppedEarly), Is.EqualTo((3, 6L, false)));
        TrainingProgress best = reports.Validations.MaxBy(report => report.Scores!.MeanIoU)!;
        Assert.That((result.Epoch, result.Scores!.MeanIoU), Is.EqualTo((best.Epoch, best.Scores!.MeanIoU)));
    }

    [Test]
    public void The_best_weights_score_what_was_reported()
    {
        TrainingResult result = Train(s_small with { AverageDecay = 0.5, InputScale = 1.5 });

        using FastScnnNetwork network = FastScnnNetwork.FromCheckpoint(result.Weights);
        ConfusionCounts counts =
            new NetworkEvaluator(s_validation, SceneDataset.NoDecoder, inputScale: 1.5).Evaluate(network);
        Assert.That(SegmentationScores.From(counts).MeanIoU, Is.EqualTo(result.Scores!.MeanIoU));
        Assert.That(result.Weights.Info.Classes, Is.EqualTo(StreetScene.Classes));
        Assert.That(result.Weights.Info.InputScale, Is.EqualTo(1.5));
        Assert.That(result.Weights.Info.Training["validation mIoU"],
            Is.EqualTo(result.Scores.MeanIoU.ToString("F4", CultureInfo.InvariantCulture)));
        Assert.That(result.Weights.Info.Training["seed"], Is.EqualTo("7"));
    }

    [Test]
    public void The_same_seed_gives_the_same_weights_and_another_seed_others()
    {
        byte[] first = Bytes(Train(s_small).Weights), again = Bytes(Train(s_small with { Workers = 1 }).Weights);
        byte[] other = Bytes(Train(s_small with { Seed = 8 }).Weights);

        Assert.That(again, Is.EqualTo(first));
        Assert.That(other, Is.Not.EqualTo(first));
    }

    [Test]
    public void The_seed_decides_the_fresh_weights_too()
    {
        // Nothing is learned, so what differs are the weights that training started from.
        TrainingOptions still = s_small with
        {
            Epochs = 1,
            FreezeBatchNorm = true,
            Schedule = LearningRateSchedule.Constant(1e-100)
        };

        Assert.That(Bytes(Train(still with { Seed = 8 }).Weights), Is.Not.EqualTo(Bytes(Train(still).Weights)));
    }

    [Test]
    public void The_folder_gets_weights_state_and_a_log_that_parses()
    {
        TrainingFolder folder = new(TestFiles.NewFolder());

        TrainingResult result = Train(s_small with
        {
            OutputFolder = folder.Path,
            TensorBoard = true,
            Command = "train me again",
            Notes = "No licence."
        });

        Assert.That(Bytes(Checkpoint.Load(folder.BestWeights)), Is.EqualTo(Bytes(result.Weights)));
        Assert.That(Checkpoint.Load(folder.LastWeights).Info.Training["epoch"], Is.EqualTo("3"));
        JsonElement[] lines = [.. File.ReadAllLines(folder.Log).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.That(lines.Select(line => line.GetProperty("event").GetString()),
            Is.EqualTo(new[] { "start", "epoch", "epoch", "epoch", "end" }));
        Assert.That(lines[1..4].Select(line => line.GetProperty("meanIoU").GetDouble()).Max(),
            Is.EqualTo(result.Scores!.MeanIoU));
        Assert.That(lines[4].GetProperty("bestEpoch").GetInt32(), Is.EqualTo(result.Epoch));
        Assert.That(Directory.GetFiles(folder.Path, "*.tmp"), Is.Empty);
        string card = File.ReadAllText(folder.ModelCard);
        Assert.That(card,
            Does.Contain("train me again").And.Contain("No licence").And.Contain("| seed | 7 |").And.Contain(
                "| road | ").And.Contain(string.Create(CultureInfo.InvariantCulture,
                    $"mIoU {100 * result.Scores.MeanIoU:F2} %")));
        Assert.That(card,
            Does.Contain(string.Create(CultureInfo.InvariantCulture,
                $"Best epoch {result.Epoch}: **{result.Scores}**")));
        XElement curves = XElement.Load(folder.Curves);
        Assert.That(curves.Elements().Where(e => e.Name.LocalName == "polyline")
            .Select(e => e.Attribute("points")!.Value.Split(' ').Length), Is.EqualTo(new[] { 3, 3, 3 }));
        (string Tag, long Step, float? Value)[] board =
        [
            .. TensorBoardFile.Read(Directory.GetFiles(folder.TensorBoard).Single())
                .Select(record => (record.Tag, record.Step, record.Scalar))
        ];
        Assert.That(board,
            Does.Contain(("validation/mIoU", (long)lines[1].GetProperty("step").GetInt32(),
                (float?)lines[1].GetProperty("meanIoU").GetDouble())));
        Assert.That(board.Count(record => record.Tag == "validation IoU/road"), Is.EqualTo(3));
    }

    [Test]
    public void Without_validation_the_last_epoch_is_kept()
    {
        TrainingResult result = new FastScnnTrainer(s_small).Train(s_training, null, SceneDataset.NoDecoder);

        Assert.That((result.Epoch, result.Scores), Is.EqualTo((3, (SegmentationScores?)null)));
        Assert.That(result.Weights.Info.Training["epoch"], Is.EqualTo("3"));
    }

    [Test]
    public void A_number_of_steps_ends_the_training_within_an_epoch()
    {
        Reports reports = new();

        TrainingResult result = Train(s_small with { MaxSteps = 3, Schedule = LearningRateSchedule.Polynomial(1e-3) },
            reports);

        Assert.That((result.Steps, result.Epochs), Is.EqualTo((3L, 2)));
        Assert.That(reports.Steps.Last(), Has.Property(nameof(TrainingProgress.LearningRate)).Zero,
            "the rate falls over the steps there are");
        Assert.That(reports.Validations.Last().Step, Is.EqualTo(3));
    }

    [Test]
    public void Patience_ends_a_training_that_does_not_get_better()
    {
        // Nothing is learned at this rate and without new statistics, so no validation is better than the first.
        TrainingOptions idle = s_small with
        {
            Epochs = 9,
            Patience = 2,
            FreezeBatchNorm = true,
            Schedule = LearningRateSchedule.Constant(1e-30),
        };
        TrainingFolder folder = new(TestFiles.NewFolder());

        TrainingResult result = Train(idle with { OutputFolder = folder.Path });

        Assert.That((result.Epoch, result.Epochs, result.StoppedEarly), Is.EqualTo((1, 3, true)));
        TrainingResult again = Train(idle with { OutputFolder = folder.Path, Resume = true });
        Assert.That((again.Epochs, again.StoppedEarly), Is.EqualTo((3, true)), "a resume does not go on");
    }

    [Test]
    public void Fine_tuning_takes_all_but_the_last_layers_of_another_number_of_classes()
    {
        using FastScnnNetwork source = new(new() { Classes = 3, AuxiliaryHead = true });
        // In single precision this rate times any gradient is 0.
        TrainingOptions still = s_small with
        {
            Epochs = 1,
            FreezeBatchNorm = true,
            Schedule = LearningRateSchedule.Constant(1e-100)
        };

        TrainingResult result = Train(still with { InitialWeights = source.ToCheckpoint() });

        Checkpoint start = source.ToCheckpoint();
        string[] same =
        [
            .. result.Weights.Tensors.Where(item =>
                start.Tensors[item.Key].Bytes.Span.SequenceEqual(item.Value.Bytes.Span)).Select(item => item.Key)
        ];
        Assert.That(start.Tensors.Keys.Except(same),
            Is.EquivalentTo(new[] { "classifier.conv.1.weight", "classifier.conv.1.bias", "auxlayer.4.weight",
                "auxlayer.4.bias" }));
        Assert.That(result.Weights.ClassCount, Is.EqualTo(12));
    }

    [Test]
    public void Batches_of_one_and_a_warm_up_without_end_are_refused_before_anything_is_written()
    {
        string folder = Path.Combine(TestFiles.NewFolder(), "run");
        TrainingOptions options = s_small with { Epochs = 1, OutputFolder = folder };
        Assert.That(() => Train(options with { BatchSize = 1 }),
            Throws.ArgumentException.With.Message.Contains("BatchSize is 1").And.Message.Contains("2 or more"));
        Assert.That(() => Train(options with { BatchSize = 4, DropLast = false }),
            Throws.ArgumentException.With.Message.Contains("5 samples in batches of 4").And.Message.Contains(
                "DropLast"));
        Assert.That(() => Train(options with
        {
            Schedule = LearningRateSchedule.Constant(0.01) with { WarmUpSteps = 1000 }
        }),
            Throws.ArgumentException.With.Message.Contains("The warm-up takes 1000 steps"));
        Assert.That(Directory.Exists(folder), Is.False);
        Assert.That(Train(options with { BatchSize = 4 }).Steps, Is.EqualTo(1), "the last image is left out");
        Assert.That(Train(s_small with { MaxSteps = 1, BatchSize = 4, DropLast = false }).Steps, Is.EqualTo(1),
            "it is not come to");
    }

    [Test]
    public void A_loss_that_is_no_number_names_the_files_of_its_batch()
    {
        TrainingOptions wild = s_small with
        {
            Epochs = 50,
            Optimizer = new SgdSettings { WeightDecay = 0 },
            Schedule = LearningRateSchedule.Constant(1e30)
        };

        TrainingDivergedException error = Assert.Throws<TrainingDivergedException>(() => Train(wild))!;

        Assert.That(error.Samples, Has.Count.EqualTo(2));
        Assert.That(error.Message,
            Does.Contain(error.Samples[0].ImagePath).And.Contain(error.Samples[1].ImagePath).And.Contain(
                "learning rate 1E+30"));
    }

    [Test]
    public void Batches_that_are_all_ignored_leave_the_loss_at_zero()
    {
        (PixelBuffer image, LabelMap labels) = StreetScene.Generate(new() { Width = 64, Height = 48 });
        byte[] void_ = new byte[64 * 48];
        Array.Fill(void_, (byte)255);
        SceneDataset ignored = new([(image, new(64, 48, void_)), (image, new(64, 48, void_)), (image, labels),
            (image, labels)], StreetScene.Classes);
        Reports reports = new();

        TrainingResult result = new FastScnnTrainer(s_small with { Epochs = 2, Shuffle = false }).Train(ignored, null,
            SceneDataset.NoDecoder, reports);

        Assert.That(reports.Steps.Select(report => report.Loss > 0), Is.EqualTo(new[] { false, true, false, true }));
        Assert.That(result.Weights.Tensors.Values.SelectMany(tensor => tensor.ToSingle()),
            Has.All.Matches<float>(float.IsFinite));
    }

    [Test]
    public void What_does_not_fit_together_is_refused_before_the_first_step()
    {
        ClassList others = ClassList.Generic(12);
        Assert.That(
            () => new FastScnnTrainer(s_small).Train(s_training, new SceneDataset(1, 64, 48, classes: others),
                SceneDataset.NoDecoder),
            Throws.ArgumentException.With.Message.Contains("other classes than the training data"));
        Assert.That(() => Train(s_small with { Loss = SegmentationLoss.Dice(ignoreIndex: 12) }),
            Throws.ArgumentException.With.Message.Contains("ignores the label 12").And.Message.Contains("ignore 255"));
        Assert.That(() => Train(s_small with { BatchSize = 6 }),
            Throws.ArgumentException.With.Message.Contains(
                "5 images to train on make no batch of 6").And.Message.Contains(
                    "BatchSize 2 to 5").And.Not.Message.Contains("DropLast"));
    }

    [Test]
    public void A_missing_CUDA_device_is_told()
    {
        if (TorchSharp.torch.cuda.is_available())
            Assert.That(() => Train(s_small with { GpuDeviceId = 99 }),
                Throws.InvalidOperationException.With.Message.Contains("numbered from 0"));
        else Assert.That(() => Train(s_small with { GpuDeviceId = 0 }),
            Throws.InvalidOperationException.With.Message.Contains("TorchSharp-cuda-linux"));
    }

    [Test]
    public void Two_trainings_do_not_share_a_folder()
    {
        TrainingFolder folder = new(TestFiles.NewFolder());
        TrainingOptions options = s_small with { Epochs = 1, OutputFolder = folder.Path, Resume = true };
        IOException? refused = null;
        Train(options, new Each(_ => refused ??= Assert.Throws<IOException>(() => Train(options))));

        Assert.That(refused!.Message, Does.Contain(folder.Path).And.Contain("under way"));
        Assert.That(Directory.GetFiles(folder.Path, "*.lock"), Is.Empty);
        Assert.That(Train(options).Epoch, Is.EqualTo(1), "the folder is free again");
    }

    private sealed class Each(Action<TrainingProgress> told) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => told(value);
    }

    [TestCase(1.0, 32)]
    [TestCase(0.5, 64)]
    public void An_image_too_small_for_the_network_is_enlarged(double inputScale, int side)
    {
        using FastScnnNetwork network = new(new() { Classes = 12 });
        ConfusionCounts small = Evaluate(1), large = Evaluate(side);

        // The first pixel lies on the first of the logits in both, and no other has a label.
        Assert.That(small.LabelledPixels(3), Is.EqualTo(1));
        for (int prediction = 0; prediction < 12; prediction++)
            Assert.That(small[3, prediction], Is.EqualTo(large[3, prediction]));

        ConfusionCounts Evaluate(int pixels)
        {
            byte[] ids = [.. Enumerable.Repeat((byte)255, pixels * pixels)],
                rgb = [.. Enumerable.Range(0, 3 * pixels * pixels).Select(i => (byte)(60 + 70 * (i % 3)))];
            ids[0] = 3;
            SceneDataset one = new([(new PixelBuffer(pixels, pixels, rgb), new LabelMap(pixels, pixels, ids))],
                StreetScene.Classes);
            return new NetworkEvaluator(one, SceneDataset.NoDecoder, inputScale: inputScale).Evaluate(network);
        }
    }

    private static TrainingResult Train(TrainingOptions options, IProgress<TrainingProgress>? progress = null) =>
        new FastScnnTrainer(options).Train(s_training, s_validation, SceneDataset.NoDecoder, progress);

    private static byte[] Bytes(Checkpoint weights) =>
    [
        .. weights.Tensors.SelectMany(item => item.Value.Bytes.ToArray())
    ];
}
