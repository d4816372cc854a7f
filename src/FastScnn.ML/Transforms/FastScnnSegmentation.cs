using System.Security.Cryptography;
using System.Text.Json.Serialization;
using FastScnn.ML.Catalog;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.ML.Transforms.Saving;
using FastScnn.Torch;
using FastScnn.Torch.Data;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Image;

namespace FastScnn.ML.Transforms;

/// <summary><see cref="IEstimator{TTransformer}"/> for the <see cref="FastScnnSegmentationTransformer"/>.</summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
///
/// ### Estimator characteristics
/// |  |  |
/// | -- | -- |
/// | Does this estimator need to look at the data to train its parameters? | No |
/// | Input column data type | <xref:Microsoft.ML.Data.MLImage> of any size |
/// | Output column data type | SegmentationMap of the image's size; on request also vectors of <xref:System.Single> |
/// | Required NuGet in addition to Microsoft.ML | FastScnn.ML |
/// | Exportable to ONNX | No: it runs an ONNX file |
///
/// ]]></format>
/// A row without an image (null) gets no map (null) and empty vectors.
/// </remarks>
/// <seealso cref="FastScnnCatalog.FastScnnSegment(TransformsCatalog, string, string?, string, int?, bool)"/>
public sealed class FastScnnSegmentationEstimator : IEstimator<FastScnnSegmentationTransformer>
{
    internal const string Name = "FastScnnSegment";

    private readonly IHostEnvironment _environment;
    private readonly FastScnnSegmentationOptions _options;
    private readonly byte[] _model;

    internal FastScnnSegmentationEstimator(IHostEnvironment environment, FastScnnSegmentationOptions options)
    {
        (_environment, _options) = (environment, options);
        SegmentationColumns.CheckNames(options, nameof(options.OutputColumnName));
        _model = SessionFactory.ReadFile(options.ModelFile);
    }

    /// <summary>Loads the model. The caller owns the result, alone or through the chain that it becomes part of, and
    /// disposes it.</summary>
    /// <param name="input">The data; only its schema is looked at.</param>
    /// <exception cref="ArgumentException">There is no column of images.</exception>
    /// <exception cref="InvalidDataException">The file is no ONNX model, no segmentation model, or lacks what the
    /// options must then supply.</exception>
    /// <exception cref="InvalidOperationException">The GPU asked for cannot be used, or there is no native ONNX Runtime
    /// library.</exception>
    public FastScnnSegmentationTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        Columns.RequireImage(input.Schema, Name, _options.InputColumnName ?? _options.OutputColumnName);
        return new FastScnnSegmentationTransformer(_environment, _model, _options);
    }

    /// <summary>Gets the shape of the transformed data.</summary>
    /// <param name="inputSchema">The shape of the data.</param>
    /// <exception cref="ArgumentException">There is no column of images.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        Columns.Require<ImageDataViewType>(inputSchema, Name, _options.InputColumnName ?? _options.OutputColumnName);
        return SegmentationColumns.AddTo(inputSchema, _options);
    }
}

/// <summary>Adds a column with the <see cref="SegmentationMap"/> of each image and, where asked for, columns of class
/// scores and of confidence.</summary>
/// <remarks>
/// <para>The transformer may be used from several threads at once, and all of them get the maps that one would get:
/// cursors and prediction engines share its one ONNX Runtime session. A cursor and a prediction engine are for one
/// thread each, as everywhere in ML.NET. Disposing is safe in any order and while rows are read: what is being
/// segmented is finished, later rows throw <see cref="ObjectDisposedException"/>, and maps outlive all of it. A
/// prediction engine that is disposed disposes its model too, as with every ML.NET model, unless it was made with
/// <c>OwnsTransformer = false</c>: do that where engines share a model.</para>
/// <para><c>mlContext.Model.Save</c> writes it, alone or anywhere in a chain, with its ONNX file, column names,
/// classes, normalization, inference options, confidence threshold and image limit, and <c>mlContext.Model.Load</c>
/// gives it back as itself in any application that has FastScnn.ML; there is nothing to register. Device and threads are those of the context
/// that loads: <c>GpuDeviceId</c>, <c>FallbackToCpu</c> and <c>SetOnnxSessionOption</c>; the CUDA provider's settings
/// are then the default ones. ML.NET itself cannot save a schema whose columns are all images ("No valid columns to
/// save"): give <c>Save</c> null in its place.</para>
/// <para>What is wrong with a file that does not load stands in the inner exceptions, as ML.NET wraps what happens
/// while it makes a transformer ("Error during class instantiation"): <see cref="InvalidDataException"/> for an entry
/// that is missing or damaged and for a file of a later version of this library,
/// <see cref="InvalidOperationException"/> for a GPU that cannot be used. Damage to ML.NET's own parts of the file is a
/// <see cref="FormatException"/>, <see cref="InvalidDataException"/> or <see cref="InvalidOperationException"/> ("Could
/// not load legacy format model"), and in an application without FastScnn.ML ML.NET reports a
/// <see cref="FileNotFoundException"/> that names the assembly.</para>
/// </remarks>
/// <seealso cref="FastScnnCatalog.FastScnnSegment(TransformsCatalog, string, string?, string, int?, bool)"/>
public sealed class FastScnnSegmentationTransformer : ITransformer, IDisposable
{
    internal const string LoaderSignature = "FastScnnSegmentation";

