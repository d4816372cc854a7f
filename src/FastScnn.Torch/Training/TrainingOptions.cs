using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data.Augmentation;
using FastScnn.Torch.Data.Loading;
using FastScnn.Torch.Losses;

namespace FastScnn.Torch.Training;

/// <summary>
/// How a <see cref="FastScnnTrainer"/> trains. The defaults are the recipe of Tramac/Fast-SCNN-pytorch (SGD 0.01, poly 0.9, 160 epochs,
/// auxiliary head 0.4), but for batches of 8 and for weight decay, which leaves depthwise convolutions, norms and biases alone as in the paper.
/// </summary>
public sealed record TrainingOptions
{
    /// <summary>How often the training photos are gone through, 1..1,000,000. Default: 160.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int Epochs
    {
        get;
        init => field = value is >= 1 and <= 1_000_000 ? value : throw Errors.Option(nameof(Epochs), value, "1 to 1000000");
    } = 160;

    /// <summary>
    /// The number of steps after which training ends although <see cref="Epochs"/> are left, 1 or more; the learning rate then falls over
    /// as many. Default: null, no such limit.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public long? MaxSteps
    {
        get;
        init => field = value is null or >= 1 ? value : throw Errors.Option(nameof(MaxSteps), value, "1 or more, or null");
    }

