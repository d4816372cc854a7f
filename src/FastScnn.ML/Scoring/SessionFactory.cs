using FastScnn.ML.Scoring.Cuda;
using FastScnn.Torch.Data;
using Microsoft.ML.OnnxRuntime;
using static System.FormattableString;

namespace FastScnn.ML.Scoring;

/// <summary>A session, the execution provider that it runs on, and why that is not the one that was asked for (null
/// when it is).</summary>
internal readonly record struct CreatedSession(InferenceSession Session, string Provider, string? FallbackReason);

/// <summary>Makes ONNX Runtime sessions with the settings that measured fastest for this network.</summary>
internal static class SessionFactory
{
    public const string CpuProvider = "CPUExecutionProvider";

    // Codes, and texts of ONNX Runtime where a code stands for other faults too.
    private static readonly string[] s_modelFaults =
    [
        "[ErrorCode:InvalidProtobuf]", "[ErrorCode:InvalidGraph]", "[ErrorCode:NoModel]",
        "[ErrorCode:ModelRequiresCompilation]",
        "invalid model", "load model", "protobuf", "opset", "InferenceError]",
    ];

    /// <summary>Reads a model file.</summary>
    public static byte[] ReadFile(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (Directory.Exists(path))
            throw new FileNotFoundException($"'{path}' is a folder; expected a model file, .onnx.", path);
        if (!File.Exists(path))
            throw new FileNotFoundException(
                $"There is no model file '{path}'. Export one from a checkpoint with OnnxExporter.", path);
        using FileStream file = ImageFiles.OpenRead(path);
        byte[] bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    /// <param name="model">The bytes of the ONNX file.</param>
    /// <param name="name">The name of the model in error messages.</param>
    /// <param name="options">The settings.</param>
    /// <param name="baseOptions">Makes the options that a provider is added to; null for ours.</param>
    public static CreatedSession Create(byte[] model, string name, FastScnnSegmenterOptions options,
        Func<SessionOptions>? baseOptions)
    {
        if (model.Length == 0)
            throw new InvalidDataException($"'{name}' is empty; expected an ONNX model.");
        try
        {
            if (options.CreateSessionOptions is { } create)
                return CreateCustom(model, create);
            baseOptions ??= () => Defaults(options);
            return options.GpuDeviceId is { } device
                ? CreateOnGpu(model, device, options, baseOptions)
                : new CreatedSession(CreateOnCpu(model, baseOptions), CpuProvider, null);
        }
        catch (OnnxRuntimeException e)
        {
            throw BlamesModel(e)
                ? new InvalidDataException(
                    $"ONNX Runtime cannot load '{name}': {e.Message} Expected an ONNX model, such as "
                    + $"FastScnn.Torch.Onnx.OnnxExporter writes from a checkpoint. {OtherKind(model)}", e)
                : new InvalidOperationException(
                    $"ONNX Runtime cannot open a session for '{name}': {e.Message} Do the session settings fit this "
                        + "model and this process?", e);
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException
            or EntryPointNotFoundException or BadImageFormatException)
        {
            throw new InvalidOperationException(
                "The native ONNX Runtime library could not be loaded. Add the NuGet package Microsoft.ML.OnnxRuntime "
                + "(processor) or Microsoft.ML.OnnxRuntime.Gpu (CUDA) to the application. "
                + (e.InnerException ?? e).Message, e);
        }
    }

    /// <summary>Makes a session for one size of images, with our own settings.</summary>
    /// <param name="model">As <see cref="Create"/> takes it.</param>
    /// <param name="name">As <see cref="Create"/> takes it.</param>
    /// <param name="options">As <see cref="Create"/> takes it.</param>
    /// <param name="device">The CUDA device that the session for any size runs on; null for the processor.</param>
    /// <param name="sides">Lengths of sides that the model leaves open.</param>
    public static InferenceSession CreateForSize(
        byte[] model, string name, FastScnnSegmenterOptions options, int? device, Dictionary<string, int> sides) =>
        Create(model, name, options with { GpuDeviceId = device, FallbackToCpu = false },
            () => Defaults(options, sides)).Session;

    /// <summary>Makes a session for one size of images on a CUDA device, whose kernels can be captured.</summary>
    /// <exception cref="InvalidOperationException">Something is missing.</exception>
    public static InferenceSession CreateForGraph(byte[] model, FastScnnSegmenterOptions options, int device,
        Dictionary<string, int>? sides)
    {
        using SessionOptions settings = Defaults(options, sides);
        // What copies between memories comes with the provider's own library, also where the provider is built in.
        if ((CudaProvider.TryAppend(settings, device, options.Cuda, graph: true) ?? CudaProvider.TryRegister())
            is { } missing)
            throw new InvalidOperationException(missing);
        return new InferenceSession(model, settings);
    }

    /// <param name="options">The settings.</param>
    /// <param name="sides">Lengths of sides that the model leaves open; shapes fold where all of them are
    /// known.</param>
    private static SessionOptions Defaults(FastScnnSegmenterOptions options, Dictionary<string, int>? sides = null)
    {
        var settings = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            EnableCpuMemArena = true,
            // Arrays kept from run to run for each size cost memory and gain no time.
            EnableMemoryPattern = false,
            IntraOpNumThreads = options.IntraOpThreads,
            // The factory reports what goes wrong; the library itself writes nothing to the console.
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        // Waiting threads that spin take the cores from other sessions and from the caller.
        settings.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        // Smaller pieces of work, so that a thread that woke late delays the others less: 5 to 15 % on small images.
        settings.AddSessionConfigEntry("session.dynamic_block_base", "4");
        foreach ((string side, int length) in sides ?? [])
            settings.AddFreeDimensionOverrideByName(side, length);
        return settings;
    }

    private static InferenceSession CreateOnCpu(byte[] model, Func<SessionOptions> baseOptions)
    {
        using SessionOptions settings = baseOptions();
        return new InferenceSession(model, settings);
    }

    private static CreatedSession CreateOnGpu(byte[] model, int device, FastScnnSegmenterOptions options,
        Func<SessionOptions> baseOptions)
    {
        string? missing;
        using (CudaCapture.Working())
        using (SessionOptions settings = baseOptions())
        {
            missing = CudaProvider.TryAppend(settings, device, options.Cuda);
            InferenceSession? session = null;
            try
            {
                if (missing is null)
                {
                    session = new InferenceSession(model, settings);
                    TrialRun.Run(session);
                    return new CreatedSession(session, CudaProvider.Name, null);
                }
            }
            catch (OnnxRuntimeException e) when (!BlamesModel(e))
            {
                session?.Dispose();
                missing = e.Message;
            }
            catch
            {
                session?.Dispose();
                throw;
            }
        }
        string why = Invariant($"GPU {device} cannot be used: {OneLine(missing)}. ")
            + CudaRequirements.Describe(missing);
        return options.FallbackToCpu
            ? new CreatedSession(CreateOnCpu(model, baseOptions), CpuProvider, why)
            : throw new InvalidOperationException(why + " Set fallbackToCpu to run on the processor instead.");
    }

    private static CreatedSession CreateCustom(byte[] model, Func<SessionOptions> create)
    {
        // Not disposed: who makes them may hand out the same ones again, as ApplyOnnxModel allows.
        SessionOptions settings = Settings(create);
        var session = new InferenceSession(model, settings);
        // The native constructor reads what a collected object's finalizer would free under it.
        GC.KeepAlive(settings);
        try
        {
            string? provider = session.GetEpDeviceForInputs().FirstOrDefault()?.EpName;
            return new CreatedSession(session, provider ?? "as CreateSessionOptions chose", null);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    // Asking for a provider that is not there is no fault of the model file.
    private static SessionOptions Settings(Func<SessionOptions> create)
    {
        try
        {
            return create();
        }
        catch (Exception e) when (e is OnnxRuntimeException or EntryPointNotFoundException)
        {
            throw new InvalidOperationException(
                $"The CreateSessionOptions that was given for the model failed: {e.Message} Does the native ONNX "
                    + "Runtime library have what it asks for?", e);
        }
    }

    // The exception carries its code only in its text, "[ErrorCode:InvalidProtobuf] ...".
    private static bool BlamesModel(OnnxRuntimeException e) =>
        s_modelFaults.Any(fault => e.Message.Contains(fault, StringComparison.OrdinalIgnoreCase));

    // What is most often given in place of a model.
    private static string OtherKind(ReadOnlySpan<byte> file) => file switch
    {
        [(byte)'P', (byte)'K', 3, 4, ..] =>
            "This is a zip archive: what mlContext.Model.Save wrote is loaded with mlContext.Model.Load, and a "
            + "checkpoint of PyTorch is exported first.",
        [0x80, 2, 0x8A, ..] => "This is a checkpoint of PyTorch, which is exported first.",
        [_, _, _, _, _, _, _, _, (byte)'{', ..] => "This is a .safetensors checkpoint, which is exported first.",
        _ when file.StartsWith("version https://git-lfs"u8) =>
            "This is a pointer of Git LFS: fetch the file itself with 'git lfs pull'.",
        _ => "Is the file whole? Copy it, or export it, again.",
    };

    // ONNX Runtime ends some of its messages with a full stop or a new line, or both.
    private static string OneLine(string message) =>
        string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.', ' ');
}
