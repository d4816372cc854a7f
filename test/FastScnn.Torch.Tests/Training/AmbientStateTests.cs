using FastScnn.Testing;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Losses;
using FastScnn.Torch.Metrics;
using FastScnn.Torch.Network;
using FastScnn.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace FastScnn.Torch.Tests.Training;

/// <summary>What libtorch has once for the process or the thread neither changes what the library does nor is changed
/// by it.</summary>
[NonParallelizable]
public class AmbientStateTests
{
    private static readonly SceneDataset s_training = new(4, 64, 48), s_validation = new(1, 64, 48, seed: 100);

    // With all that could depend on it: dropout, averages, clipping, weighted and sorting losses.
    private static readonly TrainingOptions s_options = new()
    {
        Epochs = 1,
        BatchSize = 2,
        Seed = 7,
        Augmentation = new() { CropWidth = 48, CropHeight = 32 },
        Dropout = 0.3,
        AverageDecay = 0.9,
        MaxGradientNorm = 10,
        Threads = 2,
        Loss = SegmentationLoss.Sum((1, SegmentationLoss.Ohem(classWeights: Enumerable.Repeat(1.5, 12))),
            (0.5, SegmentationLoss.Lovasz()), (0.1, SegmentationLoss.Dice())),
    };

    private static byte[] s_alone = null!;

    // Each sets something and gives what takes it back; the thread that the test runs on is the one that trains.
    private static readonly (string Name, Func<IDisposable> Set)[] s_ambients =
    [
        ("default type Float64",
            () => Changed(() => set_default_dtype(ScalarType.Float64), () => set_default_dtype(ScalarType.Float32))),
        ("default type Float16",
            () => Changed(() => set_default_dtype(ScalarType.Float16), () => set_default_dtype(ScalarType.Float32))),
        ("default device meta", () => Changed(() => set_default_device("meta"), () => set_default_device(CPU))),
        ("one thread", () => Changed(() => set_num_threads(1), () => set_num_threads(2))),
        ("another seed", () => Changed(() => manual_seed(12345).Dispose(), () => { })),
        ("no_grad", no_grad),
        ("inference mode", () => inference_mode(true)),
    ];

    private static IEnumerable<TestCaseData> Ambients =>
        s_ambients.Select(ambient => new TestCaseData(ambient.Set).SetArgDisplayNames(ambient.Name));

    [OneTimeSetUp]
    public void TrainAlone() => s_alone = Train();

    [TestCaseSource(nameof(Ambients))]
    public void Training_gives_the_same_and_puts_back_what_it_found(Func<IDisposable> set)
    {
        using IDisposable ambient = set();
        Ambient before = Ambient.Now();

        byte[] weights = Train();

        Assert.That(Ambient.Now(), Is.EqualTo(before));
        Assert.That(weights, Is.EqualTo(s_alone));
    }

    [TestCaseSource(nameof(Ambients))]
    public void A_training_that_fails_or_is_cancelled_puts_back_what_it_found(Func<IDisposable> set)
    {
        using IDisposable ambient = set();
        Ambient before = Ambient.Now();
        using CancellationTokenSource stop = new();
        string folder = TestFiles.NewFolder();
        File.WriteAllText(new TrainingFolder(folder).State, "no state");

        Assert.Multiple(() =>
        {
            Assert.That(() => Train(progress: new Reports(_ => throw new NotSupportedException())),
                Throws.TypeOf<NotSupportedException>());
            Assert.That(Ambient.Now(), Is.EqualTo(before), "a handler failed");
            Assert.That(() => Train(progress: new Reports(_ => stop.Cancel()), token: stop.Token),
                Throws.InstanceOf<OperationCanceledException>());
            Assert.That(Ambient.Now(), Is.EqualTo(before), "cancelled");
            Assert.That(() => Train(token: stop.Token), Throws.InstanceOf<OperationCanceledException>());
            Assert.That(Ambient.Now(), Is.EqualTo(before), "cancelled before it began");
            Assert.That(() => Train(s_options with { OutputFolder = folder, Resume = true }),
                Throws.TypeOf<CheckpointException>());
            Assert.That(Ambient.Now(), Is.EqualTo(before), "the state is damaged");
        });
    }

    [TestCaseSource(nameof(Ambients))]
    public void Networks_are_made_loaded_and_scored_alike(Func<IDisposable> set)
    {
        using FastScnnNetwork plain = new(new() { Classes = 12, AuxiliaryHead = true, Seed = 4 });
        ConfusionCounts expected =
            new NetworkEvaluator(s_validation, SceneDataset.NoDecoder, inputScale: 1.5).Evaluate(plain);
        using ExponentialMovingAverage average = MadeWithin(set, () => new ExponentialMovingAverage(plain, 0.5));
        Ambient before, after;
        FastScnnNetwork made, loaded;
        ConfusionCounts found;
        using (IDisposable ambient = set())
        {
            before = Ambient.Now();
            made = new(new() { Classes = 12, AuxiliaryHead = true, Seed = 4 });
            loaded = FastScnnNetwork.FromCheckpoint(plain.ToCheckpoint());
            found = new NetworkEvaluator(s_validation, SceneDataset.NoDecoder, inputScale: 1.5).Evaluate(loaded);
            after = Ambient.Now();
        }
        Assert.Multiple(() =>
        {
            Assert.That(after, Is.EqualTo(before));
            Assert.That(Bytes(made.ToCheckpoint()), Is.EqualTo(Bytes(plain.ToCheckpoint())));
            Assert.That(Bytes(loaded.ToCheckpoint()), Is.EqualTo(Bytes(plain.ToCheckpoint())));
            Assert.That(SegmentationScores.From(found).PerClassIoU,
                Is.EqualTo(SegmentationScores.From(expected).PerClassIoU));
            Assert.That(average.Update, Throws.Nothing);
        });
        foreach (FastScnnNetwork network in new[] { made, loaded })
        {
            using DisposeScope scope = NewDisposeScope();
            network.train();
            network.forward(ones(2, 3, 64, 64)).Logits.sum().backward();
            Assert.That(network.parameters().First().grad, Is.Not.Null, "it can be trained");
            network.Dispose();
        }
    }

