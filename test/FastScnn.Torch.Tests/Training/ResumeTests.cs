using FastScnn.Testing;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Training;

namespace FastScnn.Torch.Tests.Training;

/// <summary>A training that was cancelled and resumed ends as one that was not. (A killed process:
/// <c>KilledTrainingTests</c> of the command line.)</summary>
public class ResumeTests
{
    private static readonly SceneDataset s_training = new(6, 96, 64), s_validation = new(1, 64, 48, seed: 100);

    // Three steps an epoch, with all that has a memory: dropout, augmentation, momentum, averages, schedule.
    private static readonly TrainingOptions s_options = new()
    {
        Epochs = 3,
        BatchSize = 2,
        Seed = 3,
        Augmentation = new() { CropWidth = 64, CropHeight = 48 },
        Dropout = 0.3,
        AverageDecay = 0.9,
        MaxGradientNorm = 10,
        Schedule = LearningRateSchedule.Polynomial(0.003) with { WarmUpSteps = 2 },
    };

    private static readonly OptimizerSettings[] s_optimizers = [new SgdSettings(), new AdamWSettings()];

    [TestCaseSource(nameof(s_optimizers))]
    public void A_training_cancelled_at_any_step_ends_the_same(OptimizerSettings optimizer)
    {
        TrainingOptions options = s_options with { Optimizer = optimizer };
        TrainingFolder whole = Folder(), parts = Folder();
        Train(options with { OutputFolder = whole.Path });

        // Before the first validation, at the end of an epoch, and in the middle of one.
        foreach (int step in new[] { 1, 3, 8 })
        {
            using CancellationTokenSource stop = new();
            Reports reports = new(report => { if (report.Step >= step) stop.Cancel(); });
            Assert.That(() => Train(options with { OutputFolder = parts.Path, Resume = true }, reports, stop.Token),
                Throws.InstanceOf<OperationCanceledException>());
            Assert.That(TrainingState.Load(parts.State).Position.Step, Is.EqualTo(step), "the state was saved first");
        }
        TrainingResult result = Train(options with { OutputFolder = parts.Path, Resume = true });

        Assert.That(File.ReadAllBytes(parts.LastWeights), Is.EqualTo(File.ReadAllBytes(whole.LastWeights)));
        Assert.That(File.ReadAllBytes(parts.BestWeights), Is.EqualTo(File.ReadAllBytes(whole.BestWeights)));
        Assert.That(File.ReadAllBytes(parts.State), Is.EqualTo(File.ReadAllBytes(whole.State)));
        Assert.That(result.Steps, Is.EqualTo(9));
        Assert.That(File.ReadAllText(parts.Log), Does.Contain("\"event\":\"resume\""));
    }

