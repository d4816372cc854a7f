using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data.Augmentation;
using FastScnn.Torch.Data.Loading;
using FastScnn.Torch.Losses;

namespace FastScnn.Torch.Training;

/// <summary>How a <see cref="FastScnnTrainer"/> trains. The defaults are the recipe of Tramac/Fast-SCNN-pytorch (SGD
/// 0.01, poly 0.9, 160 epochs, auxiliary head 0.4), but for batches of 8 and for weight decay, which leaves depthwise
/// convolutions, norms and biases alone as in the paper.</summary>
public sealed record TrainingOptions
{
    /// <summary>Gets the number of passes over the training images, 1..1,000,000. Default: 160.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int Epochs { get; init => field = Check.Range(value, 1, 1_000_000); } = 160;

    /// <summary>The largest number of steps, 1 or more. Training ends after it even if <see cref="Epochs"/> are left,
    /// and the schedule is computed for this number. Default: null, no limit.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public long? MaxSteps { get; init => field = Check.AtLeast(value, 1); }

    /// <summary>Gets the number of samples in a batch, 1..4096; 1 needs <see cref="FreezeBatchNorm"/>. Default:
    /// 8.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int BatchSize { get; init => field = Check.Range(value, 1, 4096); } = 8;

    /// <summary>Gets how many batches make a step of the optimizer, 1..4096: their gradients are added up, for batches
    /// that do not fit into memory. A step then takes so many times <see cref="BatchSize"/> samples, and there are so
    /// many times fewer steps; batch norm sees one batch at a time. The gradient is that of the whole for
    /// cross-entropy, which is a mean over pixels; of OHEM, Dice and Lovasz, which are defined over a batch, it is the
    /// mean over the batches by labelled pixels. Default: 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int AccumulateSteps { get; init => field = Check.Range(value, 1, 4096); } = 1;

    /// <summary>Gets the random seed: of the order of the samples, their augmentation, fresh weights and dropout.
    /// Default: 0.</summary>
    public int Seed { get; init; }

    /// <summary>Gets whether each epoch has a random order of its own. Default: true.</summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>Gets whether samples that do not fill a last batch are left out of the epoch. Default: true, as in the
    /// reference implementation: batch norm cannot train on one sample.</summary>
    public bool DropLast { get; init; } = true;

    /// <summary>Gets the number of threads that decode and augment, 1..256; the result does not depend on it. Default:
    /// 2.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int Workers { get; init => field = Check.Range(value, 1, 256); } = 2;

    /// <summary>Gets the number of batches that are made ahead of the one in use, 1..1024, which bounds the memory.
    /// Default: 2.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int QueuedBatches { get; init => field = Check.Range(value, 1, 1024); } = 2;

    /// <summary>Gets the bytes of decoded samples that are kept from epoch to epoch, 0 or more. Default: 0,
    /// none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public long CacheBytes { get; init => field = Check.AtLeast(value, 0); }

