using System;
using System.Linq;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Image;

[assembly: LoadableClass(typeof(ImagePixelExtractingTransformer), null, typeof(SignatureLoadModel),
    "Image Pixel Extractor Transform", ImagePixelExtractingTransformer.LoaderSignature)]

namespace Microsoft.ML.Transforms.Image
{
    public sealed class ImagePixelExtractingTransformer : OneToOneTransformerBase
    {
        internal const string LoaderSignature = "ImagePixelExtractor";
        private const string RegistrationName = "ImagePixelExtractor";

        private readonly ImagePixelExtractingEstimator.ColumnOptions[] _columns;

        internal ImagePixelExtractingTransformer(IHostEnvironment env, params ImagePixelExtractingEstimator.ColumnOptions[] columns)
            : base(Contracts.CheckRef(env, nameof(env)).Register(RegistrationName), columns.Select(column => (column.Name, column.InputColumnName)).ToArray())
        {
            _columns = columns;
        }

        private ImagePixelExtractingTransformer(IHost host, ModelLoadContext ctx)
            : base(host, ctx)
        {
            _columns = ColumnPairs.Select(pair => new ImagePixelExtractingEstimator.ColumnOptions(pair.outputColumnName, pair.inputColumnName, ctx)).ToArray();
        }

        internal ImagePixelExtractingEstimator.ColumnOptions[] Columns => _columns;

        private static ImagePixelExtractingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
        {
            Contracts.CheckValue(env, nameof(env));
            IHost host = env.Register(RegistrationName);
            host.CheckValue(ctx, nameof(ctx));
            ctx.CheckAtModel(GetVersionInfo());
            return new ImagePixelExtractingTransformer(host, ctx);
        }

        // Readable back to 0x00010003 only, which added the order of colours; the real one reads an older form too.
        private static VersionInfo GetVersionInfo() => new VersionInfo(
            modelSignature: "IMGPXEXT",
            verWrittenCur: 0x00010003,
            verReadableCur: 0x00010002,
            verWeCanReadBack: 0x00010003,
            loaderSignature: LoaderSignature,
            loaderAssemblyName: typeof(ImagePixelExtractingTransformer).Assembly.FullName);

        private protected override void SaveModel(ModelSaveContext ctx)
        {
            Host.CheckValue(ctx, nameof(ctx));
            ctx.CheckAtModel();
            ctx.SetVersionInfo(GetVersionInfo());
            SaveColumns(ctx);
            foreach (ImagePixelExtractingEstimator.ColumnOptions column in _columns)
                column.Save(ctx);
        }

        private protected override void CheckInputColumn(DataViewSchema inputSchema, int col, int srcCol)
        {
            string name = _columns[col].InputColumnName;
            if (!(inputSchema[srcCol].Type is ImageDataViewType type))
                throw Host.ExceptSchemaMismatch(nameof(inputSchema), "input", name, "image", inputSchema[srcCol].Type.ToString());
            if (type.Height <= 0 || type.Width <= 0)
                throw Host.ExceptSchemaMismatch(nameof(inputSchema), "input", name, "known-size image", "unknown-size image");
            if ((long)type.Height * type.Width > int.MaxValue / 4)
                throw Host.Except("Image dimensions are too large");
        }

        private protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

        private sealed class Mapper : OneToOneMapperBase
        {
            private readonly ImagePixelExtractingTransformer _parent;
            private readonly VectorDataViewType[] _types;

            public Mapper(ImagePixelExtractingTransformer parent, DataViewSchema inputSchema)
                : base(parent.Host.Register(nameof(Mapper)), parent, inputSchema)
            {
                _parent = parent;
                _types = parent._columns.Select((column, i) => column.VectorType((ImageDataViewType)inputSchema[ColMapNewToOld[i]].Type)).ToArray();
            }

            protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore()
                => _parent._columns.Select((column, i) => new DataViewSchema.DetachedColumn(column.Name, _types[i], null)).ToArray();

            protected override Delegate MakeGetter(DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action disposer)
                => _parent._columns[iinfo].OutputAsFloatArray
                    ? MakeGetter<float>(input, iinfo, ExtractFloats, out disposer)
                    : MakeGetter<byte>(input, iinfo, ExtractBytes, out disposer);

