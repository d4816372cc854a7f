using System.Collections.ObjectModel;
using System.Globalization;
using System.Reflection;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using FastScnn.Torch.Network;
using FastScnn.Torch.Onnx;

namespace FastScnn.Torch;

/// <summary>Describes a trained network: the meaning of its input and of its outputs. Checkpoints and ONNX files carry
/// it as metadata.</summary>
/// <example><code>
/// Checkpoint weights = Checkpoint.Load("weights.pth");
/// weights = weights.WithInfo(weights.Info with { Classes = ClassList.Cityscapes });
/// </code></example>
public sealed record ModelInfo
{
    internal const string ProducerName = "FastScnn.Torch";

    private const string ClassesKey = "fastscnn.classes";
    private const string MeanKey = "fastscnn.mean";
    private const string StdKey = "fastscnn.std";
    private const string InputScaleKey = "fastscnn.inputScale";
    private const string TrainingPrefix = "fastscnn.training.";

    // These are in ONNX files alone.
    private const string GraphKey = "fastscnn.graph";
    private const string InputKey = "fastscnn.input";
    private const string StrideKey = "fastscnn.stride";
    private const string AlignCornersKey = "fastscnn.align_corners";
    private const string ProducerKey = "fastscnn.producer";
    private const string PrecisionKey = "fastscnn.precision";

    /// <summary>Gets or sets the classes in the order of the network's outputs, with their colours and the id of
    /// ignored pixels. Default: null, not known. An ONNX file always names them.</summary>
    public ClassList? Classes { get; init; }

    /// <summary>Gets or sets how pixels become the input that the network was trained on. A scoring graph does this
    /// itself; for an interop graph the caller does. Default: <see cref="Normalization.ImageNet"/>.</summary>
    public Normalization Normalization { get; init; } = Normalization.ImageNet;

    /// <summary>Gets or sets the factor of the sides of an image before the network sees it, 0.25 to 8; see
    /// <see cref="Training.TrainingOptions.InputScale"/>. An ONNX graph does this itself. Default: 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double InputScale
    {
        get;
        init => field = value is >= 0.25 and <= 8 ? value
            : throw Throw.OutOfRange(nameof(InputScale), value, "0.25 to 8");
    } = 1;

    /// <summary>Gets the channels of the input: those of a checkpoint's first layer; 3 (red, green and blue) for an
    /// ONNX file.</summary>
    public int InputChannels { get; internal init; } = 3;

    /// <summary>Gets or sets whether logits are enlarged with the centres of the corner pixels aligned (PyTorch's
    /// <c>align_corners</c>). Default: true, as Fast-SCNN does.</summary>
    public bool AlignCorners { get; init; } = true;