    /// <summary>Batch size, seed, threads that load, and cache. The seed decides all else that is random too: fresh weights and dropout.</summary>
    public LoaderOptions Loader
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Loader));
    } = new();

    /// <summary>How photos are varied. <see cref="AugmentationOptions.Scale"/> is multiplied by <see cref="InputScale"/>.</summary>
    public AugmentationOptions Augmentation
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Augmentation));
    } = new();

    /// <summary>
    /// What the sides of photos are multiplied by before the network sees them, 0.25..8, in training, in validation and in the exported model.
    /// The network predicts at 1/8 of its input, so photos with thin objects gain from 2. Default: 1.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double InputScale
    {
        get;
        init => field = value is >= 0.25 and <= 8 ? value : throw Errors.Option(nameof(InputScale), value, "0.25 to 8");
    } = 1;

    /// <summary>How pixels become network input. Default: <see cref="Normalization.ImageNet"/>.</summary>
    public Normalization Normalization
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Normalization));
    } = Normalization.ImageNet;

    /// <summary>Whether a second classifier on the early features helps training; exported models leave it out. Default: true.</summary>
    public bool AuxiliaryHead { get; init; } = true;

    /// <summary>What the loss of the auxiliary head is multiplied by, above 0. Default: 0.4, as in the paper.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double AuxiliaryWeight
    {
        get;
        init => field = value is > 0 and < double.PositiveInfinity ? value : throw Errors.Option(nameof(AuxiliaryWeight), value, "above 0 and finite");
    } = 0.4;

    /// <summary>The share of values that dropout zeroes before each classifier, 0 up to but not including 1. Default: 0.1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double Dropout
    {
        get;
        init => field = value is >= 0 and < 1 ? value : throw Errors.Option(nameof(Dropout), value, "0 up to but not including 1");
    } = 0.1;

    /// <summary>The loss; it must ignore the same label as the classes of the data set. Default: null, cross-entropy.</summary>
    public SegmentationLoss? Loss { get; init; }

    /// <summary>The loss of the auxiliary head. Default: null, <see cref="Loss"/>.</summary>
    public SegmentationLoss? AuxiliaryLoss { get; init; }

    /// <summary>
    /// The loss compares every n-th pixel of every n-th row, 1..8, with logits enlarged to that many. The network predicts at 1/8 of its input,
    /// so little is lost, and with an <see cref="InputScale"/> of 2 a stride of 2 still meets every pixel of the photo; the step gets faster,
    /// most of all with <see cref="LovaszSoftmaxLoss"/>, which sorts pixels. Default: 1.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int LossStride
    {
        get;
        init => field = value is >= 1 and <= 8 ? value : throw Errors.Option(nameof(LossStride), value, "1 to 8");
    } = 1;

    /// <summary>The optimizer. Default: SGD with momentum 0.9 and weight decay 1e-4.</summary>
    public OptimizerSettings Optimizer
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Optimizer));
    } = new SgdSettings();

    /// <summary>Makes the learning rate schedule for a number of steps. Default: <see cref="PolynomialSchedule"/> from 0.01.</summary>
    public Func<long, LearningRateSchedule> Schedule
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Schedule));
    } = steps => new PolynomialSchedule { BaseRate = 0.01, Steps = steps };

    /// <summary>
    /// The decay of a moving average of the weights, 0 up to but not including 1, which is then what is validated and kept. Default: null, none.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double? AverageDecay
    {
        get;
        init => field = value is null or (>= 0 and < 1) ? value : throw Errors.Option(nameof(AverageDecay), value, "0 up to but not including 1, or null");
    }

    /// <summary>The largest joint norm of the gradients, above 0; longer ones are shortened to it. Default: null, they are left as they are.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double? MaxGradientNorm
    {
        get;
        init => field = value is null or (> 0 and < double.PositiveInfinity) ? value : throw Errors.Option(nameof(MaxGradientNorm), value, "above 0 and finite, or null");
    }

    /// <summary>Whether batch normalisation keeps the statistics of <see cref="InitialWeights"/>, for fine-tuning with small batches. Default: false.</summary>
    public bool FreezeBatchNorm { get; init; }

    /// <summary>
    /// Weights to start from. Those of the last layers, whose shape depends on the classes, start fresh where the number of classes differs.
    /// Default: null, all fresh.
    /// </summary>
    public Checkpoint? InitialWeights { get; init; }

    /// <summary>After how many epochs the validation photos are scored, 1 or more; the last epoch always is. Default: 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int ValidateEvery
    {
        get;
        init => field = value >= 1 ? value : throw Errors.Option(nameof(ValidateEvery), value, "1 or more");
    } = 1;

    /// <summary>How many validations without a better mIoU end the training, 1 or more. Default: null, none do.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int? Patience
    {
        get;
        init => field = value is null or >= 1 ? value : throw Errors.Option(nameof(Patience), value, "1 or more, or null");
    }

    /// <summary>
    /// The folder for what training leaves behind (see <see cref="TrainingFolder"/>): the best and the last weights, the state to resume from,
    /// and the logs. Default: null, nothing is written.
    /// </summary>
    public string? OutputFolder { get; init; }

    /// <summary>Whether to go on from the state in <see cref="OutputFolder"/> if there is one; otherwise a folder with a state is refused. Default: false.</summary>
    public bool Resume { get; init; }

    /// <summary>After how many steps the state is saved within an epoch, 1 or more; it is saved after every epoch anyway. Default: null, not within.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int? SaveEverySteps
    {
        get;
        init => field = value is null or >= 1 ? value : throw Errors.Option(nameof(SaveEverySteps), value, "1 or more, or null");
    }

    /// <summary>Whether losses, rates and scores also go to TensorBoard event files in <see cref="OutputFolder"/>. Default: false.</summary>
    public bool TensorBoard { get; init; }

    /// <summary>What the model card names as the command to repeat the training. Default: null, none.</summary>
    public string? Command { get; init; }

    /// <summary>Markdown that the model card ends with: where the data are from, their licence, what the model is not for. Default: null, none.</summary>
    public string? Notes { get; init; }

    /// <summary>
    /// How many threads libtorch computes with, 1 or more, 0 for one for every processor; a setting of the whole process. Results differ in
    /// the last digits between numbers of threads. Default: 0.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int Threads
    {
        get;
        init => field = value >= 0 ? value : throw Errors.Option(nameof(Threads), value, "0 or more");
    }

    /// <summary>The CUDA device to train on, 0 or more; needs a package such as TorchSharp-cuda-linux. Default: null, the processor.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int? CudaDevice
    {
        get;
        init => field = value is null or >= 0 ? value : throw Errors.Option(nameof(CudaDevice), value, "0 or more, or null");
    }
}
