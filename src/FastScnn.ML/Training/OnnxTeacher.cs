using System.Diagnostics;
using System.Security.Cryptography;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Torch.Data;
using FastScnn.Torch.Training;
using Microsoft.ML.OnnxRuntime;

namespace FastScnn.ML.Training;

/// <summary>A segmentation network in an ONNX file that teaches another one: any that <see cref="FastScnnSegmenter"/>
/// loads, of this library or of others, whose scores are logits or probabilities.</summary>
/// <remarks>
/// <para>The scores do not depend on the number of threads, so that a training on the processor stays the same from run
/// to run. A network for one size sees crops enlarged or shrunk to that size.</para>
/// <para>The owner disposes it after the training; it holds the session of ONNX Runtime.</para>
/// </remarks>
/// <example><code>
/// using var teacher = OnnxTeacher.Load("teacher.onnx", training.Classes);
/// var options = new TrainingOptions { Teacher = teacher.Teacher, TeacherWeight = 1 };
/// </code></example>
public sealed class OnnxTeacher : IDisposable
{
    private readonly FastScnnSegmenterOptions _options;
    private readonly Shared<SegmentationModel> _model;
    private int _disposed;

    private OnnxTeacher(byte[] file, string name, FastScnnSegmenterOptions options, Func<SessionOptions>? baseOptions)
    {
        _options = options with { Inference = options.Inference with { OutputSize = SegmentationSize.Model } };
        SegmentationModel model = new(file, name, _options, baseOptions, hasSizes: false);
        (ActiveProvider, FallbackReason) = (model.Provider, model.FallbackReason);
        _model = new(model);
        Teacher = new(Path.GetFileName(name), $"SHA-256 {Convert.ToHexStringLower(SHA256.HashData(file))}",
            model.Description.Classes, Score)
        {
            AlignCorners = model.Description.AlignCorners,
        };
    }

    /// <summary>Gets what <see cref="TrainingOptions.Teacher"/> takes.</summary>
    public SegmentationTeacher Teacher { get; }

    /// <summary>Gets the ONNX Runtime execution provider in use, such as <c>CPUExecutionProvider</c> or
    /// <c>CUDAExecutionProvider</c>.</summary>
    public string ActiveProvider { get; }

    /// <summary>Gets why the processor is used although <see cref="FastScnnSegmenterOptions.GpuDeviceId"/> was given;
    /// otherwise null.</summary>
    public string? FallbackReason { get; }

    /// <summary>Loads a model file.</summary>
    /// <param name="path">An ONNX file that gives a score for each class and place.</param>
    /// <param name="classes">The classes of the data. A file that does not name its own has these, in this order; where
    /// it names them, the training compares both.</param>
    /// <param name="options">The settings, where <see cref="FastScnnSegmenterOptions.Inference"/> may ask for mirrored
    /// and scaled crops too. Null for the defaults with one thread for each crop, as several are scored at once. Pixels
    /// for a file that takes floats and does not say how are normalised as
    /// <see cref="FastScnn.Torch.Normalization.ImageNet"/> says, if the settings do not.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no ONNX model, or gives no score for each class and
    /// place.</exception>
    /// <exception cref="InvalidOperationException">The GPU asked for cannot be used, or there is no native ONNX Runtime
    /// library.</exception>
    public static OnnxTeacher Load(string path, ClassList classes, FastScnnSegmenterOptions? options = null) =>
        Load(SessionFactory.ReadFile(path), path, classes, options ?? new() { IntraOpThreads = 1 }, null);

    internal static OnnxTeacher Load(byte[] file, string path, ClassList classes, FastScnnSegmenterOptions options,
        Func<SessionOptions>? baseOptions)
    {
        ArgumentNullException.ThrowIfNull(classes);
        return new OnnxTeacher(file, path, options with { AssumedClasses = classes }, baseOptions);
    }

    /// <summary>Closes the session when what is under way is done. May be called more than once.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            _model.Release();
    }

    private TeacherScores Score(PixelBuffer crop)
    {
        if (Volatile.Read(ref _disposed) != 0 || !_model.TryUse())
            throw new ObjectDisposedException(nameof(OnnxTeacher));
        try
        {
            SegmentationScorer scorer = new(_model.Value, _options.Inference, _options.Threads)
            {
                ReadsProbabilities = true
            };
            ScoredSegmentation scored = scorer.Score(crop.Span, ScoreKind.Logits, confidence: false,
                Stopwatch.GetTimestamp(), decode: default);
            return new TeacherScores(scored.Scores, scored.Map.Height, scored.Map.Width);
        }
        finally
        {
            _model.Release();
        }
    }
}
