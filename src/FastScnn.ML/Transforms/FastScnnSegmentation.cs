using System.Security.Cryptography;
using FastScnn.Torch;
using FastScnn.Torch.Data;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Image;

namespace FastScnn.ML;

/// <summary>Adds a column with the <see cref="SegmentationMap"/> of each photo and, where asked for, columns of class scores and of confidence.</summary>
/// <remarks>
/// <para>The transformer may be used from several threads at once, and all of them get the maps that one would get: cursors and prediction
/// engines share its one ONNX Runtime session. A cursor and a prediction engine are for one thread each, as everywhere in ML.NET. Disposing
/// is safe in any order and while rows are read: what is being segmented is finished, later rows throw
/// <see cref="ObjectDisposedException"/>, and maps outlive all of it. A prediction engine that is disposed disposes its model too, as with
/// every ML.NET model, unless it was made with <c>OwnsTransformer = false</c>: do that where engines share a model.</para>
/// <para><c>mlContext.Model.Save</c> writes it, alone or anywhere in a chain, with its ONNX file, column names, classes, normalization,
/// inference options and photo limit, and <c>mlContext.Model.Load</c> gives it back as itself in any application that has FastScnn.ML; there is nothing to
/// register. Device and threads are those of the context that loads: <c>GpuDeviceId</c>, <c>FallbackToCpu</c> and
/// <c>SetOnnxSessionOption</c>; the CUDA provider's settings are then the default ones, and <see cref="LookAhead"/> is 0. ML.NET itself cannot save a schema whose columns are all images ("No valid columns to save"): give
/// <c>Save</c> null in its place.</para>
/// <para>What is wrong with a file that does not load stands in the inner exceptions, as ML.NET wraps what happens while it makes a
/// transformer ("Error during class instantiation"): <see cref="InvalidDataException"/> for an entry that is missing or damaged and for
/// a file of a later version of this library, <see cref="InvalidOperationException"/> for a GPU that cannot be used. Damage to ML.NET's
/// own parts of the file is a <see cref="FormatException"/>, <see cref="InvalidDataException"/> or <see cref="InvalidOperationException"/>
/// ("Could not load legacy format model"), and in an application without FastScnn.ML ML.NET reports a
/// <see cref="FileNotFoundException"/> that names the assembly.</para>
/// </remarks>
/// <seealso cref="FastScnnCatalog.FastScnnSegment(TransformsCatalog, string, string?, string, int?, bool)"/>
public sealed class FastScnnSegmentationTransformer : ColumnAddingTransformer, IDisposable
{
    internal const string LoaderSignature = "FastScnnSegmentation";

    private const string ModelEntry = "Model.onnx";

    private readonly byte[] _model;
    private readonly FastScnnSegmenterOptions _options;
    private readonly FastScnnSegmenter _segmenter;

    internal FastScnnSegmentationTransformer(IHostEnvironment environment, byte[] model, FastScnnSegmentationOptions options)
    {
        OutputColumnName = options.OutputColumnName;
        InputColumnName = options.InputColumnName ?? options.OutputColumnName;
        (_model, _options) = (model, options.Segmenter);
        _segmenter = ContextSettings.CreateSegmenter(environment, model, options.ModelFile, options.Segmenter);
        (ScoreColumnName, ScoreKind, ConfidenceColumnName) = (options.ScoreColumnName, options.ScoreKind, options.ConfidenceColumnName);
        LookAhead = options.LookAhead;
        var columns = new List<DataViewSchema.DetachedColumn> { MapColumn.Detached(OutputColumnName, Classes) };
        if (ScoreColumnName is { } scores)
            columns.Add(ScoreColumns.Scores(scores, Classes));
        if (ConfidenceColumnName is { } confidence)
            columns.Add(ScoreColumns.Confidence(confidence));
        AddedColumns = [.. columns];
    }

    /// <inheritdoc/>
    public override string OutputColumnName { get; }

    /// <summary>The name of the column of photos.</summary>
    public string InputColumnName { get; }

    /// <summary>The name of the column of scores, as <see cref="FastScnnSegmentationOptions.ScoreColumnName"/> describes it; null for none.</summary>
    public string? ScoreColumnName { get; }

    /// <summary>What the column of scores holds.</summary>
    public ScoreKind ScoreKind { get; }

    /// <summary>The name of the column of confidence, as <see cref="FastScnnSegmentationOptions.ConfidenceColumnName"/> describes it; null for none.</summary>
    public string? ConfidenceColumnName { get; }

    /// <summary>How photos are scored.</summary>
    public InferenceOptions Inference => _options.Inference;

    /// <summary>
    /// How many rows a cursor makes before they are asked for, 0..16, as <see cref="FastScnnSegmentationOptions.LookAhead"/> describes it. It
    /// may be set at any time, also of a loaded or trained model: cursors that are made afterwards follow it.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is not in 0..16.</exception>
    /// <example><code>
    /// var model = (TransformerChain&lt;ITransformer&gt;)mlContext.Model.Load("model.zip", out _);
    /// model.OfType&lt;FastScnnSegmentationTransformer&gt;().Single().LookAhead = 2;
    /// </code></example>
    public int LookAhead
    {
        get;
        set
        {
            if (value is < 0 or > FastScnnSegmentationOptions.MaxLookAhead) throw Errors.LookAhead(value);
            field = value;
        }
    }

    /// <summary>The classes that the maps refer to.</summary>
    public ClassList Classes => _segmenter.Classes;

    /// <summary>The ONNX Runtime execution provider in use, such as <c>CPUExecutionProvider</c> or <c>CUDAExecutionProvider</c>.</summary>
    public string ActiveProvider => _segmenter.ActiveProvider;