            private delegate void Extract<T>(ReadOnlySpan<byte> pixels, Span<T> values, int step, ImagePixelExtractingEstimator.ColumnOptions column);

            private ValueGetter<VBuffer<T>> MakeGetter<T>(DataViewRow input, int iinfo, Extract<T> extract, out Action disposer)
            {
                ImagePixelExtractingEstimator.ColumnOptions column = _parent._columns[iinfo];
                int size = _types[iinfo].Size, planes = column.Planes, pixelCount = size / planes;
                var imageType = (ImageDataViewType)InputSchema[ColMapNewToOld[iinfo]].Type;
                ValueGetter<MLImage> getSource = input.GetGetter<MLImage>(input.Schema[ColMapNewToOld[iinfo]]);
                MLImage source = null;
                // As in the real one this disposes the last image even where it came from the caller's own objects.
                disposer = () =>
                {
                    source?.Dispose();
                    source = null;
                };

                return (ref VBuffer<T> values) =>
                {
                    getSource(ref source);
                    if (source == null)
                    {
                        values = VBufferEditor.Create(ref values, size, 0).Commit();
                        return;
                    }
                    Host.Check(source.Height == imageType.Height && source.Width == imageType.Width);

                    VBufferEditor<T> editor = VBufferEditor.Create(ref values, size);
                    int[] offsets = column.PlaneOffsets(source.PixelFormat);
                    for (int plane = 0; plane < planes; plane++)
                    {
                        ReadOnlySpan<byte> from = source.Pixels[offsets[plane]..];
                        if (column.InterleavePixelColors)
                            extract(from, editor.Values[plane..], planes, column);
                        else
                            extract(from, editor.Values.Slice(plane * pixelCount, pixelCount), 1, column);
                    }
                    values = editor.Commit();
                };
            }

            private static void ExtractBytes(ReadOnlySpan<byte> pixels, Span<byte> values, int step, ImagePixelExtractingEstimator.ColumnOptions column)
            {
                for (int from = 0, to = 0; to < values.Length; from += PixelBuffer.Channels, to += step)
                    values[to] = pixels[from];
            }

            private static void ExtractFloats(ReadOnlySpan<byte> pixels, Span<float> values, int step, ImagePixelExtractingEstimator.ColumnOptions column)
            {
                float offset = column.OffsetImage, scale = column.ScaleImage;
                for (int from = 0, to = 0; to < values.Length; from += PixelBuffer.Channels, to += step)
                    values[to] = (pixels[from] - offset) * scale;
            }
        }
    }

    public sealed class ImagePixelExtractingEstimator : TrivialEstimator<ImagePixelExtractingTransformer>
    {
        internal static class Defaults
        {
            public const ColorsOrder Order = ColorsOrder.ARGB;
            public const ColorBits Colors = ColorBits.Rgb;
            public const bool Convert = true;
            public const float Scale = 1f;
            public const float Offset = 0f;
        }

        [Flags]
        public enum ColorBits : byte
        {
            Alpha = 0x01,
            Red = 0x02,
            Green = 0x04,
            Blue = 0x08,

            Rgb = Red | Green | Blue,
            All = Alpha | Red | Green | Blue
        }

        public enum ColorsOrder : byte
        {
            ARGB = 1,
            ARBG = 2,
            ABRG = 3,
            ABGR = 4,
            AGRB = 5,
            AGBR = 6
        }

        internal ImagePixelExtractingEstimator(IHostEnvironment env, params ColumnOptions[] columns)
            : base(Contracts.CheckRef(env, nameof(env)).Register(nameof(ImagePixelExtractingEstimator)), new ImagePixelExtractingTransformer(env, columns))
        {
        }

        public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
        {
            Host.CheckValue(inputSchema, nameof(inputSchema));
            var result = inputSchema.ToDictionary(column => column.Name);
            foreach (ColumnOptions options in Transformer.Columns)
            {
                ImageShapes.CheckImageInput(Host, inputSchema, options.InputColumnName);
                result[options.Name] = new SchemaShape.Column(options.Name, SchemaShape.Column.VectorKind.Vector, options.ItemType, false);
            }
            return new SchemaShape(result.Values);
        }