    [TestCase(null)]
    [TestCase(6L)]
    public void A_training_cancelled_during_a_validation_ends_the_same(long? maxSteps)
    {
        TrainingOptions options = s_options with { MaxSteps = maxSteps };
        TrainingFolder whole = Folder(), parts = Folder();
        Train(options with { OutputFolder = whole.Path });
        using CancellationTokenSource stop = new();
        int validations = 0;
        SceneDataset stopping = new(1, 64, 48, seed: 100)
        {
            Reading = () =>
            {
                if (++validations == 2)
                    stop.Cancel();
            }
        };

        Assert.That(
            () => new FastScnnTrainer(options with { OutputFolder = parts.Path }).Train(s_training, stopping,
                SceneDataset.NoDecoder, cancellationToken: stop.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(TrainingState.Load(parts.State).Position,
            Has.Property("Step").EqualTo(6).And.Property("Batch").EqualTo(3).And.Property("Epoch").EqualTo(1));
        Train(options with { OutputFolder = parts.Path, Resume = true });

        Assert.That(File.ReadAllBytes(parts.LastWeights), Is.EqualTo(File.ReadAllBytes(whole.LastWeights)));
        Assert.That(File.ReadAllBytes(parts.State), Is.EqualTo(File.ReadAllBytes(whole.State)));
    }

    [Test]
    public void More_epochs_go_on_from_the_last_one()
    {
        TrainingFolder folder = Folder();
        Train(s_options with { Epochs = 1, OutputFolder = folder.Path });
        Reports reports = new();

        TrainingResult result = Train(s_options with { Epochs = 2, OutputFolder = folder.Path, Resume = true },
            reports);

        Assert.That(reports.Steps.First().Step, Is.EqualTo(4));
        Assert.That((result.Epochs, result.Steps), Is.EqualTo((2, 6L)));
    }

    [Test]
    public void What_a_process_left_that_was_killed_while_it_saved_is_deleted()
    {
        TrainingFolder folder = Folder();
        Train(s_options with { Epochs = 1, OutputFolder = folder.Path });
        string left = $"{folder.State}.{Guid.NewGuid():N}.tmp", other = Path.Combine(folder.Path, "notes.tmp");
        File.WriteAllText(left, "cut");
        File.WriteAllText(other, "the user's");

        Train(s_options with { Epochs = 1, OutputFolder = folder.Path, Resume = true });

        Assert.That(left, Does.Not.Exist);
        Assert.That(other, Does.Exist);
    }

    [Test]
    public void A_full_disk_is_told_by_the_name_of_the_file()
    {
        string path = Path.Combine(TestFiles.NewFolder(), "state.safetensors");
        Assert.That(
            () => WholeFile.Write(path, stream => throw new IOException(
                $"No space left on device : '{((FileStream)stream).Name}'")),
            Throws.TypeOf<IOException>().With.Message.EqualTo($"No space left on device : '{path}'"));
    }

    [Test]
    public void A_finished_training_gives_its_best_weights_again()
    {
        TrainingFolder folder = Folder();
        TrainingResult first = Train(s_options with { OutputFolder = folder.Path });
        Reports reports = new();

        TrainingResult again = Train(s_options with { OutputFolder = folder.Path, Resume = true }, reports);

        Assert.That(reports.All, Is.Empty);
        Assert.That((again.Epoch, again.Scores!.ToString()), Is.EqualTo((first.Epoch, first.Scores!.ToString())));
        Assert.That(again.Scores.PerClassIoU, Is.EqualTo(first.Scores.PerClassIoU));
        Assert.That(again.Weights.Tensors.Keys, Is.EqualTo(first.Weights.Tensors.Keys));
    }

    [Test]
    public void A_state_is_not_overwritten_and_not_mistaken()
    {
        TrainingFolder folder = Folder();
        Train(s_options with { Epochs = 1, OutputFolder = folder.Path });
        byte[] state = File.ReadAllBytes(folder.State);

        Assert.That(() => Train(s_options with { OutputFolder = folder.Path }),
            Throws.InvalidOperationException.With.Message.Contains(folder.State));
        Assert.That(
            () => Train(s_options with { OutputFolder = folder.Path, Resume = true, Optimizer = new AdamWSettings() }),
            Throws.InvalidOperationException.With.Message.Contains(
                "optimizer: 'SgdSettings' instead of 'AdamWSettings'"));
        Assert.That(
            () => Train(s_options with { OutputFolder = folder.Path, Resume = true, BatchSize = 3 }),
            Throws.InvalidOperationException.With.Message.Contains("batch: '2' instead of '3'"));
        Assert.That(File.ReadAllBytes(folder.State), Is.EqualTo(state));
    }

    [Test]
    public void A_state_without_an_average_cannot_go_on_with_one()
    {
        TrainingFolder folder = Folder();
        Train(s_options with { Epochs = 1, AverageDecay = null, OutputFolder = folder.Path });

        Assert.That(
            () => Train(s_options with { OutputFolder = folder.Path, Resume = true }),
            Throws.TypeOf<CheckpointException>().With.Message.Contains(folder.State).And.Message.Contains(
                "AverageDecay"));
    }

    [Test]
    public void States_that_do_not_fit_are_refused_by_name()
    {
        TrainingFolder folder = Folder();
        Train(s_options with { Epochs = 1, OutputFolder = folder.Path });
        TrainingState whole = TrainingState.Load(folder.State);
        Checkpoint fewer = new(whole.Weights.Tensors.Skip(1)),
            otherAverage = new(whole.Average!.Tensors.Skip(1), whole.Average.Metadata);
        (TrainingState State, string Message)[] cases =
        [
            (whole with { Weights = fewer }, "1 missing"),
            (whole with { Average = otherAverage }, "1 missing"),
            (whole with { Average = new(whole.Average.Tensors) }, "updates"),
            (whole with
            {
                Optimizer = whole.Optimizer.ToDictionary(item => item.Key,
                    item => CheckpointTensor.FromSingle([1, 2], 2))
            }, "optimizer entry"),
            (whole with { Random = new(CheckpointType.UInt8, [3], new byte[3]) }, "random state is [3] bytes"),
            (whole with { Position = whole.Position with { Batch = 4 } }, "batch 4"),
        ];
        foreach ((TrainingState state, string message) in cases)
        {
            state.Save(folder.State);
            Assert.That(() => Train(s_options with { OutputFolder = folder.Path, Resume = true }),
                Throws.TypeOf<CheckpointException>().With.Message.Contains(folder.State).And.Message.Contains(message));
        }
        File.Copy(folder.LastWeights, folder.State, overwrite: true);
        Assert.That(() => Train(s_options with { OutputFolder = folder.Path, Resume = true }),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("no training state"));
    }

    [Test]
    public void A_changed_state_is_refused()
    {
        string path = Path.Combine(TestFiles.NewFolder(), "state.safetensors");
        Checkpoint tensors = new(
            [KeyValuePair.Create("layer.weight", CheckpointTensor.FromSingle([1, 2, 3, 4, 5, 6], 2, 3))],
            [KeyValuePair.Create("ema.updates", "4")]);
        new TrainingState(
            new() { Epoch = 2, Step = 6, BestMeanIoU = 0.5, BestEpoch = 1 },
            new Dictionary<string, string> { ["optimizer"] = "SgdSettings", ["batch"] = "2" },
            tensors, tensors, tensors.Tensors, new(CheckpointType.UInt8, [64], new byte[64])).Save(path);
        (int refused, int read) = DamagedCopies.Try(
            File.ReadAllBytes(path),
            damaged =>
            {
                File.WriteAllBytes(path, damaged);
                Assert.That(TrainingState.Load(path).Position.Step, Is.EqualTo(6));
            },
            e => e is CheckpointException && e.Message.Contains(path));
        Assert.That(read, Is.LessThan(5), "white space of the header may be other white space");
        Assert.That(refused, Is.GreaterThan(240));
    }

    [Test]
    public void A_damaged_log_is_told_before_training_goes_on()
    {
        TrainingFolder folder = Folder();
        Train(s_options with { Epochs = 1, OutputFolder = folder.Path });
        string[] lines = File.ReadAllLines(folder.Log);
        File.WriteAllLines(folder.Log, [lines[0], "no JSON", .. lines[1..]]);
        Reports reports = new();
        Assert.That(
            () => Train(s_options with { OutputFolder = folder.Path, Resume = true }, reports),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains(folder.Log).And.Message.Contains("line 2"));
        Assert.That(reports.All, Is.Empty);
    }

    private static TrainingFolder Folder() => new(TestFiles.NewFolder());

    private static TrainingResult Train(TrainingOptions options, IProgress<TrainingProgress>? progress = null,
        CancellationToken token = default) =>
        new FastScnnTrainer(options).Train(s_training, s_validation, SceneDataset.NoDecoder, progress, token);
}