    /// <summary>Why the processor is used although a GPU was asked for; otherwise null.</summary>
    public string? FallbackReason => _segmenter.FallbackReason;

    private protected override DataViewSchema.DetachedColumn[] AddedColumns { get; }

    /// <summary>Writes the model as an ONNX file, for <see cref="FastScnnSegmenter.Load(string, FastScnnSegmenterOptions?)"/> and <c>FastScnnSegment</c>.</summary>
    /// <param name="path">The file; it is replaced when it exists, and left alone when writing fails.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void SaveOnnx(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        WholeFile.Write(path, _model);
    }

    /// <summary>Closes the session. May be called more than once.</summary>
    public void Dispose() => _segmenter.Dispose();

    internal static DataViewSchema.Column FindPhotos(DataViewSchema schema, string name) =>
        Columns.Require<ImageDataViewType>(schema, FastScnnSegmentationEstimator.Name, name, Columns.Image);

    private protected override DataViewSchema.Column[] FindSources(DataViewSchema schema) => [FindPhotos(schema, InputColumnName)];

    private protected override Delegate?[] CreateGetters(DataViewRow row, DataViewSchema.Column[] sources, bool[] wanted, out Action? release)
    {
        release = null;
        (bool detailed, ScoreKind? scores) = Details(wanted);
        return Getters(new SegmentationCells(row, sources[0], _segmenter, detailed, scores), wanted);
    }

    internal override DataViewRowCursor? CreateAheadCursor(DataViewRowCursor input, ColumnMapper mapper, DataViewSchema.Column[] columns)
    {
        int lookAhead = LookAhead;
        bool[] wanted = [.. mapper.OutputSchema.Skip(mapper.InputSchema.Count).Select(added => columns.Any(column => column.Index == added.Index))];
        if (lookAhead == 0 || !wanted.Contains(true))
            return null;
        var rows = new RowsAhead(lookAhead + 1);
        if (CarriedValues.TryCreate(rows, input, columns.Where(column => !mapper.IsAdded(column)).Select(column => mapper.InputSchema[column.Index])) is not { } carried)
            return null;
        (bool detailed, ScoreKind? scores) = Details(wanted);
        var segmentations = new SegmentationsAhead(rows, input, mapper.Sources[0], _segmenter, detailed, scores);
        return new LookAheadCursor(input, mapper.OutputSchema, rows, carried, segmentations, [.. carried.Getters, .. Getters(segmentations, wanted)]);
    }

    // Whether more than maps will be read, and which scores.
    private (bool Detailed, ScoreKind? Scores) Details(bool[] wanted)
    {
        bool scores = ScoreColumnName is not null && wanted[1], confidence = ConfidenceColumnName is not null && wanted[^1];
        return (scores || confidence, scores ? ScoreKind : null);
    }

    private Delegate?[] Getters(ISegmentationValues values, bool[] wanted)
    {
        var getters = new List<Delegate?> { (ValueGetter<SegmentationMap?>)values.Map };
        if (ScoreColumnName is not null)
            getters.Add((ValueGetter<VBuffer<float>>)values.Scores);
        if (ConfidenceColumnName is not null)
            getters.Add((ValueGetter<VBuffer<float>>)values.Confidence);
        return [.. getters.Select((getter, i) => wanted[i] ? getter : null)];
    }

    private protected override void Save(ModelSaveContext context)
    {
        var settings = new Settings
        {
            OutputColumn = OutputColumnName,
            InputColumn = InputColumnName,
            ScoreColumn = ScoreColumnName,
            ScoreKind = ScoreKind,
            ConfidenceColumn = ConfidenceColumnName,
            Classes = _options.Classes,
            Normalization = _options.Normalization,
            MaxPixels = _options.MaxPixels,
            Inference = _options.Inference,
            ModelSha256 = Convert.ToHexStringLower(SHA256.HashData(_model)),
        };
        SavedTransformer.Save(context, LoaderSignature, settings, (ModelEntry, _model));
    }

    // Called by Model.Load.
    private static FastScnnSegmentationTransformer Create(IHostEnvironment environment, object context) =>
        SavedTransformer.Load(environment, context, (Settings settings, SavedTransformer saved) =>
        {
            byte[] model = saved.ReadEntry(ModelEntry);
            string hash = Convert.ToHexStringLower(SHA256.HashData(model));
            if (hash != settings.ModelSha256)
                throw saved.Damaged(ModelEntry, $"Its {model.Length} bytes have the SHA-256 {hash}; expected {settings.ModelSha256}.");
            return new FastScnnSegmentationTransformer(environment, model, new FastScnnSegmentationOptions
            {
                OutputColumnName = settings.OutputColumn,
                InputColumnName = settings.InputColumn,
                ScoreColumnName = settings.ScoreColumn,
                ScoreKind = settings.ScoreKind,
                ConfidenceColumnName = settings.ConfidenceColumn,
                ModelFile = $"{ModelEntry} (column {settings.OutputColumn})",
                Segmenter = new FastScnnSegmenterOptions
                {
                    Classes = settings.Classes,
                    Normalization = settings.Normalization,
                    MaxPixels = settings.MaxPixels,
                    Inference = settings.Inference,
                },
            });
        });

    private sealed record Settings
    {
        public required string OutputColumn { get; init; }

        public required string InputColumn { get; init; }

        public string? ScoreColumn { get; init; }

        public ScoreKind ScoreKind { get; init; }

        public string? ConfidenceColumn { get; init; }

        public required ClassList? Classes { get; init; }

        public required Normalization? Normalization { get; init; }

        public required long MaxPixels { get; init; }

        public InferenceOptions Inference { get; init; } = new();

        public required string ModelSha256 { get; init; }
    }
}
