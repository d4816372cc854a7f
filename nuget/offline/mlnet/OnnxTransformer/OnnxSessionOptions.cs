using System;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms.Onnx
{
    public static class OnnxSessionOptionsExtensions
    {
        private const string OnnxSessionOptionsName = "OnnxSessionOptions";

        public static OnnxSessionOptions GetOnnxSessionOption(this IHostEnvironment env)
            => Internal(env).GetOptionOrDefault<OnnxSessionOptions>(OnnxSessionOptionsName);

        public static void SetOnnxSessionOption(this IHostEnvironment env, OnnxSessionOptions onnxSessionOptions)
            => Internal(env).SetOption(OnnxSessionOptionsName, onnxSessionOptions);

        private static IHostEnvironmentInternal Internal(IHostEnvironment env)
            => env as IHostEnvironmentInternal ?? throw new ArgumentException("No Onnx Session Options");
    }

    public sealed class OnnxSessionOptions
    {
        public bool EnableMemoryPattern { get; set; } = true;

        public string ProfileOutputPathPrefix { get; set; } = "onnxruntime_profile_";

        public bool EnableProfiling { get; set; } = false;

        public string OptimizedModelFilePath { get; set; } = string.Empty;

        public bool EnableCpuMemArena { get; set; } = true;

        public bool PerSessionThreads { get; set; } = true;

        public int GlobalIntraOpNumThreads { get; set; } = 0;

        public int GlobalInterOpNumThreads { get; set; } = 0;

        public string LogId { get; set; } = string.Empty;

        public OrtLoggingLevel LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING;

        public int LogVerbosityLevel { get; set; } = 0;

        public int IntraOpNumThreads { get; set; } = 0;

        public int InterOpNumThreads { get; set; } = 0;

        public GraphOptimizationLevel GraphOptimizationLevel { get; set; } = GraphOptimizationLevel.ORT_ENABLE_ALL;

        public ExecutionMode ExecutionMode { get; set; } = ExecutionMode.ORT_SEQUENTIAL;

        public delegate SessionOptions CreateOnnxSessionOptions();

        public CreateOnnxSessionOptions CreateSessionOptions { get; set; }

        internal void CopyTo(SessionOptions sessionOptions)
        {
            sessionOptions.EnableMemoryPattern = EnableMemoryPattern;
            sessionOptions.ProfileOutputPathPrefix = ProfileOutputPathPrefix;
            sessionOptions.EnableProfiling = EnableProfiling;
            sessionOptions.OptimizedModelFilePath = OptimizedModelFilePath;
            sessionOptions.EnableCpuMemArena = EnableCpuMemArena;
            if (!PerSessionThreads)
                sessionOptions.DisablePerSessionThreads();
            sessionOptions.LogId = LogId;
            sessionOptions.LogSeverityLevel = LogSeverityLevel;
            sessionOptions.LogVerbosityLevel = LogVerbosityLevel;
            sessionOptions.InterOpNumThreads = InterOpNumThreads;
            sessionOptions.IntraOpNumThreads = IntraOpNumThreads;
            sessionOptions.GraphOptimizationLevel = GraphOptimizationLevel;
            sessionOptions.ExecutionMode = ExecutionMode;
        }
    }
}
