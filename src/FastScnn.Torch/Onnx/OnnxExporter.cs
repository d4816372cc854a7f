using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using FastScnn.Torch.Network;

namespace FastScnn.Torch.Onnx;

/// <summary>Writes a Fast-SCNN checkpoint as an ONNX file (opset 17) for ONNX Runtime and other tools.</summary>
/// <remarks>Batch normalization is folded into the convolutions, and pyramid pooling follows PyTorch's adaptive average
/// pooling exactly at every size. Free dimensions are named N, H and W, so
/// <c>SessionOptions.AddFreeDimensionOverrideByName</c> can fix them when the file is loaded; once all three are fixed,
/// ONNX Runtime folds the arithmetic on sizes away and runs what a file of that size would give. The auxiliary head, if
/// the checkpoint has one, is left out: it only serves training. The file's metadata is the checkpoint's
/// <see cref="ModelInfo"/>; <see cref="ModelInfo.FromOnnx"/> reads it.</remarks>
public static class OnnxExporter
{
    private static readonly Normalization s_rawPixels = new()
    {
        Mean = [0, 0, 0],
        Std = [1 / 255f, 1 / 255f, 1 / 255f]
    };

    /// <summary>Writes an ONNX file.</summary>
    /// <param name="checkpoint">The trained network.</param>
    /// <param name="path">The file; it is replaced when it exists, and left alone when the export fails.</param>
    /// <param name="options">The settings; null for a scoring graph of any size.</param>
    /// <exception cref="CheckpointException">The checkpoint is not a Fast-SCNN, or has weights beyond the precision;
    /// the message lists missing tensors and wrong shapes.</exception>
    /// <exception cref="ArgumentException">
    /// Only one of height and width is fixed, the class list does not have the checkpoint's number of classes, or an
    /// 8-bit file is asked for, which <c>FastScnnQuantizer</c> writes.
    /// </exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Export(Checkpoint checkpoint, string path, OnnxExportOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ProtoMessage model = Build(checkpoint, options ?? new());
        WholeFile.Write(path, model.WriteTo);
    }

    /// <summary>Writes an ONNX file to a stream, which stays open.</summary>
    /// <param name="checkpoint">The trained network.</param>
    /// <param name="stream">Where the file goes.</param>
    /// <param name="options">The settings; null for a scoring graph of any size.</param>
    /// <exception cref="CheckpointException">The checkpoint is not a Fast-SCNN, or has weights beyond the precision;
    /// the message lists missing tensors and wrong shapes.</exception>
    /// <exception cref="ArgumentException">
    /// Only one of height and width is fixed, the class list does not have the checkpoint's number of classes, or an
    /// 8-bit file is asked for, which <c>FastScnnQuantizer</c> writes.
    /// </exception>
    public static void Export(Checkpoint checkpoint, Stream stream, OnnxExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Build(checkpoint, options ?? new()).WriteTo(stream);
    }

    private static ProtoMessage Build(Checkpoint checkpoint, OnnxExportOptions options)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        if (options.Height is null != options.Width is null)
            throw new ArgumentException(
                $"Fix both height and width or neither; given are height {Side(options.Height)} and width "
                    + $"{Side(options.Width)}.");
        ModelInfo facts = checkpoint.Info;
        ClassList classes = facts.Classes ?? ClassList.Generic(checkpoint.ClassCount);
        if (classes.Count != checkpoint.ClassCount)
            throw new ArgumentException(
                $"The class list has {classes.Count} classes, but the checkpoint was trained with "
                    + $"{checkpoint.ClassCount}.");
        ModelInfo info = facts with
        {
            Graph = options.Graph,
            Classes = classes,
            Normalization = options.Graph == OnnxGraph.Interop && options.RawPixels ? s_rawPixels : facts.Normalization,
            Precision = options.Precision,
        };
        CheckPrecision(options);
        var weights = new FoldedWeights(checkpoint);
        if (Math.Min(options.Height ?? int.MaxValue, options.Width ?? int.MaxValue) * info.InputScale
            < FastScnnArchitecture.MinimumSize)
        {
            throw new ArgumentException(
                FormattableString.Invariant(
                    $"An image of {options.Height} x {options.Width} (height x width), scaled by {info.InputScale}, ")
                + $"is below {FastScnnArchitecture.MinimumSize} pixels on a side, the smallest that the network works on.", nameof(options));
        }
        FeatureSize? size = options.Height is int height && options.Width is int width
            ? new FeatureSize(height, width, info.InputScale) : null;
        var builder = new OnnxGraphBuilder(half: options.Precision == OnnxPrecision.Float16);
        QuantizedLayers? quantized = options.Quantization is { } quantization ? new(builder, quantization) : null;
        Normalization? folded = options.Graph == OnnxGraph.Scoring || options.RawPixels ? facts.Normalization : null;
        ProtoMessage graph = new FastScnnOnnxGraph(weights, info, folded, size, builder,
            quantized ?? new NetworkLayers(builder)).Build(options.ActivationOutputs);
        weights.ThrowIfIncomplete();
        quantized?.ThrowIfIncomplete();
        return OnnxModel.Message(graph, info);
    }

    private static void CheckPrecision(OnnxExportOptions options)
    {
        if (options.Precision == OnnxPrecision.Int8 != options.Quantization is not null)
        {
            throw new ArgumentException(options.Precision == OnnxPrecision.Int8
                ? "An Int8 file needs the ranges of the activations; FastScnnQuantizer of FastScnn.ML (fastscnn "
                    + "quantize) measures them on images and writes the file."
                : $"The ranges of activations are given, and Precision is {options.Precision}; expected Int8.",
                nameof(options));
        }
        if (options.ActivationOutputs && options.Precision != OnnxPrecision.Float32)
            throw new ArgumentException(
                $"ActivationOutputs shows the values of a Float32 graph, and Precision is {options.Precision}.",
                nameof(options));
    }

    private static string Side(int? side) => side is { } fixedSide ? $"{fixedSide}" : "any";
}