        internal sealed class ColumnOptions
        {
            public readonly string Name;
            public readonly string InputColumnName;
            public readonly ColorBits ColorsToExtract;
            public readonly ColorsOrder OrderOfExtraction;
            public readonly float OffsetImage;
            public readonly float ScaleImage;
            public readonly bool InterleavePixelColors;
            public readonly bool OutputAsFloatArray;

            public ColumnOptions(string name, string inputColumnName, ColorBits colorsToExtract, ColorsOrder orderOfExtraction,
                bool interleavePixelColors, float offsetImage, float scaleImage, bool outputAsFloatArray)
            {
                Contracts.CheckParam(!string.IsNullOrWhiteSpace(name), nameof(name));
                Contracts.CheckParam((colorsToExtract & ColorBits.All) != 0, nameof(colorsToExtract), "Need to use at least one color plane.");
                Name = name;
                InputColumnName = inputColumnName ?? name;
                ColorsToExtract = colorsToExtract;
                OrderOfExtraction = orderOfExtraction;
                InterleavePixelColors = interleavePixelColors;
                OutputAsFloatArray = outputAsFloatArray;
                // Bytes are neither moved nor scaled.
                OffsetImage = outputAsFloatArray ? offsetImage : Defaults.Offset;
                ScaleImage = outputAsFloatArray ? scaleImage : Defaults.Scale;
                Contracts.CheckParam(float.IsFinite(OffsetImage), nameof(offsetImage));
                Contracts.CheckParam(float.IsFinite(ScaleImage) && ScaleImage != 0, nameof(scaleImage));
            }

            public ColumnOptions(string name, string inputColumnName, ModelLoadContext ctx)
            {
                Name = name;
                InputColumnName = inputColumnName;
                ColorsToExtract = (ColorBits)ctx.Reader.ReadByte();
                OrderOfExtraction = (ColorsOrder)ctx.Reader.ReadByte();
                OutputAsFloatArray = ctx.Reader.ReadByte() != 0;
                OffsetImage = ctx.Reader.ReadSingle();
                ScaleImage = ctx.Reader.ReadSingle();
                InterleavePixelColors = ctx.Reader.ReadByte() != 0;
                Contracts.CheckDecode(ColorsToExtract != 0 && (ColorsToExtract & ColorBits.All) == ColorsToExtract && OrderOfExtraction != 0);
                Contracts.CheckDecode(float.IsFinite(OffsetImage) && float.IsFinite(ScaleImage) && ScaleImage != 0);
                Contracts.CheckDecode(OutputAsFloatArray || (OffsetImage == 0 && ScaleImage == 1));
            }

            public int Planes => PlaneOffsets(MLPixelFormat.Bgra32).Length;

            public PrimitiveDataViewType ItemType => OutputAsFloatArray ? NumberDataViewType.Single : NumberDataViewType.Byte;

            public VectorDataViewType VectorType(ImageDataViewType image) => InterleavePixelColors
                ? new VectorDataViewType(ItemType, image.Height, image.Width, Planes)
                : new VectorDataViewType(ItemType, Planes, image.Height, image.Width);

            /// <summary>Where in a pixel each plane's byte lies, in the order of extraction.</summary>
            public int[] PlaneOffsets(MLPixelFormat format)
            {
                int red = format == MLPixelFormat.Rgba32 ? 0 : 2;
                return OrderOfExtraction.ToString()
                    .Select(letter => letter switch
                    {
                        'A' => (Color: ColorBits.Alpha, Offset: 3),
                        'R' => (Color: ColorBits.Red, Offset: red),
                        'G' => (Color: ColorBits.Green, Offset: 1),
                        _ => (Color: ColorBits.Blue, Offset: 2 - red)
                    })
                    .Where(plane => (ColorsToExtract & plane.Color) != 0)
                    .Select(plane => plane.Offset)
                    .ToArray();
            }

            public void Save(ModelSaveContext ctx)
            {
                ctx.Writer.Write((byte)ColorsToExtract);
                ctx.Writer.Write((byte)OrderOfExtraction);
                ctx.Writer.Write((byte)(OutputAsFloatArray ? 1 : 0));
                ctx.Writer.Write(OffsetImage);
                ctx.Writer.Write(ScaleImage);
                ctx.Writer.Write((byte)(InterleavePixelColors ? 1 : 0));
            }
        }
    }
}
