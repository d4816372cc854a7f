using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Onnx;

namespace FastScnn.ML.Tests.MLNet;

/// <summary>Members that ML.NET keeps to its own assemblies, and what is reached through them.</summary>
public class InternalMembersTests
{
    private const BindingFlags AnyInstance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly Assembly s_core = typeof(ITransformer).Assembly;

    private static Type Core(string name) => s_core.GetType("Microsoft.ML." + name, throwOnError: true)!;

    // Transforms/Saving/MLNetInternals.stub.cs repeats this constructor: a model file finds its loaders by it.
    [Test]
    public void A_loader_is_registered_by_an_attribute_of_the_assembly()
    {
        Type attribute = Core("LoadableClassAttribute");
        Assert.That(attribute.GetConstructor(AnyInstance, [typeof(Type), typeof(Type), typeof(Type), typeof(string), typeof(string[])]), Is.Not.Null);
        Assert.That(attribute.GetCustomAttribute<AttributeUsageAttribute>()!.ValidOn.HasFlag(AttributeTargets.Assembly), Is.True);
    }

    // Transforms/Saving/MLNetInternals.stub.cs repeats it.
    [Test]
    public void A_loader_is_found_by_a_delegate_that_takes_the_load_context()
    {
        MethodInfo signature = Core("SignatureLoadModel").GetMethod("Invoke")!;
        Assert.That(signature.GetParameters().Select(parameter => parameter.ParameterType), Is.EqualTo(new[] { Core("ModelLoadContext") }));
        Assert.That(signature.ReturnType, Is.EqualTo(typeof(void)));
    }

    // Transforms/Saving/MLNetInternals.stub.cs repeats it.
    [Test]
    public void A_version_is_a_structure_of_three_names_and_three_numbers()
    {
        Type version = Core("VersionInfo");
        Assert.That(version.IsValueType, Is.True);
        ConstructorInfo? constructor = version.GetConstructor(
            AnyInstance, [typeof(string), typeof(uint), typeof(uint), typeof(uint), typeof(string), typeof(string), typeof(string)]);
        Assert.That(constructor!.GetParameters().Select(parameter => parameter.Name), Is.EqualTo(new[]
        {
            "modelSignature", "verWrittenCur", "verReadableCur", "verWeCanReadBack", "loaderAssemblyName", "loaderSignature", "loaderSignatureAlt",
        }));
    }

    // Transforms/Saving/MLNetInternals.stub.cs repeats them; SavedTransformer.cs calls them.
    [TestCase("ModelSaveContext", "Writer", typeof(BinaryWriter))]
    [TestCase("ModelLoadContext", "Reader", typeof(BinaryReader))]
    public void What_follows_the_header_is_a_field(string context, string field, Type type)
    {
        Assert.That(Core(context).GetField(field, AnyInstance)?.FieldType, Is.EqualTo(type));
    }

    // Transforms/Saving/MLNetInternals.stub.cs repeats them; SavedTransformer.cs calls them.
    [TestCase("ModelSaveContext", "SaveBinaryStream", typeof(Action<BinaryWriter>), typeof(void))]
    [TestCase("ModelLoadContext", "TryLoadBinaryStream", typeof(Action<BinaryReader>), typeof(bool))]
    public void Entries_are_written_and_read_by_an_action(string context, string method, Type action, Type result)
    {
        Assert.That(Core(context).GetMethod(method, AnyInstance, [typeof(string), action])?.ReturnType, Is.EqualTo(result));
    }

    // Transforms/Saving/MLNetInternals.stub.cs repeats it; SavedTransformer.cs calls it.
    [Test]
    public void The_header_is_set_by_its_version()
    {
        Assert.That(typeof(ModelSaveContext).GetMethod("SetVersionInfo", AnyInstance, [Core("VersionInfo")])?.ReturnType, Is.EqualTo(typeof(void)));
    }

    // Transforms/Columns.cs makes columns by it.
    [Test]
    public void A_column_of_a_shape_has_one_constructor_and_keeps_what_it_is_given()
    {
        ConstructorInfo constructor = typeof(SchemaShape.Column).GetConstructors(AnyInstance).Single();
        Assert.That(constructor.GetParameters().Select(parameter => parameter.ParameterType), Is.EqualTo(
            new[] { typeof(string), typeof(SchemaShape.Column.VectorKind), typeof(DataViewType), typeof(bool), typeof(SchemaShape) }));
        SchemaShape.Column column = SegmentationColumns.ScalarShape("Map", SegmentationMapDataViewType.Instance);
        Assert.That((column.Name, column.Kind, column.ItemType, column.IsKey, column.Annotations.Count),
            Is.EqualTo(("Map", SchemaShape.Column.VectorKind.Scalar, (DataViewType)SegmentationMapDataViewType.Instance, false, 0)));
    }

    // Catalog/ContextSettings.cs reads them by name, and takes what it does not find for what was not set.
    [Test]
    public void The_environment_of_a_catalog_has_the_settings_of_its_context()
    {
        var context = new MLContext { GpuDeviceId = 3, FallbackToCpu = true, TempFilePath = "somewhere" };
        IHostEnvironment environment = ContextSettings.GetEnvironment(context.Transforms);
        Type settings = environment.GetType().GetInterface("Microsoft.ML.Runtime.IHostEnvironmentInternal")!;
        object? Read(string name) => settings.GetProperty(name)!.GetValue(environment);
        Assert.That((Read("GpuDeviceId"), Read("FallbackToCpu"), Read("TempFilePath")), Is.EqualTo(((object?)3, (object?)true, (object?)"somewhere")));
    }

    // Catalog/ContextSettings.cs takes null for settings that nobody made.
    [Test]
    public void A_new_context_has_no_session_settings()
    {
        Assert.That(ContextSettings.GetEnvironment(new MLContext().Transforms).GetOnnxSessionOption(), Is.Null);
    }

    // Catalog/OnnxSessionSettings.cs copies these one by one: a new one would have no effect.
    [Test]
    public void There_are_no_session_settings_but_those_that_are_copied()
    {
        IEnumerable<MemberInfo> settings = typeof(OnnxSessionOptions).GetMembers().Where(member => member is PropertyInfo or FieldInfo);
        Assert.That(settings.Select(member => member.Name), Is.EquivalentTo(new[]
        {
            "CreateSessionOptions", "EnableMemoryPattern", "ProfileOutputPathPrefix", "EnableProfiling", "OptimizedModelFilePath", "EnableCpuMemArena", "LogId",
            "LogSeverityLevel", "LogVerbosityLevel", "InterOpNumThreads", "IntraOpNumThreads", "GraphOptimizationLevel", "ExecutionMode", "PerSessionThreads",
            "GlobalInterOpNumThreads", "GlobalIntraOpNumThreads",
        }));
    }
}
