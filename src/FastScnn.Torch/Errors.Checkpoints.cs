using FastScnn.Torch.Checkpoints;

namespace FastScnn.Torch;

internal static partial class Errors
{
    public static ArgumentException TensorBytes(CheckpointType type, long[] shape, int bytes) =>
        new(Invariant($"A {type} tensor of shape {ShapeText(shape)} does not fit {bytes} bytes at {type.Size} bytes an element."), nameof(bytes));

    public static CheckpointException NoClassifier(string key, IEnumerable<string> found) =>
        new($"This is no Fast-SCNN checkpoint: it has no tensor '{key}' with a row for each class. Found: {NameList([.. found], 8)}.");
}
