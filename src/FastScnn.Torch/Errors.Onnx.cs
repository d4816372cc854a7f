using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Onnx;

namespace FastScnn.Torch;

internal static partial class Errors
{
    public static ArgumentOutOfRangeException UnknownOnnxGraph(OnnxGraph graph) =>
        new(nameof(OnnxExportOptions.Graph), graph, "There is no such kind of ONNX graph; there are Scoring and Interop.");

    public static ArgumentOutOfRangeException OnnxSide(string name, int value) =>
        new(name, value, $"A fixed side must be {OnnxExportOptions.MinSide} pixels or more: the network cannot see less.");

    public static ArgumentException OnnxOneSide(int? height, int? width) =>
        new($"Fix both height and width or neither; given are height {height?.ToString() ?? "any"} and width {width?.ToString() ?? "any"}.");

    public static ArgumentException OnnxClassCount(int list, int checkpoint) =>
        new($"The class list has {list} classes, but the checkpoint was trained with {checkpoint}.");

    public static CheckpointException OnnxCheckpoint(IReadOnlyCollection<string> missing, IReadOnlyCollection<string> wrong) =>
        new("The checkpoint does not hold a Fast-SCNN that can be exported."
            + (missing.Count == 0 ? "" : $" Missing ({missing.Count}): {NameList(missing)}.")
            + (wrong.Count == 0 ? "" : $" Wrong ({wrong.Count}): {NameList(wrong)}."));

    public static ArgumentException OnnxScaledSide(int height, int width, double scale) =>
        new(Invariant($"An image of {height} x {width} (height x width), scaled by {scale}, is below {OnnxExportOptions.MinSide} pixels on a side, the smallest that the network works on."), "options");

    public static ArgumentOutOfRangeException UnknownOnnxPrecision(OnnxPrecision precision) =>
        new(nameof(OnnxExportOptions.Precision), precision, "There is no such precision; there are Float32, Float16 and Int8.");

    public static ArgumentException OnnxQuantizationMismatch(OnnxPrecision precision) =>
        new(precision == OnnxPrecision.Int8
            ? "Int8 needs OnnxExportOptions.Quantization with the ranges of the activations; FastScnnQuantizer of FastScnn.ML (fastscnn quantize) measures them on photos and writes the file."
            : $"OnnxExportOptions.Quantization is given, and Precision is {precision}; expected Int8.", "options");

    public static ArgumentException OnnxActivationOutputs(OnnxPrecision precision) =>
        new($"OnnxExportOptions.ActivationOutputs shows the values of a Float32 graph, and Precision is {precision}.", "options");

    public static ArgumentException ActivationRange(float low, float high) =>
        new(Invariant($"A range of {low} to {high}; expected two finite numbers, the smaller one first."));

    public static ArgumentException ActivationRangesMissing(IReadOnlyCollection<string> names) =>
        new(Invariant($"The ranges of {names.Count} activations are missing: {NameList(names)}. Expected one for every output of a graph that was exported with ActivationOutputs."),
            nameof(OnnxQuantization.Ranges));

    public static ArgumentException UnknownFloatLayers(IReadOnlyCollection<string> names) =>
        new($"No convolution that could be quantized has a key that begins with {NameList([.. names.Select(name => $"'{name}'")])}; expected such as 'classifier.dsconv1' or 'global_feature_extractor.bottleneck1.0.block.2'.",
            nameof(OnnxQuantization.FloatLayers));

    public static CheckpointException HalfOverflow(IReadOnlyCollection<string> names) =>
        new(Invariant($"{names.Count} tensors have values beyond half precision (65504), the first of each in parentheses: {NameList(names)}. Export them with Precision Float32."));
}
