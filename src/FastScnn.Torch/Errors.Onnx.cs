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

    public static InvalidDataException OnnxMetadataMissing(string key) =>
        new($"The ONNX file has no metadata entry '{key}', so it is not one that FastScnn.Torch exported; export the checkpoint with OnnxExporter.");

    public static InvalidDataException OnnxMetadataValue(string key, string found, string expected) =>
        new($"The ONNX file's metadata entry '{key}' is '{found}'; expected: {expected}.");

    public static InvalidDataException OnnxMetadata(CheckpointException inner) => new($"The ONNX file's metadata cannot be used. {inner.Message}", inner);

    public static ArgumentException OnnxScaledSide(int height, int width, double scale) =>
        new(Invariant($"An image of {height} x {width} (height x width), scaled by {scale}, is below {OnnxExportOptions.MinSide} pixels on a side, the smallest that the network works on."), "options");
}