    /// <summary>How images are varied. <see cref="AugmentationOptions.Scale"/> is multiplied by
    /// <see cref="InputScale"/>.</summary>
    public AugmentationOptions Augmentation
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Augmentation));
    } = new();

    /// <summary>The factor of the sides of images before the network sees them, 0.25..8, in training, in
    /// validation and in the exported model. The network predicts at 1/8 of its input, so images with thin objects gain
    /// from 2. Default: 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double InputScale { get; init => field = Check.Range(value, 0.25, 8); } = 1;

    /// <summary>How pixels become network input. Default: <see cref="Normalization.ImageNet"/>.</summary>
    public Normalization Normalization
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Normalization));
    } = Normalization.ImageNet;

    /// <summary>Whether a second classifier on the early features helps training; exported models leave it out.
    /// Default: true.</summary>
    public bool AuxiliaryHead { get; init; } = true;

    /// <summary>The factor of the auxiliary head's loss, above 0. Default: 0.4, as in the paper.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double AuxiliaryWeight { get; init => field = Check.Positive(value); } = 0.4;

    /// <summary>The share of values that dropout zeroes before each classifier, 0 up to but not including 1. Default:
    /// 0.1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double Dropout { get; init => field = Check.BelowOne(value); } = 0.1;

    /// <summary>The loss; it must ignore the same label as the classes of the data set. Default: null,
    /// cross-entropy.</summary>
    public SegmentationLoss? Loss { get; init; }

    /// <summary>The loss of the auxiliary head. Default: null, <see cref="Loss"/>.</summary>
    public SegmentationLoss? AuxiliaryLoss { get; init; }

    /// <summary>The loss compares every n-th pixel of every n-th row, 1..8, with logits enlarged to that many. The
    /// network predicts at 1/8 of its input, so little is lost, and with an <see cref="InputScale"/> of 2 a stride of 2
    /// still meets every pixel of the image; the step gets faster, most of all with
    /// <see cref="SegmentationLoss.Lovasz"/>,
    /// which sorts pixels. Default: 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int LossStride { get; init => field = Check.Range(value, 1, 8); } = 1;

    /// <summary>Gets a trained network of the same classes that teaches: beside the labels, the loss compares the
    /// distributions over the classes that the two give each augmented crop. The auxiliary head learns from the labels
    /// alone. The teacher sees crops at the images' own size, without <see cref="InputScale"/>. It also speaks where
    /// labels are ignored, but not in the padding of crops, so that a training can do without any label. A resume with
    /// another teacher is refused. Default: null, none.</summary>
    /// <remarks>The loss is the Kullback-Leibler divergence (Hinton, Vinyals, Dean, arXiv:1503.02531; by place as Liu
    /// et al., arXiv:1903.04197) at each of the student's logits, to which the teacher's probabilities are averaged, or
    /// between which they are interpolated.</remarks>
    public SegmentationTeacher? Teacher { get; init; }

    /// <summary>Gets the factor of the teacher's part of the loss, which is added to that of the labels, above 0.
    /// Default: 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double TeacherWeight { get; init => field = Check.Positive(value); } = 1;

    /// <summary>Gets what the logits of teacher and student are divided by before they are compared, 0.1..100: above 1
    /// the classes that the teacher thinks unlikely say more. The loss is multiplied by its square. Default:
    /// 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double TeacherTemperature { get; init => field = Check.Range(value, 0.1, 100); } = 1;

    /// <summary>The optimizer. Default: SGD with momentum 0.9 and weight decay 1e-4.</summary>
    public OptimizerSettings Optimizer
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Optimizer));
    } = new SgdSettings();

    /// <summary>Gets the learning rate by step. Default: <see cref="LearningRateSchedule.Polynomial"/> from
    /// 0.01.</summary>
    public LearningRateSchedule Schedule
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Schedule));
    } = LearningRateSchedule.Polynomial(0.01);

    /// <summary>The decay of a moving average of the weights, 0 up to but not including 1, which is then what is
    /// validated and kept. Default: null, none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double? AverageDecay
    {
        get;
        init => field = value is null or (>= 0 and < 1) ? value
            : throw Throw.OutOfRange(nameof(AverageDecay), value, "0 up to but not including 1, or null");
    }

    /// <summary>The largest joint norm of the gradients, above 0; longer ones are shortened to it. Default: null, they
    /// are left as they are.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double? MaxGradientNorm
    {
        get;
        init => field = value is null or (> 0 and < double.PositiveInfinity) ? value
            : throw Throw.OutOfRange(nameof(MaxGradientNorm), value, "above 0 and finite, or null");
    }

    /// <summary>Whether batch normalisation keeps the statistics of <see cref="InitialWeights"/>, for fine-tuning with
    /// small batches. Default: false.</summary>
    public bool FreezeBatchNorm { get; init; }

    /// <summary>Weights to start from. Those of the last layers, whose shape depends on the classes, start fresh where
    /// the number of classes differs. Default: null, all fresh.</summary>
    public Checkpoint? InitialWeights { get; init; }

    /// <summary>After how many epochs the validation images are scored, 1 or more; the last epoch always is. Default:
    /// 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int ValidateEvery { get; init => field = Check.AtLeast(value, 1); } = 1;

    /// <summary>How many validations without a better mIoU end the training, 1 or more. Default: null, none
    /// do.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int? Patience { get; init => field = Check.AtLeast(value, 1); }

    /// <summary>The folder for what training leaves behind (see <see cref="TrainingFolder"/>): the best and the last
    /// weights, the state to resume from, and the logs. Default: null, nothing is written.</summary>
    public string? OutputFolder { get; init; }

    /// <summary>Whether to go on from the state in <see cref="OutputFolder"/> if there is one; otherwise a folder with
    /// a state is refused. Default: false.</summary>
    public bool Resume { get; init; }

    /// <summary>After how many steps the state is saved within an epoch, 1 or more; it is saved after every epoch
    /// anyway. Default: null, not within.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int? SaveEverySteps { get; init => field = Check.AtLeast(value, 1); }

    /// <summary>Whether losses, rates and scores also go to TensorBoard event files in <see cref="OutputFolder"/>.
    /// Default: false.</summary>
    public bool TensorBoard { get; init; }

    /// <summary>The command to repeat the training, for the model card. Default: null, none.</summary>
    public string? Command { get; init; }

    /// <summary>Markdown that the model card ends with: where the data are from, their licence, what the model is not
    /// for. Default: null, none.</summary>
    public string? Notes { get; init; }

    /// <summary>Gets the numbers that the network computes with in training; weights, loss and validation are single
    /// precision in any case. A resume with another precision is refused. Default:
    /// <see cref="Precision.Float32"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value has no name.</exception>
    public Precision Precision
    {
        get;
        init => field = Enum.IsDefined(value) ? value
            : throw Throw.OutOfRange(nameof(Precision), value, string.Join(", ", Enum.GetNames<Precision>()));
    }

    /// <summary>How many threads libtorch computes with, 1 or more, 0 for one for every processor; a setting of the
    /// whole process. Where several <see cref="Processes"/> are on a machine, 0 shares its processors among them.
    /// Results differ in the last digits between numbers of threads. Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int Threads { get; init => field = Check.AtLeast(value, 0); }

    /// <summary>Gets the CUDA device to train on, 0 or more; needs a package such as TorchSharp-cuda-linux. Default:
    /// null, the processor. Where several <see cref="Processes"/> are on a machine, the first of them takes this device
    /// and each other one the next. See <see cref="FastScnnTrainer.GetUnavailableReason"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int? GpuDeviceId { get; init => field = Check.AtLeast(value, 0); }

    /// <summary>Gets the processes that train together, one for each device or processor, on one machine or several.
    /// All of them call <see cref="FastScnnTrainer.Train"/> with the same options and data. Batches stay as large as
    /// <see cref="BatchSize"/> says: each process takes its slice, so that <see cref="BatchSize"/> must be 2 or more
    /// for each. Samples, crops, steps and learning rates are those of one process, and a training resumes with another
    /// number of processes. The first process alone writes to <see cref="OutputFolder"/>; each needs to read the data.
    /// Default: null, this process alone.</summary>
    /// <example><code>
    /// using MpiProcesses processes = MpiProcesses.Join();
    /// var options = new TrainingOptions { Processes = processes, BatchSize = 32 };
    /// </code></example>
    public MpiProcesses? Processes { get; init; }

    /// <summary>Gets whether batch norm takes its statistics over the slices of all <see cref="Processes"/>, and not
    /// over each process's own: for slices of few images. It takes three to five times as long as batch norm alone does
    /// on a processor. Default: false.</summary>
    public bool SyncBatchNorm { get; init; }

    /// <summary>The samples of a step.</summary>
    internal int StepSize => BatchSize * AccumulateSteps;

    internal LoaderOptions Loader => new(StepSize, Seed, Shuffle, DropLast, Workers, QueuedBatches, CacheBytes,
        Processes?.Rank ?? 0, Processes?.Count ?? 1);
}
