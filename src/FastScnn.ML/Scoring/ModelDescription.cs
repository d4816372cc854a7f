using FastScnn.ML.Scoring.Kernels;
using FastScnn.Torch;
using FastScnn.Torch.Data;
using FastScnn.Torch.Network;
using FastScnn.Torch.Onnx;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using static System.FormattableString;

namespace FastScnn.ML.Scoring;

/// <summary>The inputs and outputs of a model, read once from its file; nothing of it changes afterwards.</summary>
internal sealed class ModelDescription
{
    private readonly string[] _inputSides;
    private readonly string[] _outputSides;
    private readonly int? _fixedHeight, _fixedWidth, _fixedRows, _fixedColumns;
    private readonly int _smallestSide;
    private readonly ModelInfo? _info;

    /// <exception cref="InvalidDataException">It is no segmentation model, or lacks what the options must then
    /// supply.</exception>
    /// <exception cref="InvalidOperationException">Scales or a working side are asked for of a model for one size, or a
    /// region of interest at the model's size.</exception>
    public ModelDescription(InferenceSession session, string name, FastScnnSegmenterOptions options)
    {
        Name = name;
        (InputName, NodeMetadata input) = Only(session.InputMetadata, "inputs");
        OutputName = session.OutputMetadata.ContainsKey("logits") ? "logits"
            : Only(session.OutputMetadata, "outputs").Name;
        NodeMetadata output = session.OutputMetadata[OutputName];
        int[] takes = input.Dimensions, gives = output.Dimensions;
        // The usual output of a model that was exported with its arg-max: whole numbers, or one plane or none.
        string hint = output.ElementDataType is not (TensorElementType.Float or TensorElementType.Double
            or TensorElementType.Float16 or TensorElementType.BFloat16) || gives.Length == 3 || gives is [_, 1, _, _]
            ? " It looks like a map of class ids (arg-max): export the model without its last step, so that it gives "
                + "scores." : "";
        if (takes is not [_, 3 or -1, _, _] || gives.Length != 4)
        {
            throw new InvalidDataException(
                $"'{name}' takes '{InputName}' {Shape(takes)} and gives '{OutputName}' {Shape(gives)} (-1: any "
                + "size); expected [batch, 3, height, width] and [batch, classes, rows, columns]. Is it a segmentation "
                + "model, exported with planes of channels (NCHW)?" + hint);
        }
        if (output.ElementDataType != TensorElementType.Float)
            throw new InvalidDataException(
                $"'{name}' gives '{OutputName}' as {output.ElementDataType}; expected Float (a score for each class "
                    + "and place)." + hint);
        InputType = input.ElementDataType is TensorElementType.UInt8 or TensorElementType.Float
            ? input.ElementDataType
            : throw new InvalidDataException(
                $"'{name}' takes '{InputName}' as {input.ElementDataType}; expected UInt8 (planes of RGB bytes) or "
                    + "Float (normalised planes).");
        (_fixedHeight, _fixedWidth, _fixedRows, _fixedColumns) = (Known(takes[2]), Known(takes[3]), Known(gives[2]),
            Known(gives[3]));
        TakesSeveral = Known(takes[0]) is null && Known(gives[0]) is null;
        (_inputSides, _outputSides) = (input.SymbolicDimensions, output.SymbolicDimensions);
        if ((_fixedHeight ?? _fixedWidth) is not null && options.Inference.Scales is not [1.0])
        {
            throw new InvalidOperationException(
                $"'{name}' takes images of one size, {Shape(takes)}, so that it cannot see them at the scales "
                + $"{Shape(options.Inference.Scales.Select(scale => Invariant($"{scale}")))}; expected [1]. Export the "
                + $"model for any size, or leave {nameof(InferenceOptions)}.{nameof(InferenceOptions.Scales)} out.");
        }
        if ((_fixedHeight ?? _fixedWidth) is not null && options.Inference.WorkingSide is { } side)
        {
            throw new InvalidOperationException(
                $"'{name}' takes images of one size, {Shape(takes)}, so that none can be shrunk to "
                + Invariant($"{side} pixels for it. Export the model for any size, or leave ")
                + $"{nameof(InferenceOptions)}.{nameof(InferenceOptions.WorkingSide)} out.");
        }
        if (options.Inference is { RegionOfInterest: not null, OutputSize: not SegmentationSize.Image })
        {
            throw new InvalidOperationException(
                $"{nameof(InferenceOptions)}.{nameof(InferenceOptions.RegionOfInterest)} and "
                + $"{nameof(InferenceOptions.OutputSize)} {options.Inference.OutputSize}: a region is placed in maps "
                + "of the image's size. Leave one of them out.");
        }

        _info = ReadInfo(session, name);
        Classes = options.Classes ?? _info?.Classes ?? options.AssumedClasses ?? throw new InvalidDataException(
            $"'{name}' does not name its classes, as files of FastScnn.Torch.Onnx.OnnxExporter do. "
            + $"Set {nameof(FastScnnSegmenterOptions)}.{nameof(FastScnnSegmenterOptions.Classes)}.");
        if (Known(gives[1]) is { } planes && planes != Classes.Count)
        {
            throw new InvalidDataException(
                Invariant(
                    $"'{name}' scores {planes} classes, and the class list has {Classes.Count}. Set {nameof(FastScnnSegmenterOptions)}.")
                + $"{nameof(FastScnnSegmenterOptions.Classes)} to the classes that the model was trained on, in "
                + "their order, or leave it out where the file names them." + hint);
        }
        if (!TakesBytes)
        {
            Normalization = new PlaneNormalization(options.Normalization
                ?? _info?.Normalization
                ?? (options.AssumedClasses is null ? null : FastScnn.Torch.Normalization.ImageNet) ?? throw new InvalidDataException(
                $"'{name}' takes floats and does not say how pixels are normalised, as files of "
                + "FastScnn.Torch.Onnx.OnnxExporter do. Set "
                + $"{nameof(FastScnnSegmenterOptions)}.{nameof(FastScnnSegmenterOptions.Normalization)}."));
        }
        AlignCorners = _info?.AlignCorners ?? true;
        _smallestSide = (int)Math.Ceiling(FastScnnNetwork.MinimumSize / (_info?.InputScale ?? 1));
    }

