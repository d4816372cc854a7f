using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms.Onnx
{
    /// <summary>A tensor that goes into or comes out of a model.</summary>
    internal sealed class OnnxVariable
    {
        public OnnxVariable(string name, int[] shape, DataViewType type)
        {
            Name = name;
            Shape = shape;
            Type = type;
        }

        public string Name { get; }

        /// <summary>As the session or the caller's shape dictionary tells it; unknown dimensions are not positive.</summary>
        public int[] Shape { get; }

        public DataViewType Type { get; }
    }

    /// <summary>An ONNX Runtime session and the types of its tensors in terms of data views.</summary>
    internal sealed class OnnxModel : IDisposable
    {
        private readonly InferenceSession _session;
        private readonly byte[] _bytes;
        private readonly string _path;

        public OnnxModel(IHostEnvironment env, OnnxTransformer.Options options)
        {
            _bytes = options.ModelBytes;
            _path = options.ModelFile;
            _session = Open(env.GetOnnxSessionOption() ?? new OnnxSessionOptions(), options);
            try
            {
                Inputs = Variables(_session.InputMetadata, options.ShapeDictionary);
                Outputs = Variables(_session.OutputMetadata, options.ShapeDictionary);
            }
            catch
            {
                _session.Dispose();
                throw;
            }
        }

        public OnnxVariable[] Inputs { get; }

        public OnnxVariable[] Outputs { get; }

        public OnnxVariable Input(string name) => Find(Inputs, name, "Input");

        public OnnxVariable Output(string name) => Find(Outputs, name, "Output");

        public byte[] ReadBytes() => _bytes ?? File.ReadAllBytes(_path);

        public IDisposableReadOnlyCollection<DisposableNamedOnnxValue> Run(IReadOnlyCollection<NamedOnnxValue> inputs, IReadOnlyCollection<string> outputs)
            => _session.Run(inputs, outputs);

        public void Dispose() => _session.Dispose();

        private InferenceSession Open(OnnxSessionOptions settings, OnnxTransformer.Options options)
        {
            if (!settings.PerSessionThreads && !OrtEnv.IsCreated)
            {
                var environment = new EnvironmentCreationOptions
                {
                    threadOptions = new OrtThreadingOptions
                    {
                        GlobalInterOpNumThreads = settings.GlobalInterOpNumThreads,
                        GlobalIntraOpNumThreads = settings.GlobalIntraOpNumThreads
                    }
                };
                OrtEnv.CreateInstanceWithOptions(ref environment);
            }
            if (settings.CreateSessionOptions != null)
                return Open(settings.CreateSessionOptions());
            if (options.GpuDeviceId == null)
                return Open(new SessionOptions(), settings, options);
            try
            {
                return Open(SessionOptions.MakeSessionOptionWithCudaProvider(options.GpuDeviceId.Value), settings, options);
            }
            // As in the real one no other exception makes it fall back, so that a library without CUDA throws EntryPointNotFoundException.
            catch (OnnxRuntimeException) when (options.FallbackToCpu)
            {
                return Open(new SessionOptions(), settings, options);
            }
        }

        private InferenceSession Open(SessionOptions sessionOptions, OnnxSessionOptions settings, OnnxTransformer.Options options)
        {
            using (sessionOptions)
            {
                settings.CopyTo(sessionOptions);
                sessionOptions.InterOpNumThreads = options.InterOpNumThreads ?? settings.InterOpNumThreads;
                sessionOptions.IntraOpNumThreads = options.IntraOpNumThreads ?? settings.IntraOpNumThreads;
                return Open(sessionOptions);
            }
        }

        private InferenceSession Open(SessionOptions sessionOptions)
            => _bytes == null ? new InferenceSession(_path, sessionOptions) : new InferenceSession(_bytes, sessionOptions);

        private static OnnxVariable Find(OnnxVariable[] variables, string name, string kind)
            => Array.Find(variables, variable => variable.Name == name)
                ?? throw Contracts.ExceptParam(nameof(name), $"{kind} tensor, {name}, does not exist in the ONNX model. " +
                    $"Available names are [{string.Join(",", variables.Select(variable => variable.Name))}].");

        private static OnnxVariable[] Variables(IReadOnlyDictionary<string, NodeMetadata> metadata, IDictionary<string, int[]> shapes)
            => metadata.Select(node => Variable(node.Key, node.Value, shapes)).ToArray();

        private static OnnxVariable Variable(string name, NodeMetadata node, IDictionary<string, int[]> shapes)
        {
            if (!node.IsTensor)
                throw Contracts.ExceptNotSupp($"'{name}' is a {node.OnnxValueType}; this subset takes tensors only.");
            PrimitiveDataViewType itemType = ItemType(node.ElementDataType);
            int[] dimensions = node.Dimensions;
            if (shapes != null && shapes.TryGetValue(name, out int[] shape))
            {
                if (!AreCompatible(shape, dimensions))
                {
                    throw Contracts.ExceptParam("shapeDictionary",
                        "The specified shape " + string.Join(",", shape) + " is not compatible with the shape " + string.Join(",", dimensions) +
                        " loaded from the ONNX model file. Only unknown dimension can replace or be replaced by another dimension.");
                }
                if (dimensions.Length == 0)
                    return new OnnxVariable(name, shape, itemType);
                return new OnnxVariable(name, shape,
                    shape.All(size => size > 0) ? new VectorDataViewType(itemType, shape) : new VectorDataViewType(itemType));
            }
            if (dimensions.Length == 0)
                return new OnnxVariable(name, dimensions, itemType);

            // The first dimension is the batch, of which a row is one.
            int[] rowShape = dimensions.Select((size, i) => i == 0 && size <= 0 ? 1 : size).ToArray();
            return new OnnxVariable(name, dimensions,
                rowShape.All(size => size > 0) ? new VectorDataViewType(itemType, rowShape) : new VectorDataViewType(itemType));
        }

        private static bool AreCompatible(int[] left, int[] right)
            => left.Length == right.Length && left.Zip(right).All(pair => pair.First == pair.Second || pair.First <= 0 || pair.Second <= 0);

        private static PrimitiveDataViewType ItemType(OnnxRuntime.Tensors.TensorElementType type) => type switch
        {
            OnnxRuntime.Tensors.TensorElementType.Bool => BooleanDataViewType.Instance,
            OnnxRuntime.Tensors.TensorElementType.Int8 => NumberDataViewType.SByte,
            OnnxRuntime.Tensors.TensorElementType.UInt8 => NumberDataViewType.Byte,
            OnnxRuntime.Tensors.TensorElementType.Int16 => NumberDataViewType.Int16,
            OnnxRuntime.Tensors.TensorElementType.UInt16 => NumberDataViewType.UInt16,
            OnnxRuntime.Tensors.TensorElementType.Int32 => NumberDataViewType.Int32,
            OnnxRuntime.Tensors.TensorElementType.UInt32 => NumberDataViewType.UInt32,
            OnnxRuntime.Tensors.TensorElementType.Int64 => NumberDataViewType.Int64,
            OnnxRuntime.Tensors.TensorElementType.UInt64 => NumberDataViewType.UInt64,
            OnnxRuntime.Tensors.TensorElementType.Float => NumberDataViewType.Single,
            OnnxRuntime.Tensors.TensorElementType.Double => NumberDataViewType.Double,
            OnnxRuntime.Tensors.TensorElementType.String => TextDataViewType.Instance,
            _ => throw Contracts.Except("Unsupported ONNX scalar type: " + type)
        };
    }
}
