using FastScnn.ML.Scoring;
using FastScnn.ML.Transforms;
using FastScnn.Torch.Data.Augmentation;
using FastScnn.Torch.Training;
using Microsoft.ML;

namespace FastScnn.ML.Training;

/// <summary>The settings of <see cref="FastScnnSegmentationTrainer"/>.</summary>
public sealed record FastScnnSegmentationTrainerOptions
{
    /// <summary>Gets the name of the column of true maps. Default: Label.</summary>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public string LabelColumnName
    {
        get;
        init => field = Throw.IfBlank(value);
    } = "Label";

    /// <summary>Gets the name of the column of images. Default: Image.</summary>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public string ImageColumnName
    {
        get;
        init => field = Throw.IfBlank(value);
    } = "Image";

    /// <summary>Gets the name of the column of predicted maps that the trained model adds. Default:
    /// PredictedLabel.</summary>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public string PredictedLabelColumnName
    {
        get;
        init => field = Throw.IfBlank(value);
    } = "PredictedLabel";

    /// <summary>Gets the name of a column of class scores that the trained model adds, as
    /// <see cref="FastScnnSegmentationOptions.ScoreColumnName"/> describes it. Default: null, no such column.</summary>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public string? ScoreColumnName
    {
        get;
        init => field = value is null ? null : Throw.IfBlank(value);
    }

    /// <summary>Gets what the column of scores holds. Default: probabilities, 0..1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value has no name.</exception>
    public ScoreKind ScoreKind
    {
        get;
        init => field = Enum.IsDefined(value) ? value : throw Throw.UnknownScoreKind(nameof(ScoreKind), value);
    }

    /// <summary>Gets the name of a column of confidence that the trained model adds, as
    /// <see cref="FastScnnSegmentationOptions.ConfidenceColumnName"/> describes it. Default: null, no such
    /// column.</summary>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public string? ConfidenceColumnName
    {
        get;
        init => field = value is null ? null : Throw.IfBlank(value);
    }

    /// <summary>Gets rows to choose the best epoch by, with the columns of images and true maps: in a chain, data that
    /// the steps before have transformed. Default: null, the last epoch is taken.</summary>
    public IDataView? ValidationSet { get; init; }

    /// <summary>Gets the recipe: epochs, batches, augmentation, losses, optimizer, output folder and so on.
    /// <see cref="TrainingOptions.Seed"/> decides all random numbers of the training. The seed of the MLContext
    /// is not used.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public TrainingOptions Training
    {
        get;
        init => field = Throw.IfNull(value);
    } = new();

    /// <summary>Gets the ONNX file of a network of the same classes that teaches, as <see cref="OnnxTeacher"/> loads
    /// it; <see cref="TrainingOptions.TeacherWeight"/> and <see cref="TrainingOptions.TeacherTemperature"/> say how much
    /// it counts. It runs on the device of the training. Default: null, that of <see cref="TrainingOptions.Teacher"/>, or
    /// else none.</summary>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public string? TeacherFile
    {
        get;
        init => field = value is null ? null : Throw.IfBlank(value);
    }

    /// <summary>Gets whether crops that are larger than the images are cut down to them: to the largest sides among the
    /// first images, enlarged by <see cref="TrainingOptions.InputScale"/> and rounded up to a multiple of 32. Else
    /// padding is trained on, at the same cost. Ignored where <see cref="AugmentationOptions.BaseSize"/> is set.
    /// Default: true.</summary>
    public bool FitCropToImages { get; init; } = true;

    /// <summary>Gets how many bytes of decoded images and maps (4 a pixel) stay in memory, for the training rows and
    /// again for the validation rows. Others are read again from their files where the data come straight from
    /// <c>mlContext.SemanticSegmentation.LoadFrom...</c>, and otherwise wait in a folder below
    /// <c>MLContext.TempFilePath</c> that is deleted afterwards. Default: 1 GiB.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public long MemoryBytes
    {
        get;
        init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(
            nameof(MemoryBytes), value, FormattableString.Invariant($"{value} bytes of memory: expected 0 or more."));
    } = 1L << 30;

    /// <summary>Gets the CUDA device to train on, and to score on with the trained model; training needs a package such
    /// as TorchSharp-cuda-linux. Default: null, that of <see cref="TrainingOptions.GpuDeviceId"/>, or else
    /// <c>MLContext.GpuDeviceId</c>, or else the processor.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The device is negative.</exception>
    public int? GpuDeviceId
    {
        get;
        init => field = value is null or >= 0 ? value : throw Throw.GpuDevice(value);
    }

    /// <summary>Gets whether to train and score on the processor, with a warning in the log, where the GPU cannot be
    /// used; otherwise that is an error. Where the device is the MLContext's, so is this. Default: false.</summary>
    public bool FallbackToCpu { get; init; }

    /// <summary>Gets how the trained model runs. Where no GPU is asked for in it, <see cref="GpuDeviceId"/> and
    /// <see cref="FallbackToCpu"/> hold.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public FastScnnSegmenterOptions Segmenter
    {
        get;
        init => field = Throw.IfNull(value);
    } = new();

    /// <summary>Called after every step and every validation, on the thread that trains. The log of the MLContext gets
    /// every epoch in any case. Default: null.</summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>Ends the training after the step under way; the state is saved first where the recipe names an output
    /// folder. Default: none.</summary>
    public CancellationToken CancellationToken { get; init; }
}
