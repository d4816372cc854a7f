using System.Collections.Generic;
using System.IO;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Onnx;

namespace Microsoft.ML
{
    public static class OnnxCatalog
    {
        public static OnnxScoringEstimator ApplyOnnxModel(this TransformsCatalog catalog, string modelFile, int? gpuDeviceId = null, bool fallbackToCpu = false)
            => Create(catalog, gpuDeviceId, fallbackToCpu, new OnnxTransformer.Options { ModelFile = modelFile });

        public static OnnxScoringEstimator ApplyOnnxModel(this TransformsCatalog catalog, Stream modelBytes, int? gpuDeviceId = null, bool fallbackToCpu = false)
            => Create(catalog, gpuDeviceId, fallbackToCpu, new OnnxTransformer.Options { ModelBytes = ReadAll(modelBytes) });

        public static OnnxScoringEstimator ApplyOnnxModel(this TransformsCatalog catalog, string modelFile, IDictionary<string, int[]> shapeDictionary, int? gpuDeviceId = null, bool fallbackToCpu = false)
            => Create(catalog, gpuDeviceId, fallbackToCpu, new OnnxTransformer.Options { ModelFile = modelFile, ShapeDictionary = shapeDictionary });

        public static OnnxScoringEstimator ApplyOnnxModel(this TransformsCatalog catalog, Stream modelBytes, IDictionary<string, int[]> shapeDictionary, int? gpuDeviceId = null, bool fallbackToCpu = false)
            => Create(catalog, gpuDeviceId, fallbackToCpu, new OnnxTransformer.Options { ModelBytes = ReadAll(modelBytes), ShapeDictionary = shapeDictionary });

        public static OnnxScoringEstimator ApplyOnnxModel(this TransformsCatalog catalog, string outputColumnName, string inputColumnName, string modelFile, int? gpuDeviceId = null, bool fallbackToCpu = false)
            => Create(catalog, gpuDeviceId, fallbackToCpu, new OnnxTransformer.Options { ModelFile = modelFile, OutputColumns = new[] { outputColumnName }, InputColumns = new[] { inputColumnName } });

        public static OnnxScoringEstimator ApplyOnnxModel(this TransformsCatalog catalog, string outputColumnName, string inputColumnName, Stream modelBytes, int? gpuDeviceId = null, bool fallbackToCpu = false)
            => Create(catalog, gpuDeviceId, fallbackToCpu, new OnnxTransformer.Options { ModelBytes = ReadAll(modelBytes), OutputColumns = new[] { outputColumnName }, InputColumns = new[] { inputColumnName } });

        public static OnnxScoringEstimator ApplyOnnxModel(this TransformsCatalog catalog, OnnxOptions options)
            => Create(catalog, options.GpuDeviceId, options.FallbackToCpu, new OnnxTransformer.Options
            {
                ModelFile = options.ModelFile,
                OutputColumns = options.OutputColumns,
                InputColumns = options.InputColumns,
                ShapeDictionary = options.ShapeDictionary,
                RecursionLimit = options.RecursionLimit,
                InterOpNumThreads = options.InterOpNumThreads,
                IntraOpNumThreads = options.IntraOpNumThreads
            });

        public static OnnxScoringEstimator ApplyOnnxModel(this TransformsCatalog catalog, string outputColumnName, string inputColumnName, string modelFile, IDictionary<string, int[]> shapeDictionary, int? gpuDeviceId = null, bool fallbackToCpu = false)
            => Create(catalog, gpuDeviceId, fallbackToCpu, new OnnxTransformer.Options { ModelFile = modelFile, OutputColumns = new[] { outputColumnName }, InputColumns = new[] { inputColumnName }, ShapeDictionary = shapeDictionary });

        public static OnnxScoringEstimator ApplyOnnxModel(this TransformsCatalog catalog, string outputColumnName, string inputColumnName, Stream modelBytes, IDictionary<string, int[]> shapeDictionary, int? gpuDeviceId = null, bool fallbackToCpu = false)
            => Create(catalog, gpuDeviceId, fallbackToCpu, new OnnxTransformer.Options { ModelBytes = ReadAll(modelBytes), OutputColumns = new[] { outputColumnName }, InputColumns = new[] { inputColumnName }, ShapeDictionary = shapeDictionary });

