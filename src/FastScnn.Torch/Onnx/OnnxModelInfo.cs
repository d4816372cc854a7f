using System.Globalization;
using System.Reflection;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;

namespace FastScnn.Torch.Onnx;

/// <summary>What the metadata of an exported ONNX file says about it: all that is needed to use the file.</summary>
public sealed record OnnxModelInfo
{
    internal const string ProducerName = "FastScnn.Torch";

    private const string GraphKey = "fastscnn.graph";
    private const string InputKey = "fastscnn.input";
    private const string StrideKey = "fastscnn.stride";
    private const string AlignCornersKey = "fastscnn.align_corners";
    private const string ProducerKey = "fastscnn.producer";
    private const string PrecisionKey = "fastscnn.precision";
    private const string Scoring = "scoring";
    private const string Interop = "interop";

    /// <summary>The kind of graph: what goes in and what comes out.</summary>
    public required OnnxGraph Graph { get; init; }

    /// <summary>The classes, whose ids are the channels of the logits, and the id of ignored label pixels.</summary>
    public required ClassList Classes { get; init; }

    /// <summary>How pixels become network input. A scoring graph does this itself; for an interop graph the caller does. Default: ImageNet's.</summary>
    public Normalization Normalization { get; init; } = Normalization.ImageNet;

    /// <summary>What the sides of images are multiplied by inside the graph before the first layer; see <see cref="CheckpointInfo.InputScale"/>. Default: 1.</summary>
    public double InputScale { get; init; } = 1;

    /// <summary>Pixels that the first layer sees for each logit, in both directions, of a scoring graph: 8. An interop graph gives one logit for each pixel of the image: 1.</summary>
    public int Stride => Graph == OnnxGraph.Scoring ? 8 : 1;

    /// <summary>Whether logits are enlarged with the centres of the corner pixels aligned (PyTorch's <c>align_corners</c>). Default: true, as Fast-SCNN does.</summary>
    public bool AlignCorners { get; init; } = true;

    /// <summary>The numbers that the layers work with. Default: <see cref="OnnxPrecision.Float32"/>, also for files that do not say.</summary>
    public OnnxPrecision Precision { get; init; } = OnnxPrecision.Float32;

    /// <summary>The name and version of what wrote the file. Default: this library.</summary>
    public string Producer { get; init; } = $"{ProducerName} {ProducerVersion}";

    // Without the commit that the SDK appends after a plus sign.
    internal static string ProducerVersion => typeof(OnnxModelInfo).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>The metadata entries of an ONNX file. Every key begins with <c>fastscnn.</c>; classes are the text of a classes.json, numbers are parted by spaces.</summary>
    /// <returns>Text by key.</returns>
    public IReadOnlyDictionary<string, string> ToMetadata()
    {
        OrderedDictionary<string, string> metadata = new()
        {
            [GraphKey] = Graph == OnnxGraph.Scoring ? Scoring : Interop,
            [InputKey] = Graph == OnnxGraph.Scoring ? "uint8 NCHW RGB 0..255" : "float32 NCHW RGB (pixel / 255 - mean) / std",
            [StrideKey] = Stride.ToString(CultureInfo.InvariantCulture),
            [AlignCornersKey] = AlignCorners ? "true" : "false",
            [ProducerKey] = Producer,
        };
        if (Precision != OnnxPrecision.Float32)
            metadata[PrecisionKey] = Precision.ToString().ToLowerInvariant();
        foreach ((string key, string value) in new CheckpointInfo { Classes = Classes, Normalization = Normalization, InputScale = InputScale }.ToMetadata())
            metadata[key] = value;
        return metadata;
    }

    /// <summary>Reads the metadata entries of an ONNX file (in ONNX Runtime: <c>session.ModelMetadata.CustomMetadataMap</c>).</summary>
    /// <param name="metadata">Text by key; keys of other tools are passed over.</param>
    /// <returns>What the entries say.</returns>
    /// <exception cref="InvalidDataException">An entry is missing or has a value that cannot be; the message names it.</exception>
    public static OnnxModelInfo FromMetadata(IReadOnlyDictionary<string, string> metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        string[] needed = [GraphKey, StrideKey, AlignCornersKey, ProducerKey, CheckpointInfo.ClassesKey, CheckpointInfo.MeanKey, CheckpointInfo.StdKey];
        if (needed.FirstOrDefault(key => !metadata.ContainsKey(key)) is { } missing)
            throw Errors.OnnxMetadataMissing(missing);
        CheckpointInfo facts = ReadFacts(metadata);
        var info = new OnnxModelInfo
        {
            Graph = metadata[GraphKey] switch
            {
                Scoring => OnnxGraph.Scoring,
                Interop => OnnxGraph.Interop,
                string other => throw Errors.OnnxMetadataValue(GraphKey, other, $"{Scoring} or {Interop}"),
            },
            Classes = facts.Classes!,
            Normalization = facts.Normalization,
            InputScale = facts.InputScale,
            AlignCorners = metadata[AlignCornersKey] switch
            {
                "true" => true,
                "false" => false,
                string other => throw Errors.OnnxMetadataValue(AlignCornersKey, other, "true or false"),
            },
            Producer = metadata[ProducerKey],
            Precision = ReadPrecision(metadata),
        };
        string stride = info.Stride.ToString(CultureInfo.InvariantCulture);
        return metadata[StrideKey] == stride ? info : throw Errors.OnnxMetadataValue(StrideKey, metadata[StrideKey], $"{stride} for a {info.Graph} graph");
    }

    private static OnnxPrecision ReadPrecision(IReadOnlyDictionary<string, string> metadata)
    {
        if (!metadata.TryGetValue(PrecisionKey, out string? text))
            return OnnxPrecision.Float32;
        foreach (OnnxPrecision precision in Enum.GetValues<OnnxPrecision>())
            if (precision.ToString().ToLowerInvariant() == text)
                return precision;
        throw Errors.OnnxMetadataValue(PrecisionKey, text, "float32, float16 or int8");
    }

    private static CheckpointInfo ReadFacts(IReadOnlyDictionary<string, string> metadata)
    {
        try
        {
            return CheckpointInfo.FromMetadata(metadata);
        }
        catch (CheckpointException exception)
        {
            throw Errors.OnnxMetadata(exception);
        }
    }
}
