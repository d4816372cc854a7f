using System;
using System.Linq;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Image;

[assembly: LoadableClass(typeof(ImageResizingTransformer), null, typeof(SignatureLoadModel),
    "Image Resizer Transform", ImageResizingTransformer.LoaderSignature)]

namespace Microsoft.ML.Transforms.Image
{
    public sealed class ImageResizingTransformer : OneToOneTransformerBase
    {
        internal const string LoaderSignature = "ImageScalerTransform";
        private const string RegistrationName = "ImageScaler";

        private readonly ImageResizingEstimator.ColumnOptions[] _columns;

        internal ImageResizingTransformer(IHostEnvironment env, params ImageResizingEstimator.ColumnOptions[] columns)
            : base(Contracts.CheckRef(env, nameof(env)).Register(RegistrationName), columns.Select(column => (column.Name, column.InputColumnName)).ToArray())
        {
            _columns = columns;
        }

        private ImageResizingTransformer(IHost host, ModelLoadContext ctx)
            : base(host, ctx)
        {
            _columns = new ImageResizingEstimator.ColumnOptions[ColumnPairs.Length];
            for (int i = 0; i < _columns.Length; i++)
            {
                int width = ctx.Reader.ReadInt32();
                int height = ctx.Reader.ReadInt32();
                var resizing = (ImageResizingEstimator.ResizingKind)ctx.Reader.ReadByte();
                var anchor = (ImageResizingEstimator.Anchor)ctx.Reader.ReadByte();
                Host.CheckDecode(width > 0 && height > 0 && Enum.IsDefined(resizing) && Enum.IsDefined(anchor));
                _columns[i] = new ImageResizingEstimator.ColumnOptions(ColumnPairs[i].outputColumnName, width, height, ColumnPairs[i].inputColumnName, resizing, anchor);
            }
        }

        internal ImageResizingEstimator.ColumnOptions[] Columns => _columns;

        private static ImageResizingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
        {
            Contracts.CheckValue(env, nameof(env));
            IHost host = env.Register(RegistrationName);
            host.CheckValue(ctx, nameof(ctx));
            ctx.CheckAtModel(GetVersionInfo());
            return new ImageResizingTransformer(host, ctx);
        }

        private static VersionInfo GetVersionInfo() => new VersionInfo(
            modelSignature: "IMGSCALF",
            verWrittenCur: 0x00010003,
            verReadableCur: 0x00010003,
            verWeCanReadBack: 0x00010003,
            loaderSignature: LoaderSignature,
            loaderAssemblyName: typeof(ImageResizingTransformer).Assembly.FullName);

        private protected override void SaveModel(ModelSaveContext ctx)
        {
            Host.CheckValue(ctx, nameof(ctx));
            ctx.CheckAtModel();
            ctx.SetVersionInfo(GetVersionInfo());
            SaveColumns(ctx);
            foreach (ImageResizingEstimator.ColumnOptions column in _columns)
            {
                ctx.Writer.Write(column.ImageWidth);
                ctx.Writer.Write(column.ImageHeight);
                ctx.Writer.Write((byte)column.Resizing);
                ctx.Writer.Write((byte)column.Anchor);
            }
        }

        private protected override void CheckInputColumn(DataViewSchema inputSchema, int col, int srcCol)
        {
            if (!(inputSchema[srcCol].Type is ImageDataViewType))
                throw Host.ExceptSchemaMismatch(nameof(inputSchema), "input", _columns[col].InputColumnName, "image", inputSchema[srcCol].Type.ToString());
        }

        private protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

        private sealed class Mapper : OneToOneMapperBase
        {
            private readonly ImageResizingTransformer _parent;

            public Mapper(ImageResizingTransformer parent, DataViewSchema inputSchema)
                : base(parent.Host.Register(nameof(Mapper)), parent, inputSchema)
            {
                _parent = parent;
            }

            protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore()
                => _parent._columns.Select(column => new DataViewSchema.DetachedColumn(column.Name, column.Type, null)).ToArray();

