using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using static System.FormattableString;

namespace FastScnn.Torch;

/// <summary>The errors that are thrown from more than one place.</summary>
// Nothing here takes a TorchSharp type: this class is also used where libtorch is absent.
internal static class Throw
{
    public static ArgumentOutOfRangeException OutOfRange<T>(string name, T value, string range) =>
        new(name, value, Invariant($"{name} is {value}; it must be {range}."));

    public static ArgumentException LabelMapSize(int width, int height, long ids) =>
        new($"A label map of {width} x {height} pixels needs sides of 1 or more and one id a pixel, not {ids} ids.");

    public static InvalidDataException Png(string name, string problem, Exception? inner = null) =>
        new($"'{name}' is not a readable mask PNG: {problem}.", inner);

    public static InvalidDataException PngIsColor(string name, string kind) =>
        Png(name,
            $"it is {kind}, so it holds colours (a colour-coded mask or an image), not class ids; convert it to a "
            + "one-channel PNG (grey or palette) whose values are class ids");

    public static InvalidDataException SampleSizes(SamplePair sample, PixelBuffer image,
        (int Width, int Height) mask) =>
        new(Invariant($"The image '{sample.ImagePath}' has {image.Width} x {image.Height} pixels, but its mask ")
            + Invariant($"'{sample.MaskPath}' has {mask.Width} x {mask.Height}; they must be equal.")
            + ((image.Width, image.Height) == (mask.Height, mask.Width)
                ? " Was one of them turned? The image has no EXIF orientation that says so, or it is not applied."
                : ""));

    public static InvalidDataException MaskValues(
        string path, IReadOnlyDictionary<int, long> counts, ClassList classes, string? softEdges, string? hint,
        bool equalChannels = false)
    {
        string[] values =
        [
            .. counts.OrderBy(pair => pair.Key).Select(pair => Invariant($"{pair.Key} on {pair.Value} pixels"))
        ];
        string hints = softEdges is null && hint is null
            ? "Is this the mask of another data set, or another ignore index?"
            : string.Join(" ", new[] { softEdges, hint }.OfType<string>());
        return new(
            $"'{path}' holds values that stand for no "
                + $"class{(equalChannels ? ", as the values of three equal channels" : "")}: "
            + Invariant(
                $"{ErrorText.List(values)}. There are {classes.Count} classes; {classes.IgnoreIndex} is ignored. {hints}"));
    }

    public static DirectoryNotFoundException NoFolder(string path, string what) =>
        new($"There is no folder '{path}' ({what}).");

    public static CheckpointException StateDamaged(string path, string what, Exception? inner = null) =>
        new($"The training state '{path}' is damaged: {what}.", inner);
}

/// <summary>Values as they stand in error texts.</summary>
internal static class ErrorText
{
    public static string Shape(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";

    // A long list would bury its own message.
    public static string List(IReadOnlyCollection<string> names, int most = 20) =>
        string.Join(", ", names.Take(most)) + (names.Count > most ? Invariant($", and {names.Count - most} more") : "");
}
