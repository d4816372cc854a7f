namespace FastScnn.ML;

/// <summary>The settings of <see cref="FastScnnSegmentationEstimator"/>.</summary>
public sealed record FastScnnSegmentationOptions
{
    /// <summary>The name of the added column of maps.</summary>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public required string OutputColumnName
    {
        get;
        init
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(value, nameof(OutputColumnName));
            field = value;
        }
    }

    /// <summary>The name of the column of photos. Default: null, the same as <see cref="OutputColumnName"/>.</summary>
    public string? InputColumnName { get; init; }

    /// <summary>The ONNX file.</summary>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public required string ModelFile
    {
        get;
        init
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(value, nameof(ModelFile));
            field = value;
        }
    }

    /// <summary>
    /// How the model runs. Where no GPU is asked for here, <c>MLContext.GpuDeviceId</c> and <c>MLContext.FallbackToCpu</c> hold;
    /// <c>mlContext.SetOnnxSessionOption</c> is honoured as by <c>ApplyOnnxModel</c>. <c>Model.Save</c> keeps the classes, the normalization
    /// and the photo limit; a loaded model takes the rest from the context that loads it.
    /// </summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public FastScnnSegmenterOptions Segmenter
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value, nameof(Segmenter));
            field = value;
        }
    } = new();
}