            protected override Delegate MakeGetter(DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action disposer)
            {
                MLImage source = null;
                disposer = () => source = null;
                ImageResizingEstimator.ColumnOptions column = _parent._columns[iinfo];
                ImageResizeMode mode = Mode(column);
                ValueGetter<MLImage> getSource = input.GetGetter<MLImage>(input.Schema[ColMapNewToOld[iinfo]]);
                ValueGetter<MLImage> getter = (ref MLImage image) =>
                {
                    image?.Dispose();
                    getSource(ref source);
                    if (source == null || source.Height <= 0 || source.Width <= 0)
                        return;
                    // An image that has the size already is handed on, not copied: who disposes one disposes the other.
                    if (source.Height == column.ImageHeight && source.Width == column.ImageWidth)
                    {
                        image = source;
                        return;
                    }
                    image = source.CloneWithResizing(column.ImageWidth, column.ImageHeight, mode);
                    image.Tag = source.Tag;
                };
                return getter;
            }

            private static ImageResizeMode Mode(ImageResizingEstimator.ColumnOptions column) => column.Resizing switch
            {
                ImageResizingEstimator.ResizingKind.IsoPad => ImageResizeMode.Pad,
                ImageResizingEstimator.ResizingKind.Fill => ImageResizeMode.Fill,
                _ => column.Anchor switch
                {
                    ImageResizingEstimator.Anchor.Top => ImageResizeMode.CropAnchorTop,
                    ImageResizingEstimator.Anchor.Bottom => ImageResizeMode.CropAnchorBottom,
                    ImageResizingEstimator.Anchor.Left => ImageResizeMode.CropAnchorLeft,
                    ImageResizingEstimator.Anchor.Right => ImageResizeMode.CropAnchorRight,
                    _ => ImageResizeMode.CropAnchorCentral
                }
            };
        }
    }

    public sealed class ImageResizingEstimator : TrivialEstimator<ImageResizingTransformer>
    {
        public enum ResizingKind : byte
        {
            IsoPad = 0,
            IsoCrop = 1,
            Fill = 2
        }

        public enum Anchor : byte
        {
            Right = 0,
            Left = 1,
            Top = 2,
            Bottom = 3,
            Center = 4
        }

        internal ImageResizingEstimator(IHostEnvironment env, params ColumnOptions[] columns)
            : base(Contracts.CheckRef(env, nameof(env)).Register(nameof(ImageResizingEstimator)), new ImageResizingTransformer(env, columns))
        {
        }

        public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
        {
            Host.CheckValue(inputSchema, nameof(inputSchema));
            var result = inputSchema.ToDictionary(column => column.Name);
            foreach (ColumnOptions options in Transformer.Columns)
            {
                ImageShapes.CheckImageInput(Host, inputSchema, options.InputColumnName);
                result[options.Name] = new SchemaShape.Column(options.Name, SchemaShape.Column.VectorKind.Scalar, options.Type, false);
            }
            return new SchemaShape(result.Values);
        }

        internal sealed class ColumnOptions
        {
            public readonly string Name;
            public readonly string InputColumnName;
            public readonly int ImageWidth;
            public readonly int ImageHeight;
            public readonly ResizingKind Resizing;
            public readonly Anchor Anchor;
            public readonly DataViewType Type;

            public ColumnOptions(string name, int imageWidth, int imageHeight, string inputColumnName, ResizingKind resizing, Anchor anchor)
            {
                Contracts.CheckNonEmpty(name, nameof(name));
                Contracts.CheckUserArg(null, imageWidth > 0, nameof(imageWidth));
                Contracts.CheckUserArg(null, imageHeight > 0, nameof(imageHeight));
                Contracts.CheckUserArg(null, Enum.IsDefined(resizing), nameof(resizing));
                Contracts.CheckUserArg(null, Enum.IsDefined(anchor), nameof(anchor));
                Name = name;
                InputColumnName = inputColumnName ?? name;
                ImageWidth = imageWidth;
                ImageHeight = imageHeight;
                Resizing = resizing;
                Anchor = anchor;
                Type = new ImageDataViewType(imageHeight, imageWidth);
            }
        }
    }

    internal static class ImageShapes
    {
        public static void CheckImageInput(IExceptionContext host, SchemaShape inputSchema, string name)
        {
            if (!inputSchema.TryFindColumn(name, out SchemaShape.Column column))
                throw host.ExceptSchemaMismatch(nameof(inputSchema), "input", name);
            if (!(column.ItemType is ImageDataViewType) || column.Kind != SchemaShape.Column.VectorKind.Scalar)
                throw host.ExceptSchemaMismatch(nameof(inputSchema), "input", name, new ImageDataViewType().ToString(), column.GetTypeString());
        }
    }
}
