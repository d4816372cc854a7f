using System.Reflection;
using FastScnn.ML.Catalog;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Onnx;

namespace FastScnn.ML.Tests.MLNet;

/// <summary>Members that ML.NET keeps to its own assemblies, and what is reached through them.</summary>
public class InternalMembersTests
{
    // Catalog/ContextSettings.cs reads them by name, and takes what it does not find for what was not set.
    [Test]
    public void The_environment_of_a_catalog_has_the_settings_of_its_context()
    {
        var context = new MLContext { GpuDeviceId = 3, FallbackToCpu = true, TempFilePath = "somewhere" };
        IHostEnvironment environment = ContextSettings.GetEnvironment(context.Transforms);
        Type settings = environment.GetType().GetInterface("Microsoft.ML.Runtime.IHostEnvironmentInternal")!;
        object? Read(string name) => settings.GetProperty(name)!.GetValue(environment);
        Assert.That((Read("GpuDeviceId"), Read("FallbackToCpu"), Read("TempFilePath")),
            Is.EqualTo(((object?)3, (object?)true, (object?)"somewhere")));
    }

    // Catalog/ContextSettings.cs copies these one by one: a new one would have no effect.
    [Test]
    public void There_are_no_session_settings_but_those_that_are_copied()
    {
        IEnumerable<MemberInfo> settings = typeof(OnnxSessionOptions).GetMembers()
            .Where(member => member is PropertyInfo or FieldInfo);
        Assert.That(settings.Select(member => member.Name), Is.EquivalentTo(new[]
        {
            "CreateSessionOptions", "EnableMemoryPattern", "ProfileOutputPathPrefix", "EnableProfiling",
            "OptimizedModelFilePath", "EnableCpuMemArena", "LogId",
            "LogSeverityLevel", "LogVerbosityLevel", "InterOpNumThreads", "IntraOpNumThreads", "GraphOptimizationLevel",
            "ExecutionMode", "PerSessionThreads",
            "GlobalInterOpNumThreads", "GlobalIntraOpNumThreads",
        }));
    }
}
