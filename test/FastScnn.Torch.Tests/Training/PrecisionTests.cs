using FastScnn.Testing;
using FastScnn.Torch.Training;

namespace FastScnn.Torch.Tests.Training;

/// <summary>Trainings in bfloat16: how they are chosen, told, repeated and resumed.</summary>
public class PrecisionTests
{
    private static readonly SceneDataset s_training = new(6, 96, 64), s_validation = new(1, 64, 48, seed: 100);

    private static readonly TrainingOptions s_options = new()
    {
        Epochs = 2,
        BatchSize = 2,
        Seed = 3,
        Augmentation = new() { CropWidth = 64, CropHeight = 48 },
        Optimizer = new AdamWSettings(),
        AverageDecay = 0.9,
        Schedule = LearningRateSchedule.Constant(0.002),
        Precision = Precision.BFloat16,
    };

    [Test]
    public void Bfloat16_trains_to_other_weights_that_a_resume_repeats_to_the_byte()
    {
        TrainingFolder whole = Folder(), parts = Folder(), exact = Folder();
        TrainingResult result = Train(s_options with { OutputFolder = whole.Path });
        Train(s_options with { OutputFolder = exact.Path, Precision = Precision.Float32 });
        using CancellationTokenSource stop = new();
        Reports reports = new(report => { if (report.Step >= 4) stop.Cancel(); });
        Assert.That(() => Train(s_options with { OutputFolder = parts.Path }, reports, stop.Token),
            Throws.InstanceOf<OperationCanceledException>());

        Train(s_options with { OutputFolder = parts.Path, Resume = true });

        Assert.That(File.ReadAllBytes(parts.State), Is.EqualTo(File.ReadAllBytes(whole.State)));
        Assert.That(File.ReadAllBytes(exact.LastWeights), Is.Not.EqualTo(File.ReadAllBytes(whole.LastWeights)));
        Assert.That(reports.All.Select(report => report.Precision), Is.All.EqualTo("bfloat16"));
        Assert.That(result.Weights.Info.Training["precision"], Is.EqualTo("bfloat16"));
        Assert.That(File.ReadAllText(whole.ModelCard), Does.Contain("| precision | bfloat16 |"));
    }

    [Test]
    public void A_change_of_precision_is_refused_by_name()
    {
        TrainingFolder folder = Folder();
        Train(s_options with { Epochs = 1, OutputFolder = folder.Path });

        Assert.That(() => Train(s_options with { OutputFolder = folder.Path, Resume = true, Precision = Precision.Float32 }),
            Throws.InvalidOperationException.With.Message.Contains("precision: 'bfloat16' instead of 'float32'"));
    }

    [Test]
    public void A_state_of_an_older_version_is_float32()
    {
        TrainingFolder folder = Folder();
        TrainingOptions options = s_options with { Precision = Precision.Float32, OutputFolder = folder.Path };
        Train(options with { Epochs = 1 });
        TrainingState state = TrainingState.Load(folder.State);
        (state with
        {
            Recipe = state.Recipe.Where(entry => entry.Key != "precision").ToDictionary()
        }).Save(folder.State);

        Assert.That(() => Train(options with { Resume = true, Precision = Precision.BFloat16 }),
            Throws.InvalidOperationException.With.Message.Contains("precision: 'float32' instead of 'bfloat16'"));
        Assert.That(Train(options with { Resume = true }).Epochs, Is.EqualTo(2));
    }

    [Test]
    public void Auto_says_what_it_chose_and_why()
    {
        TrainingFolder folder = Folder();
        Reports reports = new();
        Train(s_options with { Precision = Precision.Auto, OutputFolder = folder.Path, Epochs = 1 }, reports);

        string expected = X86Features.HasBFloat16 ? "bfloat16 (chosen: the processor has AVX512_BF16)"
            : "float32 (chosen: the processor has neither AVX512_BF16 nor AMX_BF16)";
        Assert.That(reports.All[0].Precision, Is.EqualTo(expected));
        Assert.That(File.ReadAllText(folder.Log), Does.Contain("\"precision chosen\":\"the processor has "));
        Assert.That(File.ReadAllText(folder.ModelCard), Does.Contain("| precision chosen | the processor has "));
    }

    [Test]
    public void Linux_agrees_on_what_the_processor_has()
    {
        if (!OperatingSystem.IsLinux()) Assert.Ignore("there is no /proc/cpuinfo");
        Assert.That(X86Features.HasBFloat16, Is.EqualTo(File.ReadAllText("/proc/cpuinfo").Contains("avx512_bf16")));
    }

    [TestCase(7, 5, false, "CUDA device 1 has compute capability 7.5, and bfloat16 begins with 8.0")]
    [TestCase(8, 0, true, "CUDA device 1 has compute capability 8.0")]
    [TestCase(9, 0, true, "CUDA device 1 has compute capability 9.0")]
    public void A_device_is_judged_by_its_compute_capability(int major, int minor, bool able, string reason) =>
        Assert.That(ChosenPrecision.OfDevice(1, (major, minor)), Is.EqualTo((able, reason)));

    [Test]
    public void A_device_that_is_not_there_computes_in_float32_and_bfloat16_warns()
    {
        ChosenPrecision chosen = ChosenPrecision.Of(new() { Precision = Precision.Auto, GpuDeviceId = 99 });
        Assert.That($"{chosen}",
            Is.EqualTo("float32 (chosen: the compute capability of CUDA device 99 is not known)"));
        Assert.That(ChosenPrecision.Of(new() { Precision = Precision.BFloat16, GpuDeviceId = 99 }).Warning,
            Does.StartWith("Precision is bfloat16, but the compute capability of CUDA device 99 is not known"));
        Assert.That(ChosenPrecision.OfProcessor(false).Able, Is.False);
    }

    private static TrainingResult Train(TrainingOptions options, Reports? reports = null,
        CancellationToken cancellationToken = default) => new FastScnnTrainer(options).Train(s_training, s_validation,
            SceneDataset.NoDecoder, reports, cancellationToken);

    private static TrainingFolder Folder() => new(TestFiles.NewFolder());
}
