using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;

namespace FastScnn.ML.Transforms;

/// <summary>The settings of <see cref="FastScnnSegmentationEstimator"/>.</summary>
public sealed record FastScnnSegmentationOptions
{
    /// <summary>Gets the name of the added column of maps.</summary>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public required string OutputColumnName
    {
        get;
        init => field = Throw.IfBlank(value);
    }

    /// <summary>Gets the name of the column of images. Default: null, the same as
    /// <see cref="OutputColumnName"/>.</summary>
    public string? InputColumnName { get; init; }

    /// <summary>Gets the name of an added column of class scores. Default: null, no such column. Its values are
    /// <c>Vector&lt;Single&gt;</c> (<c>VBuffer&lt;float&gt;</c>, or <c>float[]</c> in a class) of classes x height x
    /// width: the plane of class 0, row by row from the top left, then that of class 1 and so on, so that the score of
    /// class k at (x, y) is at <c>(k * height + y) * width + x</c>. Height and width are those of the row's map; a row
    /// without an image gets an empty vector. They take 4 bytes for each class and pixel (see
    /// <see cref="InferenceOptions.OutputSize"/>).</summary>
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

    /// <summary>Gets the name of an added column of confidence, the probability of each pixel's class. Default: null,
    /// no such column. Its values are <c>Vector&lt;Single&gt;</c> of height x width, from 1 / classes to 1, in the
    /// order of <see cref="SegmentationMap.ClassIds"/>; a row without an image gets an empty vector.</summary>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public string? ConfidenceColumnName
    {
        get;
        init => field = value is null ? null : Throw.IfBlank(value);
    }

    /// <summary>Gets the ONNX file.</summary>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public required string ModelFile
    {
        get;
        init => field = Throw.IfBlank(value);
    }

    /// <summary>Gets how the model runs. Where no GPU is asked for here, <c>MLContext.GpuDeviceId</c> and
    /// <c>MLContext.FallbackToCpu</c> hold; <c>mlContext.SetOnnxSessionOption</c> is honoured as by
    /// <c>ApplyOnnxModel</c>. <c>Model.Save</c> keeps the classes, the normalization, the inference options,
    /// the confidence threshold and the image limit; a loaded model takes the rest from the context that loads
    /// it.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public FastScnnSegmenterOptions Segmenter
    {
        get;
        init => field = Throw.IfNull(value);
    } = new();
}
