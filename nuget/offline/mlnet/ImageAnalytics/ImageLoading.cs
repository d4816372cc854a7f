using System;
using System.IO;
using System.Linq;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Image;

[assembly: LoadableClass(typeof(ImageLoadingTransformer), null, typeof(SignatureLoadModel), "", ImageLoadingTransformer.LoaderSignature)]

namespace Microsoft.ML.Data
{
    public sealed class ImageLoadingTransformer : OneToOneTransformerBase
    {
        internal const string LoaderSignature = "ImageLoaderTransform";

        public readonly string ImageFolder;

        internal ImageLoadingTransformer(IHostEnvironment env, string imageFolder, params (string outputColumnName, string inputColumnName)[] columns)
            : base(Contracts.CheckRef(env, nameof(env)).Register(nameof(ImageLoadingTransformer)), columns)
        {
            if (string.IsNullOrEmpty(imageFolder))
                return;
            if (!Directory.Exists(imageFolder))
                throw new ArgumentException($"Directory \"{imageFolder}\" does not exist.");
            ImageFolder = Path.GetFullPath(imageFolder);
        }

        private ImageLoadingTransformer(IHost host, ModelLoadContext ctx)
            : base(host, ctx)
        {
            ImageFolder = ctx.LoadStringOrNull();
            Host.CheckDecode(ctx.Reader.ReadBoolean(), "This subset loads images only, not their raw bytes.");
        }

        private static ImageLoadingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
        {
            Contracts.CheckValue(env, nameof(env));
            env.CheckValue(ctx, nameof(ctx));
            ctx.CheckAtModel(GetVersionInfo());
            return new ImageLoadingTransformer(env.Register(nameof(ImageLoadingTransformer)), ctx);
        }

        private static VersionInfo GetVersionInfo() => new VersionInfo(
            modelSignature: "IMGLOADR",
            verWrittenCur: 0x00010003,
            verReadableCur: 0x00010003,
            verWeCanReadBack: 0x00010003,
            loaderSignature: LoaderSignature,
            loaderAssemblyName: typeof(ImageLoadingTransformer).Assembly.FullName);

        private protected override void SaveModel(ModelSaveContext ctx)
        {
            Host.CheckValue(ctx, nameof(ctx));
            ctx.CheckAtModel();
            ctx.SetVersionInfo(GetVersionInfo());
            SaveColumns(ctx);
            ctx.SaveStringOrNull(ImageFolder);
            ctx.Writer.Write(true);
        }

        private protected override void CheckInputColumn(DataViewSchema inputSchema, int col, int srcCol)
        {
            if (!(inputSchema[srcCol].Type is TextDataViewType))
                throw Host.ExceptSchemaMismatch(nameof(inputSchema), "input", ColumnPairs[col].inputColumnName, TextDataViewType.Instance.ToString(), inputSchema[srcCol].Type.ToString());
        }

        private protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

        private sealed class Mapper : OneToOneMapperBase
        {
            private readonly ImageLoadingTransformer _parent;

            public Mapper(ImageLoadingTransformer parent, DataViewSchema inputSchema)
                : base(parent.Host.Register(nameof(Mapper)), parent, inputSchema)
            {
                _parent = parent;
            }

            protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore()
                => _parent.ColumnPairs.Select(pair => new DataViewSchema.DetachedColumn(pair.outputColumnName, new ImageDataViewType(), null)).ToArray();

            protected override Delegate MakeGetter(DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action disposer)
            {
                MLImage lastImage = null;
                disposer = () =>
                {
                    lastImage?.Dispose();
                    lastImage = null;
                };

                ValueGetter<ReadOnlyMemory<char>> getSource = input.GetGetter<ReadOnlyMemory<char>>(input.Schema[ColMapNewToOld[iinfo]]);
                ReadOnlyMemory<char> source = default;
                ValueGetter<MLImage> getter = (ref MLImage image) =>
                {
                    image?.Dispose();
                    image = null;
                    getSource(ref source);
                    if (source.Length > 0)
                        image = Load(source.ToString());
                    lastImage = image;
                };
                return getter;
            }

            private MLImage Load(string path)
            {
                if (!string.IsNullOrWhiteSpace(_parent.ImageFolder))
                    path = Path.Combine(_parent.ImageFolder, path);
                using var content = new MemoryStream(File.ReadAllBytes(path));
                MLImage image = MLImage.CreateFromStream(content);
                image.Tag = path;
                return image;
            }
        }
    }

    public sealed class ImageLoadingEstimator : TrivialEstimator<ImageLoadingTransformer>
    {
        internal ImageLoadingEstimator(IHostEnvironment env, string imageFolder, params (string outputColumnName, string inputColumnName)[] columns)
            : base(Contracts.CheckRef(env, nameof(env)).Register(nameof(ImageLoadingEstimator)), new ImageLoadingTransformer(env, imageFolder, columns))
        {
        }

        public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
        {
            Host.CheckValue(inputSchema, nameof(inputSchema));
            var result = inputSchema.ToDictionary(column => column.Name);
            foreach ((string outputColumnName, string inputColumnName) in Transformer.ColumnPairs)
            {
                if (!inputSchema.TryFindColumn(inputColumnName, out SchemaShape.Column column))
                    throw Host.ExceptSchemaMismatch(nameof(inputSchema), "input", inputColumnName);
                if (!(column.ItemType is TextDataViewType) || column.Kind != SchemaShape.Column.VectorKind.Scalar)
                    throw Host.ExceptSchemaMismatch(nameof(inputSchema), "input", inputColumnName, TextDataViewType.Instance.ToString(), column.GetTypeString());
                result[outputColumnName] = new SchemaShape.Column(outputColumnName, SchemaShape.Column.VectorKind.Scalar, new ImageDataViewType(), false);
            }
            return new SchemaShape(result.Values);
        }
    }
}
