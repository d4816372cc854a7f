using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Onnx;

[assembly: LoadableClass(typeof(OnnxTransformer), null, typeof(SignatureLoadModel), "ONNX Scoring Transform", OnnxTransformer.LoaderSignature)]

namespace Microsoft.ML.Transforms.Onnx
{
    public sealed class OnnxTransformer : RowToRowTransformerBase, IDisposable
    {
        internal const string LoaderSignature = "OnnxTransform";

        internal readonly OnnxModel Model;

        private readonly Options _options;
        private bool _isDisposed;

        internal OnnxTransformer(IHostEnvironment env, Options options)
            : base(Contracts.CheckRef(env, nameof(env)).Register(nameof(OnnxTransformer)))
        {
            foreach (string column in options.InputColumns)
                Host.CheckNonWhiteSpace(column, nameof(options.InputColumns));
            foreach (string column in options.OutputColumns)
                Host.CheckNonWhiteSpace(column, nameof(options.OutputColumns));
            if (options.ModelBytes == null)
            {
                Host.CheckNonWhiteSpace(options.ModelFile, nameof(options.ModelFile));
                if (!File.Exists(options.ModelFile))
                    throw Host.Process(new IOException($"Model file {options.ModelFile} does not exists."));
            }
            try
            {
                // Session options stand in the environment itself; a host that is registered with it does not see them.
                Model = new OnnxModel(env, options);
            }
            catch (OnnxRuntimeException e)
            {
                throw Host.Except(e, $"Error initializing model :{e}");
            }
            _options = options;
            Inputs = options.InputColumns.Length == 0 ? Model.Inputs.Select(input => input.Name).ToArray() : options.InputColumns;
            Outputs = options.OutputColumns.Length == 0 ? Model.Outputs.Select(output => output.Name).ToArray() : options.OutputColumns;
            OutputTypes = Outputs.Select(name => Model.Output(name).Type).ToArray();
        }

        internal string[] Inputs { get; }

        internal string[] Outputs { get; }

        internal DataViewType[] OutputTypes { get; }

        public void Dispose()
        {
            if (_isDisposed)
                return;
            Model.Dispose();
            _isDisposed = true;
        }

        private static OnnxTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
        {
            Contracts.CheckValue(env, nameof(env));
            env.CheckValue(ctx, nameof(ctx));
            ctx.CheckAtModel(GetVersionInfo());

            var options = new Options();
            int length = -1;
            if (!ctx.TryLoadBinaryStream("OnnxModel", reader => options.ModelBytes = reader.ReadBytes(length = reader.ReadInt32())) || options.ModelBytes.Length != length)
                throw env.ExceptDecode("The saved model holds no whole ONNX model.");
            options.InputColumns = ReadNames(env, ctx);
            options.OutputColumns = ReadNames(env, ctx);
            int shapeCount = ctx.Reader.ReadInt32();
            for (int i = 0; i < shapeCount; i++)
            {
                options.ShapeDictionary ??= new Dictionary<string, int[]>();
                string name = ctx.LoadNonEmptyString();
                int[] shape = new int[ctx.Reader.ReadInt32()];
                for (int k = 0; k < shape.Length; k++)
                    shape[k] = ctx.Reader.ReadInt32();
                options.ShapeDictionary[name] = shape;
            }
            options.RecursionLimit = ctx.Reader.ReadInt32();

            // The GPU is a matter of the machine that loads, so it is not saved.
            if (env is IHostEnvironmentInternal environment)
            {
                options.GpuDeviceId = environment.GpuDeviceId;
                options.FallbackToCpu = environment.FallbackToCpu;
            }
            return new OnnxTransformer(env, options);
        }

        private static string[] ReadNames(IHostEnvironment env, ModelLoadContext ctx)
        {
            int count = ctx.Reader.ReadInt32();
            env.CheckDecode(count > 0);
            return Enumerable.Range(0, count).Select(_ => ctx.LoadNonEmptyString()).ToArray();
        }

        private static VersionInfo GetVersionInfo() => new VersionInfo(
            modelSignature: "ONNXSCOR",
            verWrittenCur: 0x00010003,
            verReadableCur: 0x00010003,
            verWeCanReadBack: 0x00010003,
            loaderSignature: LoaderSignature,
            loaderAssemblyName: typeof(OnnxTransformer).Assembly.FullName);