    /// <summary>Gets or sets facts about the training as free text by name, such as epochs or scores; ONNX files do not
    /// carry them. Default: none.</summary>
    public IReadOnlyDictionary<string, string> Training { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Gets or sets the kind of graph of an ONNX file: what goes in and what comes out. Default: null, this is
    /// no ONNX file.</summary>
    public OnnxGraph? Graph { get; init; }

    /// <summary>Gets or sets the numbers that the layers of an ONNX file work with. Default:
    /// <see cref="OnnxPrecision.Float32"/>, also for files that do not say.</summary>
    public OnnxPrecision Precision { get; init; } = OnnxPrecision.Float32;

    /// <summary>Gets or sets the name and version of what wrote an ONNX file. Default: this library.</summary>
    public string Producer { get; init; } = $"{ProducerName} {ProducerVersion}";

    // Without the commit that the SDK appends after a plus sign.
    internal static string ProducerVersion => typeof(ModelInfo).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    // Pixels that the first layer sees for each logit, in both directions.
    private int Stride => Graph == OnnxGraph.Interop ? 1 : FastScnnArchitecture.LogitStride;

    /// <summary>Reads the metadata entries of an ONNX file that <see cref="OnnxExporter"/> wrote (in ONNX Runtime:
    /// <c>session.ModelMetadata.CustomMetadataMap</c>).</summary>
    /// <param name="metadata">Text by key; keys of other tools are ignored.</param>
    /// <returns>The properties that the entries describe.</returns>
    /// <exception cref="InvalidDataException">An entry is missing or has an impossible value; the message names
    /// it.</exception>
    public static ModelInfo FromOnnx(IReadOnlyDictionary<string, string> metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        string[] needed = [GraphKey, StrideKey, AlignCornersKey, ProducerKey, ClassesKey, MeanKey, StdKey];
        if (needed.FirstOrDefault(key => !metadata.ContainsKey(key)) is { } missing)
            throw new InvalidDataException(
                $"The ONNX file has no metadata entry '{missing}', so it is not one that FastScnn.Torch exported; "
                    + "export the checkpoint with OnnxExporter.");
        ModelInfo facts;
        try
        {
            facts = FromCheckpoint(metadata);
        }
        catch (CheckpointException exception)
        {
            throw new InvalidDataException($"The ONNX file's metadata cannot be used. {exception.Message}", exception);
        }
        ModelInfo info = facts with
        {
            Training = ReadOnlyDictionary<string, string>.Empty,
            Graph = OneOf(GraphKey, OnnxGraph.Scoring, OnnxGraph.Interop),
            AlignCorners = OneOf(AlignCornersKey, true, false),
            Producer = metadata[ProducerKey],
            Precision = metadata.ContainsKey(PrecisionKey) ? OneOf(PrecisionKey, Enum.GetValues<OnnxPrecision>())
                : OnnxPrecision.Float32,
        };
        if (metadata[StrideKey] != Text(info.Stride))
            throw BadEntry(StrideKey, $"{info.Stride} for a {info.Graph} graph");
        return info;

        T OneOf<T>(string key, params T[] values) where T : notnull
        {
            int found = Array.FindIndex(values, value => Lower(value) == metadata[key]);
            return found >= 0 ? values[found] : throw BadEntry(key, string.Join(" or ", values.Select(Lower)));
        }

        InvalidDataException BadEntry(string key, string expected) =>
            new($"The ONNX file's metadata entry '{key}' is '{metadata[key]}'; expected: {expected}.");
    }

    /// <summary>Reads the metadata of a checkpoint; what is absent gets its default, and other keys are
    /// ignored.</summary>
    /// <exception cref="CheckpointException">A value is not what <see cref="ToMetadata"/> writes; the message names its
    /// key.</exception>
    internal static ModelInfo FromCheckpoint(IReadOnlyDictionary<string, string> metadata)
    {
        Dictionary<string, string> training =
            metadata.Where(item => item.Key.StartsWith(TrainingPrefix, StringComparison.Ordinal))
            .ToDictionary(item => item.Key[TrainingPrefix.Length..], item => item.Value);
        return new()
        {
            Classes = Read(ClassesKey, text => ClassList.Parse(text, ClassesKey)),
            Normalization = new()
            {
                Mean = Read(MeanKey, text => new Normalization { Mean = Numbers(text) })?.Mean
                    ?? Normalization.ImageNet.Mean,
                Std = Read(StdKey, text => new Normalization { Std = Numbers(text) })?.Std
                    ?? Normalization.ImageNet.Std,
            },
            InputScale = Read(InputScaleKey,
                text => new ModelInfo { InputScale = double.Parse(text, CultureInfo.InvariantCulture) })?.InputScale
                ?? 1,
            Training = training.Count > 0 ? training : ReadOnlyDictionary<string, string>.Empty,
        };

        T? Read<T>(string key, Func<string, T> parse) where T : class
        {
            if (!metadata.TryGetValue(key, out string? text)) return null;
            try
            {
                return parse(text);
            }
            catch (Exception exception) when (exception is InvalidDataException or FormatException or ArgumentException)
            {
                string start = text.Length > 80 ? text[..80] + "..." : text;
                throw new CheckpointException(
                    $"The metadata '{key}' of a checkpoint is damaged: {exception.Message} It reads '{start}'.",
                    exception);
            }
        }

        static float[] Numbers(string text) =>
        [
            .. text.Split(' ').Select(number => float.Parse(number, CultureInfo.InvariantCulture))
        ];
    }

    /// <summary>Text by key, as files store it: classes are the text of a classes.json, numbers are separated by
    /// spaces.</summary>
    internal IReadOnlyDictionary<string, string> ToMetadata()
    {
        OrderedDictionary<string, string> metadata = [];
        if (Graph is { } graph)
        {
            metadata[GraphKey] = Lower(graph);
            metadata[InputKey] = graph == OnnxGraph.Scoring ? "uint8 NCHW RGB 0..255"
                : "float32 NCHW RGB (pixel / 255 - mean) / std";
            metadata[StrideKey] = Text(Stride);
            metadata[AlignCornersKey] = Lower(AlignCorners);
            metadata[ProducerKey] = Producer;
            if (Precision != OnnxPrecision.Float32) metadata[PrecisionKey] = Lower(Precision);
        }
        metadata[MeanKey] = string.Join(' ', Normalization.Mean.Select(value => Text(value)));
        metadata[StdKey] = string.Join(' ', Normalization.Std.Select(value => Text(value)));
        if (InputScale != 1) metadata[InputScaleKey] = Text(InputScale);
        if (Classes is not null) metadata[ClassesKey] = Classes.ToJson();
        if (Graph is null)
        {
            foreach ((string name, string value) in Training)
                metadata[TrainingPrefix + name] = value;
        }
        return metadata;
    }

    internal static bool IsKey(string key) => key.StartsWith("fastscnn.", StringComparison.Ordinal);

    private static string Lower<T>(T value) where T : notnull => value.ToString()!.ToLowerInvariant();

    // Shortest text that reads back as the same number.
    private static string Text<T>(T value) where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);
}