    private const string ModelEntry = "Model.onnx";

    private readonly byte[] _model;
    private readonly FastScnnSegmenterOptions _options;
    private readonly FastScnnSegmenter _segmenter;
    private readonly AddedColumns _added;

    internal FastScnnSegmentationTransformer(
        IHostEnvironment environment, byte[] model, FastScnnSegmentationOptions options)
    {
        OutputColumnName = options.OutputColumnName;
        InputColumnName = options.InputColumnName ?? options.OutputColumnName;
        (_model, _options) = (model, options.Segmenter);
        _segmenter = ContextSettings.CreateSegmenter(environment, model, options.ModelFile, options.Segmenter);
        (ScoreColumnName, ScoreKind, ConfidenceColumnName) = (options.ScoreColumnName, options.ScoreKind,
            options.ConfidenceColumnName);
        var columns = new List<DataViewSchema.DetachedColumn> { SegmentationColumns.Map(OutputColumnName, Classes) };
        if (ScoreColumnName is { } scores)
            columns.Add(SegmentationColumns.Scores(scores, Classes));
        if (ConfidenceColumnName is { } confidence)
            columns.Add(SegmentationColumns.Confidence(confidence));
        _added = new AddedColumns(
            [.. columns], schema => [Columns.RequireImage(schema, FastScnnSegmentationEstimator.Name, InputColumnName)],
            CreateValues);
    }

    /// <summary>Gets the name of the column of maps.</summary>
    public string OutputColumnName { get; }

    /// <summary>Gets the name of the column of images.</summary>
    public string InputColumnName { get; }

    /// <summary>Gets the name of the column of scores, as <see cref="FastScnnSegmentationOptions.ScoreColumnName"/>
    /// describes it; null for none.</summary>
    public string? ScoreColumnName { get; }

    /// <summary>Gets what the column of scores holds.</summary>
    public ScoreKind ScoreKind { get; }

    /// <summary>Gets the name of the column of confidence, as
    /// <see cref="FastScnnSegmentationOptions.ConfidenceColumnName"/> describes it; null for none.</summary>
    public string? ConfidenceColumnName { get; }

    /// <summary>Gets how images are scored.</summary>
    public InferenceOptions Inference => _options.Inference;

    /// <summary>Gets the classes that the maps refer to.</summary>
    public ClassList Classes => _segmenter.Classes;

    /// <summary>Gets the ONNX Runtime execution provider in use, such as <c>CPUExecutionProvider</c> or
    /// <c>CUDAExecutionProvider</c>.</summary>
    public string ActiveProvider => _segmenter.ActiveProvider;

    /// <summary>Gets the execution providers that were asked for before the one in use, and why each cannot be
    /// used.</summary>
    public IReadOnlyList<ProviderFailure> ProviderFailures => _segmenter.ProviderFailures;

    /// <summary>Gets why the processor is used although a GPU was asked for; otherwise null.</summary>
    public string? FallbackReason => _segmenter.FallbackReason;

    /// <summary>Gets true: the added values depend only on their own row.</summary>
    public bool IsRowToRowMapper => true;

    /// <summary>Gets the schema of the transformed data.</summary>
    /// <param name="inputSchema">The schema of the data.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type; the message says which.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => _added.Bind(inputSchema).OutputSchema;

    /// <summary>Adds the columns. Nothing is computed before the rows are read.</summary>
    /// <param name="input">The data.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type; the message says which.</exception>
    public IDataView Transform(IDataView input) => _added.AddTo(input);

    /// <summary>Gets the mapper of single rows, as prediction engines use it.</summary>
    /// <param name="inputSchema">The schema of the rows.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type; the message says which.</exception>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => _added.Bind(inputSchema);