    /// <summary>The name of the model in error messages.</summary>
    public string Name { get; }

    public string InputName { get; }

    public string OutputName { get; }

    /// <summary>Bytes, or floats that <see cref="Normalization"/> makes.</summary>
    public TensorElementType InputType { get; }

    public bool TakesBytes => InputType == TensorElementType.UInt8;

    public ClassList Classes { get; }

    /// <summary>What makes the input of a network that takes floats; null for one that takes bytes.</summary>
    public PlaneNormalization? Normalization { get; }

    public bool AlignCorners { get; }

    /// <summary>Whether the file is for one size of images.</summary>
    public bool IsOfOneSize => (_fixedHeight, _fixedWidth) is (not null, not null);

    /// <summary>Whether a session can be told the size of all its images: both sides have names, which stand for
    /// nothing else.</summary>
    public bool HasFreeSides => _inputSides is [_, _, { Length: > 0 }, { Length: > 0 }]
        && FreeSides(new(1, 1)) is not null;

    /// <summary>Whether the file says that several images may go through the network in one run.</summary>
    public bool TakesSeveral { get; }

    /// <summary>The size at which an image goes into the network.</summary>
    public (int Width, int Height) InputSize(int width, int height) =>
        (_fixedWidth ?? Math.Max(width, _smallestSide), _fixedHeight ?? Math.Max(height, _smallestSide));

    /// <summary>The shape of the scores for an input: what the file declares, or what follows from the layers of a
    /// network of ours, or the input's size where the file gives both the same name. Null where only a run tells, as
    /// for files of other tools.</summary>
    public long[]? ScoresShape(InputShape shape)
    {
        var inside = new FeatureSize(shape.Height, shape.Width, _info?.InputScale ?? 1);
        return Side(_fixedRows, 2, shape.Height, inside.Height) is { } rows
            && Side(_fixedColumns, 3, shape.Width, inside.Width) is { } columns
            ? [shape.Images, Classes.Count, rows, columns]
            : null;

        int? Side(int? declared, int axis, int input, int features) =>
            declared ?? (_info?.Graph == OnnxGraph.Scoring ? features
            : _info?.Graph == OnnxGraph.Interop
                || _outputSides[axis].Length > 0 && _outputSides[axis] == _inputSides[axis] ? input
            : null);
    }

    /// <exception cref="InvalidDataException">A run gave scores of another shape than a segmentation model
    /// gives.</exception>
    public void CheckScores(long[] shape, int images)
    {
        if (shape is not [var count, var planes, _, _] || count != images || planes != Classes.Count)
            throw new InvalidDataException(
                Invariant($"'{Name}' gave scores of shape {Shape(shape)}; expected ")
                + Invariant($"[{images}, {Classes.Count}, rows, columns]."));
    }

    /// <summary>The sides that the file leaves open, by their names; null where a name that two sides share cannot
    /// stand for both.</summary>
    public Dictionary<string, int>? FreeSides(InputShape shape)
    {
        if (_inputSides is not [var batch, _, var rows, var columns])
            return null;
        (string Name, int Length)[] named =
        [
            .. new[] { (batch, shape.Images), (rows, shape.Height), (columns, shape.Width) }
                .Where(side => side.Item1.Length > 0)
        ];
        return named.DistinctBy(side => side.Name).Count() == named.Length
            ? named.ToDictionary(side => side.Name, side => side.Length) : null;
    }

    // Null for a file of another tool, which has no entries of ours.
    private static ModelInfo? ReadInfo(InferenceSession session, string name)
    {
        Dictionary<string, string> metadata = session.ModelMetadata.CustomMetadataMap;
        try
        {
            return metadata.Keys.Any(key => key.StartsWith("fastscnn.", StringComparison.Ordinal))
                ? ModelInfo.FromOnnx(metadata) : null;
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"'{name}': {e.Message}", e);
        }
    }

    private (string Name, NodeMetadata Metadata) Only(IReadOnlyDictionary<string, NodeMetadata> nodes, string what) =>
        nodes.Count == 1
        ? (nodes.First().Key, nodes.First().Value)
        : throw new InvalidDataException(
            $"'{Name}' has the {what} {Shape(nodes.Keys)}; a segmentation model has one input and one output, or an "
            + "output named 'logits'. Export it with the scores of the classes as its only output.");

    private static int? Known(int dimension) => dimension > 0 ? dimension : null;

    private static string Shape<T>(IEnumerable<T> shape) => $"[{string.Join(", ", shape)}]";
}
