using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace FastScnn.Offline.Tests.Core;

/// <summary>MLContext, its environment and its log.</summary>
public class EnvironmentTests
{
    [Test]
    public void A_channel_of_a_registered_host_reaches_the_log_with_both_names()
    {
        var mlContext = new MLContext();
        var seen = new List<LoggingEventArgs>();
        mlContext.Log += (_, args) => seen.Add(args);

        using (IChannel channel = ((IHostEnvironment)mlContext).Register("FastScnn").Start("Loading"))
        {
            channel.Info(MessageSensitivity.None, "provider {0}", "CPU");
            channel.Warning(MessageSensitivity.None, "{braces} stay without arguments");
        }

        var info = seen.Single(args => args.Kind == ChannelMessageKind.Info);
        Assert.Multiple(() =>
        {
            Assert.That(info.Source, Is.EqualTo("FastScnn; Loading"));
            Assert.That(info.RawMessage, Is.EqualTo("provider CPU"));
            Assert.That(info.Message, Is.EqualTo("[Source=FastScnn; Loading, Kind=Info] provider CPU"));
            Assert.That(seen.Single(args => args.Kind == ChannelMessageKind.Warning).RawMessage, Is.EqualTo("{braces} stay without arguments"));
            Assert.That(seen.Count(args => args.Kind == ChannelMessageKind.Trace), Is.GreaterThan(0), "a channel traces its start and end");
        });
    }

    [Test]
    public void Progress_channels_never_reach_the_log()
    {
        var mlContext = new MLContext();
        var seen = new List<string>();
        mlContext.Log += (_, args) => seen.Add(args.Message);
        using (var progress = ((IProgressChannelProvider)mlContext).StartProgressChannel("Training"))
        {
            progress.SetHeader(new ProgressHeader("epochs"), entry => entry.SetProgress(0, 1));
            progress.Checkpoint(1);
        }
        Assert.That(seen, Is.Empty);
    }

    [Test]
    public void The_catalog_leads_to_an_environment_that_shares_the_gpu_settings_options_and_log()
    {
        var mlContext = new MLContext { GpuDeviceId = 3, FallbackToCpu = true };
        mlContext.SetOption("fastscnn", "value");
        var seen = new List<string>();
        mlContext.Log += (_, args) => seen.Add(args.RawMessage);

        IHostEnvironment environment = GetEnvironment(mlContext.Transforms);
        using (var channel = environment.Register("a").Start("b"))
            channel.Info(MessageSensitivity.None, "hello");

        Assert.Multiple(() =>
        {
            Assert.That(environment, Is.Not.SameAs(mlContext));
            Assert.That(environment.ComponentCatalog, Is.SameAs(mlContext.ComponentCatalog));
            Assert.That(GetGpuDeviceId(environment), Is.EqualTo(3));
            Assert.That(GetFallbackToCpu(environment), Is.True);
            Assert.That(seen, Does.Contain("hello"));
        });
    }

    [Test]
    public void Defaults_of_a_new_context()
    {
        var mlContext = new MLContext();
        Assert.Multiple(() =>
        {
            Assert.That(mlContext.GpuDeviceId, Is.Null);
            Assert.That(mlContext.FallbackToCpu, Is.False);
            Assert.That(mlContext.TempFilePath, Is.EqualTo(Path.GetTempPath()));
        });
    }

    [Test]
    public void Options_are_kept_by_name_and_type()
    {
        var mlContext = new MLContext();
        mlContext.SetOption("a", 1);
        Assert.Multiple(() =>
        {
            Assert.That(mlContext.TryGetOption("a", out int number) && number == 1);
            Assert.That(mlContext.TryGetOption("a", out string _), Is.False);
            Assert.That(mlContext.TryAddOption("a", 2), Is.False);
            Assert.That(mlContext.RemoveOption("a"));
            Assert.That(mlContext.GetOptionOrDefault<int>("a"), Is.Zero);
        });
    }

    [Test]
    public void A_seed_gives_the_same_numbers()
    {
        static int Draw(MLContext mlContext) => ((IHostEnvironment)mlContext).Register("r").Rand.Next();
        Assert.That(Draw(new MLContext(7)), Is.EqualTo(Draw(new MLContext(7))));
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Environment")]
    private static extern IHostEnvironment GetEnvironment(
        [UnsafeAccessorType("Microsoft.ML.Data.IInternalCatalog, Microsoft.ML.Data")] object catalog);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_GpuDeviceId")]
    private static extern int? GetGpuDeviceId(
        [UnsafeAccessorType("Microsoft.ML.Runtime.IHostEnvironmentInternal, Microsoft.ML.Core")] object environment);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_FallbackToCpu")]
    private static extern bool GetFallbackToCpu(
        [UnsafeAccessorType("Microsoft.ML.Runtime.IHostEnvironmentInternal, Microsoft.ML.Core")] object environment);
}
