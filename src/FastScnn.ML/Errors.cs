using System.Globalization;
using FastScnn.Torch.Data;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace FastScnn.ML;

/// <summary>Error texts; each quotes what was found and what was expected.</summary>
internal static partial class Errors
{
    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Shape<T>(IEnumerable<T> shape) => $"[{string.Join(", ", shape)}]";

    // Options

    public static ArgumentOutOfRangeException NegativeGpuDevice(int device) =>
        new(nameof(FastScnnSegmenterOptions.GpuDeviceId), Invariant($"GPU device {device}: devices are numbered from 0; null means the processor."));

    public static ArgumentOutOfRangeException NegativeThreads(int threads) =>
        new(nameof(FastScnnSegmenterOptions.IntraOpThreads), Invariant($"{threads} threads: expected 1 or more, or 0 for one a core."));

    // Model files

    public static FileNotFoundException ModelFileMissing(string path) =>
        new($"There is no model file '{path}'. Export one from a checkpoint with OnnxExporter.", path);

    public static FileNotFoundException ModelIsFolder(string path) => new($"'{path}' is a folder; expected a model file, .onnx.", path);

    public static InvalidDataException EmptyModel(string name) => new($"'{name}' is empty; expected an ONNX model.");

    public static InvalidDataException NotAnOnnxModel(string name, ReadOnlySpan<byte> model, Exception inner) =>
        new($"ONNX Runtime cannot load '{name}': {inner.Message} Expected an ONNX model, such as FastScnn.Torch.Onnx.OnnxExporter writes from a checkpoint. {OtherKind(model)}", inner);

    // What is most often given in place of a model.
    private static string OtherKind(ReadOnlySpan<byte> file) => file switch
    {
        [(byte)'P', (byte)'K', 3, 4, ..] => "This is a zip archive: what mlContext.Model.Save wrote is loaded with mlContext.Model.Load, and a checkpoint of PyTorch is exported first.",
        [0x80, 2, 0x8A, ..] => "This is a checkpoint of PyTorch, which is exported first.",
        [_, _, _, _, _, _, _, _, (byte)'{', ..] => "This is a .safetensors checkpoint, which is exported first.",
        _ when file.StartsWith("version https://git-lfs"u8) => "This is a pointer of Git LFS: fetch the file itself with 'git lfs pull'.",
        _ => "Is the file whole? Copy it, or export it, again.",
    };

    public static InvalidOperationException SessionFailed(string name, Exception inner) =>
        new($"ONNX Runtime cannot open a session for '{name}': {inner.Message} Do the session settings fit this model and this process?", inner);

    public static InvalidDataException NotOneNode(string name, string what, IEnumerable<string> found) =>
        new($"'{name}' has the {what} {Shape(found)}; a segmentation model has one input and one output, or an output named 'logits'. Export it with the scores of the classes as its only output.");

    public static InvalidDataException UnknownModelShape(string name, string input, int[] inputShape, string output, int[] outputShape) =>
        new($"'{name}' takes '{input}' {Shape(inputShape)} and gives '{output}' {Shape(outputShape)} (-1: any size); "
            + "expected [batch, 3, height, width] and [batch, classes, rows, columns]. Is it a segmentation model, exported with planes of channels (NCHW)?");

    public static InvalidDataException UnknownModelInput(string name, string input, TensorElementType found) =>
        new($"'{name}' takes '{input}' as {found}; expected UInt8 (planes of RGB bytes) or Float (normalised planes).");

    public static InvalidDataException UnknownModelOutput(string name, string output, TensorElementType found) =>
        new($"'{name}' gives '{output}' as {found}; expected Float (a score for each class and place).");

    public static InvalidDataException ModelMetadata(string name, InvalidDataException inner) => new($"'{name}': {inner.Message}", inner);

    public static InvalidDataException ModelWithoutClasses(string name) =>
        new($"'{name}' does not name its classes, as files of FastScnn.Torch.Onnx.OnnxExporter do. Set {nameof(FastScnnSegmenterOptions)}.{nameof(FastScnnSegmenterOptions.Classes)}.");

    public static InvalidDataException ModelWithoutNormalization(string name) =>
        new($"'{name}' takes floats and does not say how pixels are normalised, as files of FastScnn.Torch.Onnx.OnnxExporter do. "
            + $"Set {nameof(FastScnnSegmenterOptions)}.{nameof(FastScnnSegmenterOptions.Normalization)}.");

    public static InvalidDataException ClassCountMismatch(string name, int planes, int classes) =>
        new(Invariant($"'{name}' scores {planes} classes, and the class list has {classes}. Set {nameof(FastScnnSegmenterOptions)}.{nameof(FastScnnSegmenterOptions.Classes)} to the ")
            + "classes that the model was trained on, in their order, or leave it out where the file names them.");

    public static InvalidDataException UnexpectedScores(string name, long[] shape, int classes) =>
        new(Invariant($"'{name}' gave scores of shape {Shape(shape)}; expected [1, {classes}, rows, columns]."));

    public static InvalidOperationException RunFailed(string name, Exception inner) => new($"ONNX Runtime could not run '{name}': {inner.Message}", inner);

    // Native libraries and devices

    public static InvalidOperationException NativeOnnxRuntimeMissing(Exception inner) =>
        new("The native ONNX Runtime library could not be loaded. Add the NuGet package Microsoft.ML.OnnxRuntime (processor) or Microsoft.ML.OnnxRuntime.Gpu "
            + "(CUDA) to the application. " + (inner.InnerException ?? inner).Message, inner);

    public static InvalidOperationException SessionOptionsFailed(Exception inner) =>
        new($"The CreateSessionOptions that was given for the model failed: {inner.Message} Does the native ONNX Runtime library have what it asks for?", inner);

    public static InvalidOperationException GpuUnavailable(int device, string missing) =>
        new(GpuUnavailableText(device, missing) + " Set fallbackToCpu to run on the processor instead.");

    public static string GpuUnavailableText(int device, string missing) =>
        Invariant($"GPU {device} cannot be used: {OneLine(missing)}. {CudaRequirementsText(OrtEnv.Instance().GetVersionString(), missing)}");

    // ONNX Runtime ends some of its messages with a full stop or a new line, or both.
    private static string OneLine(string message) => string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.', ' ');

    private static string CudaRequirementsText(string runtimeVersion, string message) => CudaRequirements.Missing(runtimeVersion, message) is { Count: > 0 } absent
        ? $"Not found on this machine: {string.Join("; ", absent)}. ONNX Runtime {runtimeVersion} for CUDA (Microsoft.ML.OnnxRuntime.Gpu) needs them where the system looks for libraries."
        : "The NVIDIA driver, CUDA and cuDNN were found on this machine.";

    public static ArgumentOutOfRangeException UnknownConvolutionSearch(CudaConvolutionSearch search) =>
        new(nameof(CudaOptions.ConvolutionSearch), search, "There is no such search; there are Exhaustive, Heuristic and Default.");

    public static ArgumentOutOfRangeException CudaMemoryLimit(long limit) =>
        new(nameof(CudaOptions.MemoryLimit), Invariant($"A memory limit of {limit} bytes; expected 1 or more, or null for none."));

    public static ArgumentException CudaOptionRefused(string name, string why) =>
        new($"The CUDA option '{name}' cannot be set here: {why}.", nameof(CudaOptions.Other));
}
