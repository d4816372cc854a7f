using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using FastScnn.ML.Scoring;
using FastScnn.ML.Transforms;
using Microsoft.ML;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Onnx;

namespace FastScnn.ML.Catalog;

/// <summary>What the user set on the <see cref="MLContext"/>. ML.NET shows most of it only to its own
/// assemblies.</summary>
internal static class ContextSettings
{
    private const string InternalEnvironment = "Microsoft.ML.Runtime.IHostEnvironmentInternal";

    /// <summary>The environment that a catalog belongs to.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "Microsoft.ML.Data.IInternalCatalog.get_Environment")]
    public static extern IHostEnvironment GetEnvironment(TransformsCatalog catalog);

    /// <summary>Loads a model with the context's GPU and ONNX Runtime settings and logs what it runs on.</summary>
    public static FastScnnSegmenter CreateSegmenter(
        IHostEnvironment environment, byte[] model, string name, FastScnnSegmenterOptions options)
    {
        (FastScnnSegmenterOptions merged, Func<SessionOptions>? baseOptions) = Merge(environment, options);
        FastScnnSegmenter segmenter = FastScnnSegmenter.Create(model, name, merged, baseOptions);
        try
        {
            using IChannel channel = environment.Register(FastScnnSegmentationEstimator.Name).Start("Load");
            if (segmenter.FallbackReason is { } reason)
                channel.Warning(MessageSensitivity.None, reason);
            channel.Info(MessageSensitivity.UserData,
                FormattableString.Invariant(
                    $"'{name}', a model of {segmenter.Classes.Count} classes, runs on {segmenter.ActiveProvider}."));
            return segmenter;
        }
        catch
        {
            // A log handler is the user's code and may throw.
            segmenter.Dispose();
            throw;
        }
    }

    /// <summary>The options with what the context adds to them, and what makes the session options that a provider is
    /// put into (null for ours).</summary>
    public static (FastScnnSegmenterOptions Options, Func<SessionOptions>? BaseOptions) Merge(
        IHostEnvironment environment, FastScnnSegmenterOptions options)
    {
        if (options.ExecutionProviders.Count == 0)
        {
            (int? device, bool fallback) = Gpu(environment, options.GpuDeviceId, options.FallbackToCpu);
            options = options with { GpuDeviceId = device, FallbackToCpu = fallback };
        }
        if (options.CreateSessionOptions is not null || environment.GetOnnxSessionOption() is not { } session)
            return (options, null);
        return session.CreateSessionOptions is { } create
            ? (options with { CreateSessionOptions = () => create() }, null)
            : (options, () => OnnxSessionSettings.Create(session, options.IntraOpThreads));
    }

    /// <summary>The device to run on and what to do without it: the caller's own setting, or else the
    /// context's.</summary>
    public static (int? Device, bool FallbackToCpu) Gpu(IHostEnvironment environment, int? device, bool fallbackToCpu)
    {
        // As in ML.NET's own transforms, the context's fallback setting goes with the context's device.
        return device is null && Read<int?>(environment, "GpuDeviceId") is { } shared
            ? (shared, Read<bool>(environment, "FallbackToCpu"))
            : (device, fallbackToCpu);
    }

    /// <summary>Where files may lie that are deleted later.</summary>
    public static string TempFolder(IHostEnvironment environment) =>
        Read<string>(environment, "TempFilePath") ?? Path.GetTempPath();

    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "Pipelines need ML.NET whole.")]
    private static T? Read<T>(IHostEnvironment environment, string property) =>
        (T?)environment.GetType().GetInterface(InternalEnvironment)?.GetProperty(property)?.GetValue(environment);
}

/// <summary>Turns the settings of <c>mlContext.SetOnnxSessionOption</c> into session options, with the meaning they
/// have for <c>ApplyOnnxModel</c>.</summary>
internal static class OnnxSessionSettings
{
    public static SessionOptions Create(OnnxSessionOptions settings, int intraOpThreads)
    {
        if (!settings.PerSessionThreads && !OrtEnv.IsCreated)
            CreateGlobalThreads(settings);
        var options = new SessionOptions
        {
            EnableMemoryPattern = settings.EnableMemoryPattern,
            ProfileOutputPathPrefix = settings.ProfileOutputPathPrefix,
            EnableProfiling = settings.EnableProfiling,
            OptimizedModelFilePath = settings.OptimizedModelFilePath,
            EnableCpuMemArena = settings.EnableCpuMemArena,
            LogId = settings.LogId,
            LogSeverityLevel = settings.LogSeverityLevel,
            LogVerbosityLevel = settings.LogVerbosityLevel,
            InterOpNumThreads = settings.InterOpNumThreads,
            IntraOpNumThreads = intraOpThreads > 0 ? intraOpThreads : settings.IntraOpNumThreads,
            GraphOptimizationLevel = settings.GraphOptimizationLevel,
            ExecutionMode = settings.ExecutionMode,
        };
        if (!settings.PerSessionThreads)
            options.DisablePerSessionThreads();
        return options;
    }

    private static void CreateGlobalThreads(OnnxSessionOptions settings)
    {
        using var threads = new OrtThreadingOptions
        {
            GlobalInterOpNumThreads = settings.GlobalInterOpNumThreads,
            GlobalIntraOpNumThreads = settings.GlobalIntraOpNumThreads,
        };
        var creation = new EnvironmentCreationOptions { threadOptions = threads };
        // The instance is the process-wide one.
        OrtEnv.CreateInstanceWithOptions(ref creation);
    }
}