        public static OnnxScoringEstimator ApplyOnnxModel(this TransformsCatalog catalog, string[] outputColumnNames, string[] inputColumnNames, string modelFile, int? gpuDeviceId = null, bool fallbackToCpu = false)
            => Create(catalog, gpuDeviceId, fallbackToCpu, new OnnxTransformer.Options { ModelFile = modelFile, OutputColumns = outputColumnNames, InputColumns = inputColumnNames });

        public static OnnxScoringEstimator ApplyOnnxModel(this TransformsCatalog catalog, string[] outputColumnNames, string[] inputColumnNames, Stream modelBytes, int? gpuDeviceId = null, bool fallbackToCpu = false)
            => Create(catalog, gpuDeviceId, fallbackToCpu, new OnnxTransformer.Options { ModelBytes = ReadAll(modelBytes), OutputColumns = outputColumnNames, InputColumns = inputColumnNames });

        public static OnnxScoringEstimator ApplyOnnxModel(this TransformsCatalog catalog, string[] outputColumnNames, string[] inputColumnNames, string modelFile, IDictionary<string, int[]> shapeDictionary, int? gpuDeviceId = null, bool fallbackToCpu = false)
            => Create(catalog, gpuDeviceId, fallbackToCpu, new OnnxTransformer.Options { ModelFile = modelFile, OutputColumns = outputColumnNames, InputColumns = inputColumnNames, ShapeDictionary = shapeDictionary });

        public static OnnxScoringEstimator ApplyOnnxModel(this TransformsCatalog catalog, string[] outputColumnNames, string[] inputColumnNames, Stream modelBytes, IDictionary<string, int[]> shapeDictionary, int? gpuDeviceId = null, bool fallbackToCpu = false)
            => Create(catalog, gpuDeviceId, fallbackToCpu, new OnnxTransformer.Options { ModelBytes = ReadAll(modelBytes), OutputColumns = outputColumnNames, InputColumns = inputColumnNames, ShapeDictionary = shapeDictionary });

        public static OnnxScoringEstimator ApplyOnnxModel(this TransformsCatalog catalog, string[] outputColumnNames, string[] inputColumnNames, string modelFile, IDictionary<string, int[]> shapeDictionary, int? gpuDeviceId = null, bool fallbackToCpu = false, int recursionLimit = 100)
            => Create(catalog, gpuDeviceId, fallbackToCpu, new OnnxTransformer.Options { ModelFile = modelFile, OutputColumns = outputColumnNames, InputColumns = inputColumnNames, ShapeDictionary = shapeDictionary, RecursionLimit = recursionLimit });

        public static OnnxScoringEstimator ApplyOnnxModel(this TransformsCatalog catalog, string[] outputColumnNames, string[] inputColumnNames, Stream modelBytes, IDictionary<string, int[]> shapeDictionary, int? gpuDeviceId = null, bool fallbackToCpu = false, int recursionLimit = 100)
            => Create(catalog, gpuDeviceId, fallbackToCpu, new OnnxTransformer.Options { ModelBytes = ReadAll(modelBytes), OutputColumns = outputColumnNames, InputColumns = inputColumnNames, ShapeDictionary = shapeDictionary, RecursionLimit = recursionLimit });

        private static OnnxScoringEstimator Create(TransformsCatalog catalog, int? gpuDeviceId, bool fallbackToCpu, OnnxTransformer.Options options)
        {
            IHostEnvironment env = CatalogUtils.GetEnvironment(catalog);
            options.GpuDeviceId = gpuDeviceId;
            options.FallbackToCpu = fallbackToCpu;
            // The context's fallback counts only together with the context's device.
            if (gpuDeviceId == null && env is IHostEnvironmentInternal environment && environment.GpuDeviceId != null)
            {
                options.GpuDeviceId = environment.GpuDeviceId;
                options.FallbackToCpu = environment.FallbackToCpu;
            }
            return new OnnxScoringEstimator(env, options);
        }

        private static byte[] ReadAll(Stream stream)
        {
            if (stream == null)
                return null;
            using var content = new MemoryStream();
            stream.Seek(0, SeekOrigin.Begin);
            stream.CopyTo(content);
            return content.ToArray();
        }
    }
}