    [Test]
    public void Callers_random_numbers_go_on_as_if_nothing_had_been_trained()
    {
        manual_seed(99).Dispose();
        double[] expected = [Draw(), Draw()];

        manual_seed(99).Dispose();
        double first = Draw();
        Train();
        using FastScnnNetwork network =
            FastScnnNetwork.FromCheckpoint(new FastScnnNetwork(new() { Seed = 1 }).ToCheckpoint());

        Assert.That(new[] { first, Draw() }, Is.EqualTo(expected));
    }

    [Test]
    public void What_others_draw_and_what_handlers_change_is_without_effect()
    {
        List<Ambient> seen = [];
        Reports meddling = new(_ =>
        {
            seen.Add(Ambient.Now() with { Random = "" });
            manual_seed(1).Dispose();
            set_num_threads(1);
            set_default_dtype(ScalarType.Float64);
            set_default_device("meta");
            set_grad_enabled(false);
        });
        Ambient before = Ambient.Now();

        byte[] weights = Train(progress: meddling);

        Assert.That(weights, Is.EqualTo(s_alone));
        Assert.That(seen.Distinct().Count(), Is.EqualTo(1), "each change was undone");
        Assert.That(Ambient.Now() with { Random = "" }, Is.EqualTo(before with { Random = "" }));
    }

    [Test]
    public void Trainings_at_once_give_the_same_as_alone()
    {
        byte[][] weights = new byte[3][];
        Thread[] threads = [.. Enumerable.Range(0, 3).Select(i => new Thread(() => weights[i] = Train()))];
        foreach (Thread thread in threads) thread.Start();
        // Draws and builds meanwhile, as a server that trains and scores does.
        for (int i = 0; i < 10; i++) new FastScnnNetwork().Dispose();
        foreach (Thread thread in threads) thread.Join();

        Assert.That(weights, Has.All.EqualTo(s_alone));
    }

    [Test]
    public void A_training_waits_for_the_other_and_the_waiting_can_be_cancelled()
    {
        using ManualResetEventSlim begun = new(), goOn = new();
        Thread first = new(() => Train(progress: new Reports(_ => { begun.Set(); goOn.Wait(); })));
        first.Start();
        begun.Wait();
        using CancellationTokenSource stop = new();
        string folder = TestFiles.NewFolder();
        Reports reports = new();
        Task second = Task.Factory.StartNew(() => Train(s_options with { OutputFolder = folder }, reports, stop.Token),
            TaskCreationOptions.LongRunning);

        Assert.That(second.Wait(300), Is.False, "it waits");
        stop.Cancel();
        Assert.That(async () => await second, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(reports.All, Is.Empty);
        Assert.That(Directory.GetFiles(folder), Is.Empty, "the folder is free");
        goOn.Set();
        first.Join();
        Assert.That(Train(), Is.EqualTo(s_alone), "the next can begin");
    }

    [Test]
    public void A_training_within_a_training_is_refused()
    {
        List<Exception> refused = [];
        Reports nesting = new(_ =>
        {
            if (refused.Count > 0) return;
            refused.Add(Assert.Catch(() => Train())!);
            refused.Add(Assert.Catch(() => Task.Run(() => Train()).GetAwaiter().GetResult())!);
        });

        Assert.That(Train(progress: nesting), Is.EqualTo(s_alone));
        Assert.That(refused, Has.Exactly(2)
            .InstanceOf<InvalidOperationException>().With.Message.Contains("within another"));
    }

    private static byte[] Train(TrainingOptions? options = null, IProgress<TrainingProgress>? progress = null,
        CancellationToken token = default) =>
        Bytes(new FastScnnTrainer(options ?? s_options).Train(s_training, s_validation, SceneDataset.NoDecoder,
            progress, token).Weights);

    private static byte[] Bytes(Checkpoint weights) =>
    [
        .. weights.Tensors.SelectMany(item => item.Value.Bytes.ToArray())
    ];

    private static double Draw()
    {
        using Tensor number = rand(1, dtype: ScalarType.Float64, device: CPU);
        return number.item<double>();
    }

    private static T MadeWithin<T>(Func<IDisposable> set, Func<T> make)
    {
        using IDisposable ambient = set();
        return make();
    }

    private static IDisposable Changed(Action set, Action undo)
    {
        set();
        return new Undo(undo);
    }

    private sealed class Undo(Action undo) : IDisposable
    {
        public void Dispose() => undo();
    }

    private sealed record Ambient(bool Gradients, bool Inference, int Threads, ScalarType Type, string Device,
        string Random)
    {
        public static Ambient Now()
        {
            using Tensor state = get_rng_state();
            return new(is_grad_enabled(), is_inference_mode_enabled(), get_num_threads(), get_default_dtype(),
                get_default_device().ToString(), Convert.ToHexString(state.bytes));
        }
    }
}
