namespace FastScnn.ML;

/// <summary>The settings of <see cref="FastScnnSegmentationEstimator"/>.</summary>
public sealed record FastScnnSegmentationOptions
{
    /// <summary>The largest <see cref="LookAhead"/>.</summary>
    public const int MaxLookAhead = 16;

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

    /// <summary>
    /// The name of an added column of class scores. Default: null, no such column. Its values are <c>Vector&lt;Single&gt;</c>
    /// (<c>VBuffer&lt;float&gt;</c>, or <c>float[]</c> in a class) of classes x height x width: the plane of class 0, row by row from the top
    /// left, then that of class 1 and so on, so that the score of class k at (x, y) is at <c>(k * height + y) * width + x</c>. Height and
    /// width are those of the row's map; a row without a photo gets an empty vector. They take 4 bytes for each class and pixel
    /// (see <see cref="InferenceOptions.OutputSize"/>).
    /// </summary>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public string? ScoreColumnName
    {
        get;
        init
        {
            if (value is not null) ArgumentException.ThrowIfNullOrWhiteSpace(value, nameof(ScoreColumnName));
            field = value;
        }
    }

    /// <summary>What the column of scores holds. Default: probabilities, 0..1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value has no name.</exception>
    public ScoreKind ScoreKind
    {
        get;
        init
        {
            if (!Enum.IsDefined(value)) throw Errors.UnknownScoreKind(nameof(ScoreKind), value);
            field = value;
        }
    }

    /// <summary>
    /// The name of an added column of confidence, the probability of each pixel's class. Default: null, no such column. Its values are
    /// <c>Vector&lt;Single&gt;</c> of height x width, from 1 / classes to 1, in the order of <see cref="SegmentationMap.ClassIds"/>; a row without
    /// a photo gets an empty vector.
    /// </summary>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public string? ConfidenceColumnName
    {
        get;
        init
        {
            if (value is not null) ArgumentException.ThrowIfNullOrWhiteSpace(value, nameof(ConfidenceColumnName));
            field = value;
        }
    }

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
    /// <c>mlContext.SetOnnxSessionOption</c> is honoured as by <c>ApplyOnnxModel</c>. <c>Model.Save</c> keeps the classes, the normalization,
    /// the inference options and the photo limit; a loaded model takes the rest from the context that loads it.
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

    /// <summary>
    /// How many rows a cursor makes before they are asked for, 0..16. Default: 0, each row is read and scored when it is asked for, on the
    /// thread that asks.
    /// </summary>
    /// <remarks>
    /// <para>With 2, threads of the cursor read a row and decode its photo, while the photo before is scored and the loop over the data
    /// works with the one before that; more even out photos of different sizes. It helps where a row takes time beside its scoring, and where
    /// processor cores are free: leave one or two to it with <see cref="FastScnnSegmenterOptions.IntraOpThreads"/>. Maps and their order are the same.</para>
    /// <para>The data's rows are then read on another thread, and so many rows earlier. Where they come from a lazy enumerable, nothing
    /// that it uses may be used elsewhere before the loop is left: no <c>DbContext</c> of Entity Framework for both the rows and the loop's
    /// body, say. Rows in memory and files are fine. Leaving a loop early waits for the row that is being read and for the photo that is
    /// being scored; a cursor that is neither read to its end nor disposed keeps its two threads.</para>
    /// <para>An exception comes where it would come without: one of a row from <c>MoveNext</c>, after the rows before it, and one of a value,
    /// such as a photo that cannot be decoded, from the getter that reads it. Where <c>MoveNext</c> threw, it throws the same again.</para>
    /// <para>All columns that a cursor was asked for are read, so that it can keep their values: texts, numbers, booleans, keys, dates,
    /// row ids, vectors of these, and maps. A cursor that was asked for anything else, such as an image, works as with 0; so do
    /// <c>DrawSegmentation</c> and <c>Preview</c>, which ask for images, prediction engines, and the cursors that read data in parallel
    /// (<c>GetRowCursorSet</c>, as in <c>Evaluate</c>).</para>
    /// <para>Each row ahead takes 4 bytes a pixel until it is scored and 1 afterwards, and besides what its scores (4 bytes for each class and pixel) and
    /// confidence (4 bytes a pixel) take, where these columns are read.</para>
    /// <para><c>Model.Save</c> does not keep it, as it is the data that decides; set <see cref="FastScnnSegmentationTransformer.LookAhead"/> of a
    /// model that was loaded or trained.</para>
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The number is not in 0..16.</exception>
    public int LookAhead
    {
        get;
        init
        {
            if (value is < 0 or > MaxLookAhead) throw Errors.LookAhead(value);
            field = value;
        }
    }
}