    /// <summary>Writes the model as an ONNX file, for
    /// <see cref="FastScnnSegmenter.Load(string, FastScnnSegmenterOptions?)"/> and <c>FastScnnSegment</c>.</summary>
    /// <param name="path">The file; it is replaced when it exists, and left alone when writing fails.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void SaveOnnx(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        WholeFile.Write(path, _model);
    }

    /// <summary>Closes the session. May be called more than once.</summary>
    public void Dispose() => _segmenter.Dispose();

    private AddedValues CreateValues(DataViewRow row, DataViewSchema.Column[] sources, bool[] wanted)
    {
        bool scores = ScoreColumnName is not null && wanted[1],
            confidence = ConfidenceColumnName is not null && wanted[^1];
        var segmented = new SegmentedRow(row, sources[0], _segmenter, scores || confidence, scores ? ScoreKind : null);
        var getters = new List<Delegate> { (ValueGetter<SegmentationMap?>)segmented.Map };
        if (ScoreColumnName is not null)
            getters.Add((ValueGetter<VBuffer<float>>)segmented.Scores);
        if (ConfidenceColumnName is not null)
            getters.Add((ValueGetter<VBuffer<float>>)segmented.Confidence);
        return new AddedValues([.. getters.Select((getter, i) => wanted[i] ? getter : null)]);
    }

    void ICanSaveModel.Save(ModelSaveContext ctx)
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
            ConfidenceThreshold = _options.ConfidenceThreshold,
            ModelSha256 = Convert.ToHexStringLower(SHA256.HashData(_model)),
        };
        SavedTransformer.Save(ctx, LoaderSignature, settings, (ModelEntry, _model));
    }

    // Called by Model.Load.
    private static FastScnnSegmentationTransformer Create(IHostEnvironment environment, object context) =>
        SavedTransformer.Load(environment, context, (Settings settings, SavedTransformer saved) =>
        {
            byte[] model = saved.ReadEntry(ModelEntry);
            string hash = Convert.ToHexStringLower(SHA256.HashData(model));
            if (hash != settings.ModelSha256)
                throw saved.Damaged(ModelEntry,
                    $"Its {model.Length} bytes have the SHA-256 {hash}; expected {settings.ModelSha256}.");
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
                    ConfidenceThreshold = settings.ConfidenceThreshold,
                },
            });
        });

    /// <summary>The segmentation of the row at hand. A row costs one segmentation, however many columns are read, and
    /// however often: a drawing of the map and the map itself, say.</summary>
    /// <param name="row">The row, which moves on.</param>
    /// <param name="images">The column of images.</param>
    /// <param name="segmenter">Segments the images.</param>
    /// <param name="detailed">Whether more than maps will be read.</param>
    /// <param name="scores">The scores that will be read; null for none.</param>
    private sealed class SegmentedRow(
        DataViewRow row, DataViewSchema.Column images, FastScnnSegmenter segmenter, bool detailed, ScoreKind? scores)
    {
        // The image belongs to the column that it comes from: its getter frees the last one when it makes the next.
        private readonly ValueGetter<MLImage?> _getImage = row.GetGetter<MLImage?>(images);
        private MLImage? _image;
        private SegmentationMap? _map;
        private ScoredSegmentation? _scored;
        private long? _position;

        public void Map(ref SegmentationMap? value)
        {
            Segment();
            value = _map;
        }

        public void Scores(ref VBuffer<float> value)
        {
            Segment();
            Copy(_scored?.Scores ?? default, ref value);
        }

        public void Confidence(ref VBuffer<float> value)
        {
            Segment();
            Copy(_scored?.Confidence ?? default, ref value);
        }

        // The buffer is the reader's to change.
        private static void Copy(ReadOnlyMemory<float> values, ref VBuffer<float> value)
        {
            VBufferEditor<float> editor = VBufferEditor.Create(ref value, values.Length);
            values.Span.CopyTo(editor.Values);
            value = editor.Commit();
        }

        private void Segment()
        {
            if (_position == row.Position)
                return;
            _getImage(ref _image);
            // Scores are large: the last ones must not be held while the next are made.
            (_map, _scored, _position) = (null, null, null);
            if (_image is not null && detailed)
                _scored = segmenter.SegmentWithScores(_image, scores);
            _map = _scored?.Map ?? (_image is null ? null : segmenter.Segment(_image));
            _position = row.Position;
        }
    }

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

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public double? ConfidenceThreshold { get; init; }

        public required string ModelSha256 { get; init; }
    }
}
