using Microsoft.ML.OnnxRuntime;

namespace FastScnn.ML;

/// <summary>A session, the execution provider that it runs on, and why that is not the one that was asked for (null when it is).</summary>
internal readonly record struct CreatedSession(InferenceSession Session, string Provider, string? FallbackReason);

/// <summary>Makes ONNX Runtime sessions with the settings that measured fastest for this network.</summary>
internal static class SessionFactory
{
    public const string CpuProvider = "CPUExecutionProvider";

    // Codes, and texts of ONNX Runtime where a code stands for other faults too.
    private static readonly string[] s_modelFaults =
        ["[ErrorCode:InvalidProtobuf]", "[ErrorCode:InvalidGraph]", "[ErrorCode:NoModel]", "[ErrorCode:ModelRequiresCompilation]", "invalid model", "load model", "protobuf", "opset", "InferenceError]"];

    /// <param name="model">The bytes of the ONNX file.</param>
    /// <param name="name">What error messages call the model.</param>
    /// <param name="options">The settings.</param>
    /// <param name="baseOptions">Makes the options that a provider is added to; null for ours.</param>
    public static CreatedSession Create(byte[] model, string name, FastScnnSegmenterOptions options, Func<SessionOptions>? baseOptions)
    {
        if (model.Length == 0)
            throw Errors.EmptyModel(name);
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
            throw BlamesModel(e) ? Errors.NotAnOnnxModel(name, model, e) : Errors.SessionFailed(name, e);
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException or EntryPointNotFoundException or BadImageFormatException)
        {
            throw Errors.NativeOnnxRuntimeMissing(e);
        }
    }

    /// <summary>Makes sessions for one size of photos, with our own settings; null where there is nothing to gain.</summary>
    /// <param name="model">As <see cref="Create"/> takes it.</param>
    /// <param name="name">As <see cref="Create"/> takes it.</param>
    /// <param name="options">As <see cref="Create"/> takes it.</param>
    /// <param name="provider">What the session for any size runs on: these run there too, or not at all.</param>
    /// <param name="input">The name of the input and what is known of it.</param>
    /// <param name="output">The name of the output.</param>
    public static Func<FrameSize, SizedSession?>? ForSizes(
        byte[] model, string name, FastScnnSegmenterOptions options, string provider, (string Name, NodeMetadata Metadata) input, string output)
    {
        // Settings that others made may not be changed.
        if (options.CreateSessionOptions is not null)
            return null;
        int? device = provider == CpuProvider ? null : options.GpuDeviceId;
        options = options with { GpuDeviceId = device, FallbackToCpu = false };
        Dictionary<string, int>? Sides(FrameSize size) => FreeSides(input.Metadata.SymbolicDimensions, size);
        // One length alone folds few shapes.
        bool open = input.Metadata.SymbolicDimensions is [_, _, { Length: > 0 }, { Length: > 0 }] && Sides(new FrameSize(1, 1)) is not null;
        bool graph = device is not null && options.Cuda.EnableCudaGraph && (open || input.Metadata.Dimensions is [_, _, > 0, > 0]);
        if (!graph && !open)
            return null;
        return size => (graph ? TryGraph(model, options, device!.Value, size, Sides(size), input, output) : null)
            ?? (open ? new SizedSession(Create(model, name, options, () => Defaults(options, Sides(size))).Session, null) : null);
    }

    // Null where a name that two sides share cannot stand for both.
    private static Dictionary<string, int>? FreeSides(string[] dimensions, FrameSize size)
    {
        if (dimensions is not [var batch, _, var rows, var columns])
            return null;
        (string Name, int Length)[] named = [.. new[] { (batch, 1), (rows, size.Height), (columns, size.Width) }.Where(side => side.Item1.Length > 0)];
        return named.DistinctBy(side => side.Name).Count() == named.Length ? named.ToDictionary(side => side.Name, side => side.Length) : null;
    }

    // It only saves time: what cannot be captured is run as usual.
    private static SizedSession? TryGraph(
        byte[] model, FastScnnSegmenterOptions options, int device, FrameSize size, Dictionary<string, int>? sides, (string Name, NodeMetadata Metadata) input, string output)
    {
        try
        {
            return new SizedSession(null, new CudaGraphSession(
                Create, device, input.Name, input.Metadata.ElementDataType, [1, 3, size.Height, size.Width], output, size.ScoresShape!));
        }
        catch (Exception e) when (e is OnnxRuntimeException or InvalidOperationException or EntryPointNotFoundException)
        {
            size.WhyNoGraph = e.Message;
            return null;
        }

        InferenceSession Create()
        {
            using SessionOptions settings = Defaults(options, sides);
            // What copies between memories comes with the provider's own library, also where the provider is built in.
            if ((CudaProvider.TryAppend(settings, device, options.Cuda, graph: true) ?? CudaProvider.TryRegister()) is { } missing)
                throw new InvalidOperationException(missing);
            return new InferenceSession(model, settings);
        }
    }

    /// <param name="options">The settings.</param>
    /// <param name="sides">Lengths of sides that the model leaves open; shapes fold where all of them are known.</param>
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
        // Smaller pieces of work, so that a thread that woke late delays the others less: 5 to 15 % on small photos.
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

    private static CreatedSession CreateOnGpu(byte[] model, int device, FastScnnSegmenterOptions options, Func<SessionOptions> baseOptions)
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
        if (!options.FallbackToCpu)
            throw Errors.GpuUnavailable(device, missing);
        return new CreatedSession(CreateOnCpu(model, baseOptions), CpuProvider, Errors.GpuUnavailableText(device, missing));
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
            throw Errors.SessionOptionsFailed(e);
        }
    }

    // The exception carries its code only in its text, "[ErrorCode:InvalidProtobuf] ...".
    private static bool BlamesModel(OnnxRuntimeException e) =>
        s_modelFaults.Any(fault => e.Message.Contains(fault, StringComparison.OrdinalIgnoreCase));
}
