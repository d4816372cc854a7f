using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring.Cuda;
using FastScnn.Torch;
using FastScnn.Torch.Data;
using Microsoft.ML.OnnxRuntime;

namespace FastScnn.ML.Scoring;

/// <summary>How a <see cref="FastScnnSegmenter"/> runs its model. The defaults suit files that FastScnn.Torch
/// exported.</summary>
public sealed record FastScnnSegmenterOptions
{
    private const int MostImages = 1024;

    /// <summary>The CUDA device to run on, 0 or above. Default: null, the processor.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public int? GpuDeviceId
    {
        get;
        init => field = value is not < 0 ? value : throw Throw.GpuDevice(value);
    }

    /// <summary>Whether to run on the processor where <see cref="GpuDeviceId"/> cannot be used;
    /// <see cref="FastScnnSegmenter.FallbackReason"/> then says why. Default: false, an
    /// <see cref="InvalidOperationException"/> is thrown.</summary>
    public bool FallbackToCpu { get; init; }

    /// <summary>The execution providers of ONNX Runtime to run on, best first: the first that can be made and that runs
    /// a small image is used; <see cref="FastScnnSegmenter.ProviderFailures"/> then tells why those before it are not.
    /// Where none can be used, an <see cref="InvalidOperationException"/> is thrown, so end with "CPU" to be safe. What
    /// the chosen one cannot compute, ONNX Runtime gives to the processor. In place of <see cref="GpuDeviceId"/>, which
    /// is a shorthand for CUDA. Default: none, see <see cref="GpuDeviceId"/>.</summary>
    /// <exception cref="ArgumentNullException">The value, or one of the list, is null.</exception>
    /// <exception cref="ArgumentException">A provider is in the list twice.</exception>
    public IReadOnlyList<ExecutionProvider> ExecutionProviders
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value, nameof(ExecutionProviders));
            foreach (ExecutionProvider provider in value)
                ArgumentNullException.ThrowIfNull(provider, nameof(ExecutionProviders));
            if (value.GroupBy(provider => provider.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
                throw new ArgumentException($"{twice.Key} is in the list {twice.Count()} times; expected once.",
                    nameof(ExecutionProviders));
            field = [.. value];
        }
    } = [];

    /// <summary>How the CUDA device works, where <see cref="GpuDeviceId"/> or <see cref="ExecutionProviders"/> asks for
    /// one. Default: what measured fastest on an H100.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public CudaOptions Cuda
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Cuda));
    } = new();

    /// <summary>How many threads work on one image. Default: 0, one for every processor core.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public int IntraOpThreads
    {
        get;
        init => field = value >= 0 ? value : throw Throw.Threads(nameof(IntraOpThreads), value);
    }

    /// <summary>The classes of a model file that does not name them itself; they replace those of one that does.
    /// Default: null, the file's.</summary>
    public ClassList? Classes { get; init; }

    /// <summary>How pixels become the input of a model that takes floats and whose file does not say. A model that
    /// takes bytes normalises inside and needs none. Default: null, the file's.</summary>
    public Normalization? Normalization { get; init; }

    /// <summary>The largest accepted image, width times height, also as it is enlarged for the network; memory grows by
    /// about 130 bytes a pixel that the network sees at once. Default: 67,108,864 (8192 x 8192).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is not in 1..536,870,911: its pixels must fit into one
    /// array.</exception>
    public long MaxPixels
    {
        get;
        init => field = value is >= 1 and <= ImageDecoderOptions.MostPixels ? value : throw Throw.MaxPixels(value);
    } = ImageFiles.DefaultMaxPixels;

    /// <summary>Whether images of files and streams are turned as their EXIF orientation says. Default: true, they come
    /// upright. With false they come as stored. Images and pixels in memory are always taken as they are.</summary>
    public bool ApplyOrientation { get; init; } = true;

    /// <summary>Whether a file is segmented that is cut short or damaged after its header: what could not be decoded is
    /// black or grey. Default: false, an <see cref="InvalidDataException"/> is thrown.</summary>
    public bool AcceptIncomplete { get; init; }

    /// <summary>The most images that <see cref="FastScnnSegmenter.SegmentManyAsync(IEnumerable{string}, int,
    /// CancellationToken)"/> sends through the network in one run, 1 to 1024: as many neighbours of one size as there
    /// are. Devices that a single image leaves idle gain from it; processors gain little or nothing, so measure first.
    /// Memory grows by about 130 bytes a pixel of all the images of a run, of which there are never more than
    /// <see cref="MaxPixels"/>. Images that <see cref="Inference"/> or <see cref="ConfidenceThreshold"/> asks several
    /// runs or scores of, and those for a model that takes one image at a time, still go one by one. Default: 1, each
    /// image has a run of its own.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is not in 1..1024.</exception>
    public int BatchSize { get; init => field = Check.Range(value, 1, MostImages); } = 1;

    /// <summary>Averaging over flipped and scaled images, tiles for large ones, and the size of the result. Default:
    /// one run, at the image's size.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public InferenceOptions Inference
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Inference));
    } = new();

    /// <summary>The probability below which the class of a pixel is in doubt, 0..1: such pixels get the ignored id of
    /// the classes (<see cref="ClassList.IgnoreIndex"/>), so that maps can be trained on as pseudo-labels (Lee:
    /// "Pseudo-label", ICML workshop 2013). Probabilities are the softmax of the model's scores, or the scores of a
    /// model that gives probabilities; the mean of all runs where <see cref="Inference"/> asks for several. Maps take
    /// longer then, as <see cref="FastScnnSegmenter.SegmentWithScores(string, ScoreKind?)"/> does, and Evaluate counts
    /// such pixels as missed. Default: null, every pixel gets its best class.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is not in 0..1.</exception>
    public double? ConfidenceThreshold
    {
        get;
        init => field = value is null or (>= 0 and <= 1) ? value : throw new ArgumentOutOfRangeException(
            nameof(ConfidenceThreshold), value,
            FormattableString.Invariant($"{nameof(ConfidenceThreshold)} is {value}; it must be 0 to 1, or null."));
    }

    /// <summary>Makes the ONNX Runtime settings of the session, for other execution providers or for full control; it
    /// replaces <see cref="GpuDeviceId"/>, <see cref="ExecutionProviders"/>, <see cref="FallbackToCpu"/>,
    /// <see cref="Cuda"/> and <see cref="IntraOpThreads"/>. What it returns is used while the model is loaded and not disposed, so it may
    /// return the same settings each time. Default: null, the settings that measured fastest.</summary>
    public Func<SessionOptions>? CreateSessionOptions { get; init; }

    /// <summary>The classes of a file that names none and is given none, as a teacher has those of its
    /// students.</summary>
    internal ClassList? AssumedClasses { get; init; }

    /// <summary>Whether all that an image needs is the fused choice of classes.</summary>
    internal bool IsPlain => Inference.IsPlain && ConfidenceThreshold is null;

    internal int Threads => IntraOpThreads > 0 ? IntraOpThreads : Environment.ProcessorCount;
}
