using FastScnn.Torch.Checkpoints;

namespace FastScnn.Torch;

// Nothing here takes a TorchSharp type: this class is also used where libtorch is absent.
internal static partial class Errors
{
    public static ArgumentOutOfRangeException Option<T>(string name, T value, string range) =>
        Throw.OutOfRange(name, value, range);

    public static DllNotFoundException NoLibtorch(Exception inner, string? loader)
    {
        string advice = loader?.Contains("version `", StringComparison.Ordinal) == true
            ? "This system's C or C++ library is older than it needs. On Debian 12 and Ubuntu 22.04 set the property FastScnnAllowOldLibstdcxx to true in the application's project and build it there; Debian 13 and Ubuntu 24.04 need nothing. "
            : "";
        advice += "The application needs one of the NuGet packages TorchSharp-cpu, TorchSharp-cuda-linux or TorchSharp-cuda-windows, in the version of its TorchSharp.";
        // TorchSharp says that the package is missing whatever the reason, and appends a trace of pages.
        string cause = loader ?? (inner.InnerException ?? inner).Message.TrimStart().Split('\n')[0].TrimEnd();
        return new($"The network needs libtorch, which could not be loaded. {advice} The cause: {cause}", inner);
    }

    public static ArgumentException InputRank(long[] shape) =>
        new($"The input has the shape {ShapeText(shape)}; a batch of images [N, channels, height, width] is expected.", "input");

    public static ArgumentException InputChannels(long[] shape, int channels) =>
        new(Invariant($"The input of shape {ShapeText(shape)} has {shape[1]} channels, but the network was built for {channels}. Is it [N, channels, height, width]?"), "input");

    public static ArgumentException InputSize(long[] shape, int minimum) =>
        new(Invariant($"The images are {shape[3]} wide and {shape[2]} high (input {ShapeText(shape)}); the network needs {minimum} or more each way. Enlarge them."), "input");

    public static ArgumentException InputPlace(string input, string weights) =>
        new($"The input is {input}, but the weights are {weights}. Convert one to the other with .to(...).", "input");

    public static ArgumentException BatchOfOne() =>
        new("A single image cannot be trained on: pyramid pooling averages the whole image to one value a channel, whose variance over a batch of one does not exist. " +
            "Use batches of two or more (drop a last one that is smaller), or call eval().", "input");

    public static string ShapeMismatch(string key, IEnumerable<long> found, IEnumerable<long> expected) =>
        $"'{key}' is {ShapeText(found)} instead of {ShapeText(expected)}";

    public static CheckpointException CheckpointMismatch(IReadOnlyCollection<string> missing, IReadOnlyCollection<string> unexpected, IReadOnlyCollection<string> misshapen)
    {
        string[] parts =
        [
            .. missing.Count > 0 ? [Invariant($"{missing.Count} missing: {NameList(missing)}")] : Array.Empty<string>(),
            .. unexpected.Count > 0 ? [Invariant($"{unexpected.Count} unexpected: {NameList(unexpected)}")] : Array.Empty<string>(),
            .. misshapen.Count > 0 ? [Invariant($"{misshapen.Count} of another shape: {NameList(misshapen)}")] : Array.Empty<string>(),
        ];
        string hint = misshapen.Count > 0 || missing.Count > 0 ? " To train on other classes or with a new auxiliary head, load with CheckpointLoadMode.Backbone." : "";
        return new($"The checkpoint does not fit the network; nothing was loaded. {string.Join("; ", parts)}.{hint}");
    }

    public static ArgumentException InfoClasses(int described, int classes) =>
        new(Invariant($"The checkpoint's description has {described} classes, but the network has {classes}."), "info");
}
