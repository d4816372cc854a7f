extern alias MLNetInternals;

using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using FastScnn.ML.Transforms;
using FastScnn.Torch.Data;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using Internals = MLNetInternals::Microsoft.ML;

// Model.Load reads the name of this assembly from the model file, loads it and finds by these attributes what makes the
// transformers. ML.NET keeps the attribute, and what reads and writes the file, to its own assemblies.
[assembly: IgnoresAccessChecksTo("Microsoft.ML.Core")]
[assembly: Internals.LoadableClass(
    typeof(FastScnnSegmentationTransformer), null, typeof(Internals.SignatureLoadModel), "Fast-SCNN segmentation",
    FastScnnSegmentationTransformer.LoaderSignature)]
[assembly: Internals.LoadableClass(
    typeof(SegmentationMapLoadingTransformer), null, typeof(Internals.SignatureLoadModel), "Segmentation map loading",
    SegmentationMapLoadingTransformer.LoaderSignature)]
[assembly: Internals.LoadableClass(
    typeof(SegmentationDrawingTransformer), null, typeof(Internals.SignatureLoadModel), "Segmentation drawing",
    SegmentationDrawingTransformer.LoaderSignature)]
[assembly: Internals.LoadableClass(
    typeof(SegmentationRegionFindingTransformer), null, typeof(Internals.SignatureLoadModel), "Segmentation regions",
    SegmentationRegionFindingTransformer.LoaderSignature)]

namespace System.Runtime.CompilerServices
{
    /// <summary>Tells the runtime that this assembly uses internal members of another.</summary>
    [AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
    internal sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
    {
        public string AssemblyName { get; } = assemblyName;
    }
}

namespace FastScnn.ML.Transforms.Saving
{
    /// <summary>A transformer's folder in an ML.NET model file: <c>Model.key</c> (ML.NET's header, then the number of
    /// our format and what wrote it), <c>Settings.json</c>, and further entries that the transformer names.</summary>
    internal sealed class SavedTransformer
    {
        // Raised when older versions of this library could not read what this one writes; a setting more does not raise
        // it.
        private const int Format = 1;
        private const string KeyEntry = "Model.key";
        private const string SettingsEntry = "Settings.json";
        private const string MLNetNeedsWhole = "Model.Save and Model.Load need ML.NET and this assembly whole.";

        private static readonly string s_product =
            "FastScnn.ML "
                + typeof(SavedTransformer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

        private static readonly JsonSerializerOptions s_json = MakeOptions();

        // The settings are private records of this assembly, whose initial values stand for what an older file lacks; a
        // source-generated reader would put zero there. ML.NET keeps its own members by name in the same way.
        [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = MLNetNeedsWhole)]
        [UnconditionalSuppressMessage("AOT", "IL3050", Justification = MLNetNeedsWhole)]
        private static JsonSerializerOptions MakeOptions() => new()
        {
            TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            RespectNullableAnnotations = true,
            WriteIndented = true,
            // Names in any script stay as they are; the file is no part of a web page.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            Converters = { new ClassListConverter(),
                new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
        };

        private readonly Internals.ModelLoadContext _context;
        private readonly string _transformer;

        private SavedTransformer(object context, string transformer) =>
            (_context, _transformer) = ((Internals.ModelLoadContext)context, transformer);

        /// <summary>Writes a transformer.</summary>
        /// <param name="context">Where <c>Model.Save</c> wants it.</param>
        /// <param name="loaderSignature">The name by which <c>Model.Load</c> finds the transformer's <c>Create</c>, 24
        /// characters at most.</param>
        /// <param name="settings">What becomes <c>Settings.json</c>.</param>
        /// <param name="entries">Further entries: name and content.</param>
        public static void Save<TSettings>(
            ModelSaveContext context, string loaderSignature, TSettings settings,
            params ReadOnlySpan<(string Name, byte[] Content)> entries)
        {
            ArgumentNullException.ThrowIfNull(context);
            var target = (Internals.ModelSaveContext)(object)context;
            // The simple name of this assembly, so that any version of it is found.
            target.SetVersionInfo(new Internals.VersionInfo(
                "FASTSCNN", Format, Format, Format, typeof(SavedTransformer).Assembly.GetName().Name!, loaderSignature,
                null));
            target.Writer.Write(Format);
            target.Writer.Write(s_product);
            byte[] json = JsonSerializer.SerializeToUtf8Bytes(settings, TypeInfo<TSettings>());
            foreach ((string name, byte[] content) in (ReadOnlySpan<(string, byte[])>)[(SettingsEntry, json),
                .. entries])
                target.SaveBinaryStream(name, writer => writer.Write(content));
        }

