using System.Globalization;
using FastScnn.ML.Scoring.Cuda;
using FastScnn.Torch.Data;
using Microsoft.ML.OnnxRuntime;
using static System.FormattableString;

namespace FastScnn.ML.Scoring;

/// <summary>A session and what it runs on.</summary>
/// <param name="Session">The session, which the receiver disposes.</param>
/// <param name="Provider">The name that ONNX Runtime has for the execution provider.</param>
/// <param name="Options">The settings with that provider alone: more sessions like this one are made with
/// them.</param>
internal readonly record struct CreatedSession(InferenceSession Session, string Provider,
    FastScnnSegmenterOptions Options)
{
    /// <summary>The providers that were tried before, and why they are not used.</summary>
    public IReadOnlyList<ProviderFailure> Failures { get; init; } = [];

    /// <summary>The same in a sentence; null where there are none.</summary>
    public string? FallbackReason { get; init; }
}

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
                $"There is no model file '{path}'. Export one from a checkpoint with OnnxExporter, "
                + "or write one to start with by 'fastscnn models' of the tool FastScnn.Tool.", path);
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
                return CreateCustom(model, create, options);
            baseOptions ??= () => Defaults(options);
            return options.ExecutionProviders.Count > 0 ? CreateInOrder(model, options, baseOptions)
                : options.GpuDeviceId is not null ? CreateOnGpu(model, options, baseOptions)
                : new CreatedSession(CreateOnCpu(model, baseOptions), CpuProvider, options);
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
    /// <param name="options">Those of the session for any size, as <see cref="CreatedSession.Options"/> has
    /// them.</param>
    /// <param name="sides">Lengths of sides that the model leaves open.</param>
    public static InferenceSession CreateForSize(
        byte[] model, string name, FastScnnSegmenterOptions options, Dictionary<string, int> sides) =>
        Create(model, name, options, () => Defaults(options, sides)).Session;

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

    private static CreatedSession CreateOnGpu(byte[] model, FastScnnSegmenterOptions options,
        Func<SessionOptions> baseOptions)
    {
        FastScnnSegmenterOptions own = options with { FallbackToCpu = false };
        (InferenceSession? session, string? missing) = TryCreate(model, new ExecutionProvider(CudaProvider.Name), own,
            baseOptions);
        if (session is not null)
            return new CreatedSession(session, CudaProvider.Name, own);
        string why = Invariant($"GPU {options.GpuDeviceId} cannot be used: {missing}");
        return options.FallbackToCpu
            ? new CreatedSession(CreateOnCpu(model, baseOptions), CpuProvider, own with { GpuDeviceId = null })
            {
                Failures = [new ProviderFailure(new ExecutionProvider(CudaProvider.Name).Name, missing!)],
                FallbackReason = why,
            }
            : throw new InvalidOperationException(why + " Set fallbackToCpu to run on the processor instead.");
    }

    private static CreatedSession CreateInOrder(byte[] model, FastScnnSegmenterOptions options,
        Func<SessionOptions> baseOptions)
    {
        var failures = new List<ProviderFailure>();
        foreach (ExecutionProvider provider in options.ExecutionProviders)
        {
            FastScnnSegmenterOptions own = provider.IsCuda ? OnCuda(options, provider)
                : options with { ExecutionProviders = provider.IsCpu ? [] : [provider] };
            (InferenceSession? session, string? missing) = provider.IsCpu ? (CreateOnCpu(model, baseOptions), null)
                : TryCreate(model, provider, own, baseOptions);
            if (session is not null)
                return new CreatedSession(session, provider.RuntimeName, own)
                {
                    Failures = failures,
                    FallbackReason = failures.Count > 0 ? Sentence(failures) : null,
                };
            failures.Add(new ProviderFailure(provider.Name, missing!));
        }
        throw new InvalidOperationException(Sentence(failures) + (failures.Any(failure => failure.Provider == "CPU") ? ""
            : $" End {nameof(FastScnnSegmenterOptions)}.{nameof(FastScnnSegmenterOptions.ExecutionProviders)} with "
                + "\"CPU\" to run on the processor instead."));

        static string Sentence(IEnumerable<ProviderFailure> failures) =>
            string.Join(' ', failures.Select(failure => $"{failure.Provider} cannot be used: {failure.Reason}"));
    }

    // The device is an option of the provider there and a setting of its own here.
    private static FastScnnSegmenterOptions OnCuda(FastScnnSegmenterOptions options, ExecutionProvider provider)
    {
        const string Device = "device_id";
        string device = provider.Options.GetValueOrDefault(Device, "0");
        if (!int.TryParse(device, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            throw new ArgumentException($"The option {Device} of the execution provider CUDA is '{device}'; expected "
                + "the number of a device, from 0.");
        Dictionary<string, string> other = new(options.Cuda.Other);
        foreach ((string name, string value) in provider.Options.Where(option => option.Key != Device))
            other[name] = value;
        return options with
        {
            ExecutionProviders = [],
            GpuDeviceId = number,
            Cuda = options.Cuda with { Other = other },
        };
    }

    // A session that has run a small image, or the reason why there is none.
    private static (InferenceSession? Session, string? Missing) TryCreate(byte[] model, ExecutionProvider provider,
        FastScnnSegmenterOptions options, Func<SessionOptions> baseOptions)
    {
        string? missing;
        using (CudaCapture.Working())
        using (SessionOptions settings = baseOptions())
        {
            missing = provider.IsCuda ? CudaProvider.TryAppend(settings, options.GpuDeviceId!.Value, options.Cuda)
                : OtherProviders.TryAppend(settings, provider);
            InferenceSession? session = null;
            try
            {
                if (missing is null)
                {
                    session = new InferenceSession(model, settings);
                    TrialRun.Run(session);
                    return (session, null);
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
        return (null, $"{OneLine(missing)}.{(provider.IsCuda ? " " + CudaRequirements.Describe(missing) : "")}");
    }

    private static CreatedSession CreateCustom(byte[] model, Func<SessionOptions> create,
        FastScnnSegmenterOptions options)
    {
        // Not disposed: who makes them may hand out the same ones again, as ApplyOnnxModel allows.
        SessionOptions settings = Settings(create);
        var session = new InferenceSession(model, settings);
        // The native constructor reads what a collected object's finalizer would free under it.
        GC.KeepAlive(settings);
        try
        {
            string? provider = session.GetEpDeviceForInputs().FirstOrDefault()?.EpName;
            return new CreatedSession(session, provider ?? "as CreateSessionOptions chose", options);
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