        private protected override void SaveModel(ModelSaveContext ctx)
        {
            Host.CheckValue(ctx, nameof(ctx));
            ctx.CheckAtModel();
            ctx.SetVersionInfo(GetVersionInfo());
            ctx.SaveBinaryStream("OnnxModel", writer =>
            {
                byte[] bytes = Model.ReadBytes();
                writer.Write(bytes.Length);
                writer.Write(bytes);
            });
            foreach (string[] names in new[] { Inputs, Outputs })
            {
                ctx.Writer.Write(names.Length);
                foreach (string name in names)
                    ctx.SaveNonEmptyString(name);
            }
            ctx.Writer.Write(_options.ShapeDictionary?.Count ?? 0);
            foreach ((string name, int[] shape) in _options.ShapeDictionary ?? new Dictionary<string, int[]>())
            {
                ctx.SaveNonEmptyString(name);
                ctx.Writer.Write(shape.Length);
                foreach (int size in shape)
                    ctx.Writer.Write(size);
            }
            ctx.Writer.Write(_options.RecursionLimit);
        }

        private protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

        internal sealed class Options
        {
            public string ModelFile;
            public byte[] ModelBytes;
            public string[] InputColumns = Array.Empty<string>();
            public string[] OutputColumns = Array.Empty<string>();
            public int? GpuDeviceId;
            public bool FallbackToCpu;
            public IDictionary<string, int[]> ShapeDictionary;
            public int RecursionLimit = 100;
            public int? InterOpNumThreads;
            public int? IntraOpNumThreads;
        }

        private sealed class Mapper : MapperBase
        {
            private const string OutputSuffix = ".output";

            private readonly OnnxTransformer _parent;
            private readonly DataViewSchema.Column[] _inputs;
            private readonly int[][] _shapes;

            public Mapper(OnnxTransformer parent, DataViewSchema inputSchema)
                : base(parent.Host.Register(nameof(Mapper)), inputSchema, parent)
            {
                _parent = parent;
                _inputs = new DataViewSchema.Column[parent.Inputs.Length];
                _shapes = new int[_inputs.Length][];
                for (int i = 0; i < _inputs.Length; i++)
                {
                    OnnxVariable variable = parent.Model.Input(parent.Inputs[i]);
                    _shapes[i] = RowShape(variable.Shape);
                    if (_shapes[i].Count(size => size == 0) > 1)
                        throw new ArgumentOutOfRangeException(variable.Name, "Only 1 unknown dimension is allowed");
                    _inputs[i] = inputSchema.GetColumnOrNull(variable.Name) ?? throw Host.ExceptSchemaMismatch(nameof(inputSchema), "input", variable.Name);
                    CheckInput(variable, _shapes[i], _inputs[i].Type);
                }
            }

            protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore()
                => _parent.Outputs.Select((name, i) => new DataViewSchema.DetachedColumn(
                    name.EndsWith(OutputSuffix, StringComparison.Ordinal) ? name.Replace(OutputSuffix, "") : name, _parent.OutputTypes[i], null)).ToArray();

            private protected override Func<int, bool> GetDependenciesCore(Func<int, bool> activeOutput)
            {
                bool isActive = Enumerable.Range(0, _parent.Outputs.Length).Any(activeOutput);
                return column => isActive && _inputs.Any(input => input.Index == column);
            }

            private protected override void SaveModel(ModelSaveContext ctx) => _parent.SaveModel(ctx);

            public override Delegate[] CreateGetters(DataViewRow input, Func<int, bool> activeOutput, out Action disposer)
            {
                string[] active = _parent.Outputs.Where((_, i) => activeOutput(i)).ToArray();
                var run = new RowRun(_parent.Model, input, _inputs, _shapes, active);
                disposer = run.Dispose;
                return _parent.Outputs.Select((name, i) => activeOutput(i) ? OnnxGetters.Output(run, name, _parent.OutputTypes[i]) : null).ToArray();
            }

            protected override Delegate MakeGetter(DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action disposer)
                => throw new NotSupportedException("All getters of a row share one run and are made by CreateGetters.");

            private void CheckInput(OnnxVariable variable, int[] shape, DataViewType type)
            {
                DataViewType itemType = type.GetItemType(), expected = variable.Type.GetItemType();
                bool isKeyOfSameType = itemType is KeyDataViewType && itemType.RawType == expected.RawType;
                if (itemType != expected && !isKeyOfSameType)
                    throw Host.ExceptSchemaMismatch("inputSchema", "input", variable.Name, expected.ToString(), type.ToString());
                if (shape.Contains(0))
                    return;
                int count = type.GetValueCount();
                if (count % shape.Aggregate((x, y) => x * y) != 0)
                {
                    throw Contracts.Except(
                        $"Input shape mismatch: Input '{variable.Name}' has shape {string.Join(",", shape)}, but input data is of length {count}.");
                }
            }

            // An unknown first dimension is 1, another is 0 until the length of a row tells it.
            private static int[] RowShape(int[] shape) => shape.Length == 0
                ? new[] { 1 }
                : shape.Select((size, i) => i == 0 && size < 0 ? 1 : Math.Max(size, 0)).ToArray();
        }
    }
}