        /// <summary>Reads a transformer, as its <c>Create</c> that <c>Model.Load</c> calls.</summary>
        /// <param name="environment">The environment of the context that loads.</param>
        /// <param name="context">ML.NET's internal <c>ModelLoadContext</c>.</param>
        /// <param name="create">Makes the transformer of its settings.</param>
        /// <exception cref="InvalidDataException">The file is damaged or in a newer format. ML.NET wraps what is thrown
        /// here.</exception>
        public static TTransformer Load<TTransformer, TSettings>(
            IHostEnvironment environment, object context, Func<TSettings, SavedTransformer, TTransformer> create)
        {
            try
            {
                var saved = new SavedTransformer(context, typeof(TTransformer).Name);
                saved.CheckFormat();
                return saved.Create(create);
            }
            catch (Exception e)
            {
                // Marked as ML.NET marks its own, it is wrapped and reported as those are.
                environment.Process(e);
                throw;
            }
        }

        /// <summary>The content of an entry.</summary>
        /// <exception cref="InvalidDataException">There is no such entry.</exception>
        public byte[] ReadEntry(string name)
        {
            using var content = new MemoryStream();
            return _context.TryLoadBinaryStream(name, reader => reader.BaseStream.CopyTo(content))
                ? content.ToArray()
                : throw new InvalidDataException(
                    $"The model file has no entry '{name}' in the folder of its {_transformer}: the file is damaged. "
                        + "Save the model again.");
        }

        /// <summary>What to throw where an entry cannot be what was saved.</summary>
        public InvalidDataException Damaged(string entry, string fault, Exception? inner = null) =>
            new(
                $"The entry '{entry}' of the {_transformer} in the model file is damaged: {fault} Save the model again.", inner);

        private static JsonTypeInfo<TSettings> TypeInfo<TSettings>() =>
            (JsonTypeInfo<TSettings>)s_json.GetTypeInfo(typeof(TSettings));

        private void CheckFormat()
        {
            int format;
            string product;
            try
            {
                format = _context.Reader.ReadInt32();
                product = _context.Reader.ReadString();
            }
            catch (Exception e) when (e is IOException or FormatException)
            {
                throw Damaged(KeyEntry, e.Message, e);
            }
            if (format < 1)
                throw Damaged(KeyEntry, $"It names the format {format}.");
            if (format > Format)
            {
                throw new InvalidDataException(FormattableString.Invariant(
                    $"The model file holds a {_transformer} in format {format}, written by {product}; {s_product} reads format {Format}.")
                    + " Update the package FastScnn.ML.");
            }
        }

        private TTransformer Create<TTransformer, TSettings>(Func<TSettings, SavedTransformer, TTransformer> create)
        {
            byte[] json = ReadEntry(SettingsEntry);
            try
            {
                return create(JsonSerializer.Deserialize(json, TypeInfo<TSettings>())
                    ?? throw new JsonException("It holds null."), this);
            }
            // The settings' own types check their values.
            catch (Exception e) when (e is JsonException or ArgumentException)
            {
                throw Damaged(SettingsEntry, e.Message, e);
            }
        }

        private sealed class ClassListConverter : JsonConverter<ClassList>
        {
            public override ClassList Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
            {
                using JsonDocument document = JsonDocument.ParseValue(ref reader);
                try
                {
                    return ClassList.Parse(document.RootElement.GetRawText(), "classes");
                }
                catch (InvalidDataException e)
                {
                    throw new JsonException(e.Message, e);
                }
            }

            public override void Write(Utf8JsonWriter writer, ClassList value, JsonSerializerOptions options)
            {
                using JsonDocument document = JsonDocument.Parse(value.ToJson());
                document.RootElement.WriteTo(writer);
            }
        }
    }
}
