using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace FastScnn.Offline.Tests.Core;

/// <summary>The internal members through which a transformer of another assembly is saved and comes back as itself.</summary>
public class InternalLoaderTests
{
    private const string Signature = "OfflineTests.Own";

    [Test]
    public void An_own_type_comes_back_with_its_streams_wherever_it_stands_in_a_chain()
    {
        var mlContext = new MLContext();
        var data = mlContext.Data.LoadFromEnumerable(new[] { new NumberRow { Number = 3 } });
        var copy = mlContext.Transforms.CopyColumns("A", "Number").Fit(data);
        using var file = new MemoryStream();
        mlContext.Model.Save(new TransformerChain<ITransformer>(copy, new Own("hello", [1, 2, 3]), copy), data.Schema, file);

        var other = new MLContext();
        AddLoader(other.ComponentCatalog);
        var loaded = (TransformerChain<ITransformer>)other.Model.Load(file, out _);
        var own = (Own)loaded.ElementAt(1);
        Assert.That(own.Name, Is.EqualTo("hello"));
        Assert.That(own.Bytes, Is.EqualTo(new byte[] { 1, 2, 3 }));
    }

    [Test]
    public void Without_a_loader_the_load_says_which_component()
    {
        var mlContext = new MLContext();
        using var file = new MemoryStream();
        mlContext.Model.Save(new Own("hello", []), null, file);
        Assert.That(() => mlContext.Model.Load(file, out _), Throws.TypeOf<FormatException>().With.Message.Contains("Couldn't load model"));
    }

    [Test]
    public void The_attribute_that_registers_a_loader_is_internal()
    {
        var attribute = typeof(ITransformer).Assembly.GetType("Microsoft.ML.LoadableClassAttribute", throwOnError: true)!;
        Assert.That(attribute.IsPublic, Is.False);
        Assert.That(attribute.GetConstructor([typeof(Type), typeof(Type), typeof(Type), typeof(Type), typeof(string), typeof(string[])]), Is.Not.Null);
    }

    // What LoadableClassAttribute on an assembly does, on one catalog.
    private static void AddLoader(ComponentCatalog catalog)
    {
        const BindingFlags any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        var core = typeof(ITransformer).Assembly;
        object attribute = Activator.CreateInstance(
            core.GetType("Microsoft.ML.LoadableClassAttribute", throwOnError: true)!,
            typeof(ITransformer), typeof(OwnLoader), null, core.GetType("Microsoft.ML.SignatureLoadModel", throwOnError: true), "Own", new[] { Signature })!;
        object info = typeof(ComponentCatalog).GetNestedType("LoadableClassInfo", any)!.GetConstructors(any).Single()
            .Invoke([attribute, null, null, typeof(OwnLoader).GetMethod(nameof(OwnLoader.Create)), true]);
        typeof(ComponentCatalog).GetMethod("AddClass", any)!.Invoke(catalog, [info, new[] { Signature }, true]);
    }

    public static class OwnLoader
    {
        // The internal context is accepted as object; the declared type must be ITransformer.
        public static ITransformer Create(IHostEnvironment env, object ctx)
        {
            Assert.That(env, Is.Not.Null);
            ctx.GetType().GetMethod("CheckAtModel", [Own.Version().GetType()])!.Invoke(ctx, [Own.Version()]);
            string name = Reader(ctx).ReadString();
            byte[] bytes = [];
            Assert.That(TryLoadBinaryStream(ctx, "Own.bin", reader => bytes = reader.ReadBytes(reader.ReadInt32())));
            Assert.That(TryLoadBinaryStream(ctx, "Other.bin", _ => { }), Is.False);
            return new Own(name, bytes);
        }
    }

    private sealed class Own(string name, byte[] bytes) : ITransformer
    {
        private readonly DoublingTransformer _inner = new();

        public string Name => name;

        public byte[] Bytes => bytes;

        public bool IsRowToRowMapper => true;

        public static object Version()
            => Activator.CreateInstance(
                typeof(ITransformer).Assembly.GetType("Microsoft.ML.VersionInfo", throwOnError: true)!,
                "OWNTYPE ", 0x00010001u, 0x00010001u, 0x00010001u, typeof(Own).Assembly.GetName().Name, Signature, null)!;

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => _inner.GetOutputSchema(inputSchema);

        public IDataView Transform(IDataView input) => _inner.Transform(input);

        public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => _inner.GetRowToRowMapper(inputSchema);

        void ICanSaveModel.Save(ModelSaveContext ctx)
        {
            typeof(ModelSaveContext).GetMethod("SetVersionInfo", BindingFlags.Instance | BindingFlags.NonPublic)!.Invoke(ctx, [Version()]);
            Writer(ctx).Write(name);
            SaveBinaryStream(ctx, "Own.bin", writer =>
            {
                writer.Write(bytes.Length);
                writer.Write(bytes);
            });
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "Writer")]
    private static extern ref readonly BinaryWriter Writer(ModelSaveContext ctx);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "SaveBinaryStream")]
    private static extern void SaveBinaryStream(ModelSaveContext ctx, string name, Action<BinaryWriter> action);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "Reader")]
    private static extern ref readonly BinaryReader Reader([UnsafeAccessorType("Microsoft.ML.ModelLoadContext, Microsoft.ML.Core")] object ctx);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "TryLoadBinaryStream")]
    private static extern bool TryLoadBinaryStream(
        [UnsafeAccessorType("Microsoft.ML.ModelLoadContext, Microsoft.ML.Core")] object ctx, string name, Action<BinaryReader> action);
}
