using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Transforms.Onnx;

namespace FastScnn.ML;

/// <summary>Turns the settings of <c>mlContext.SetOnnxSessionOption</c> into session options, with the meaning they have for <c>ApplyOnnxModel</c>.</summary>
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
