using FastScnn.ML.Scoring;
using FastScnn.ML.Transforms;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.ML.Tests.Scoring;

public class ExecutionProviderTests
{
    // No machine has this many devices, and no library for Linux and Windows at once has both of the others.
    private static readonly ExecutionProvider s_missing =
        new("CUDA") { Options = new Dictionary<string, string> { ["device_id"] = "1000" } };

    [Test]
    public void The_first_that_runs_is_used_and_the_others_say_why_not()
    {
        using var plain = FastScnnSegmenter.Load(Models.CamVid);
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid,
            new FastScnnSegmenterOptions { ExecutionProviders = [s_missing, "coreml", "CPU", "DirectML"] });

        Assert.That(segmenter.ActiveProvider, Is.EqualTo("CPUExecutionProvider"));
        Assert.That(segmenter.ProviderFailures.Select(failure => failure.Provider),
            Is.EqualTo(new[] { "CUDA", "CoreML" }));
        Assert.That(segmenter.ProviderFailures.Select(failure => failure.Reason), Has.All.EndsWith("."));
        Assert.That(segmenter.FallbackReason,
            Does.StartWith("CUDA cannot be used: ").And.Contain("CoreML cannot be used: "));
        Assert.That(segmenter.Segment(TestImages.Street).ClassIds.ToArray(),
            Is.EqualTo(plain.Segment(TestImages.Street).ClassIds.ToArray()));
    }

    [Test]
    public void The_processor_alone_has_no_failures_and_sessions_for_sizes()
    {
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid,
            new FastScnnSegmenterOptions { ExecutionProviders = ["cpu"] });
        using var plain = FastScnnSegmenter.Load(Models.CamVid);
        Assert.That((segmenter.ActiveProvider, segmenter.FallbackReason, segmenter.ProviderFailures.Count),
            Is.EqualTo(("CPUExecutionProvider", (string?)null, 0)));
        for (int i = 0; i < 3; i++)
        {
            segmenter.Segment(TestImages.Street);
            plain.Segment(TestImages.Street);
        }
        Assert.That(segmenter.SizedSessions, Is.EqualTo(plain.SizedSessions));
    }

    [Test]
    public void A_list_of_none_that_runs_is_refused_with_all_reasons()
    {
        Assert.That(
            () => FastScnnSegmenter.Load(Models.CamVid,
                new FastScnnSegmenterOptions { ExecutionProviders = [s_missing, "CoreML"] }),
            Throws.InvalidOperationException.With.Message.Contains("CUDA cannot be used: ")
                .And.Message.Contains("CoreML cannot be used: ").And.Message.Contains(
                    "End FastScnnSegmenterOptions.ExecutionProviders with \"CPU\""));
    }

    [TestCase("XNNPACK")]
    [TestCase("OpenVINO")]
    [TestCase("QNN")]
    [TestCase("WebGPU")]
    [TestCase("TensorRT")]
    [TestCase("DirectML")]
    public void Each_is_used_or_says_in_a_sentence_why_not(string name)
    {
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid,
            new FastScnnSegmenterOptions { ExecutionProviders = [name, "CPU"] });

        if (segmenter.ProviderFailures is [var failure])
            Assert.That(failure.Reason, Does.Match("^[^\n]+[^.]\\.$"));
        else
            Assert.That(segmenter.ActiveProvider, Is.Not.EqualTo("CPUExecutionProvider"));
        Assert.That(segmenter.Segment(TestImages.Street).Width, Is.EqualTo(480));
    }

    [Test]
    public void Names_are_checked_and_compared_by_value()
    {
        Assert.That(() => new ExecutionProvider("GPU"),
            Throws.ArgumentException.With.Message.Contains("'GPU'").And.Message.Contains("CPU, CUDA, TensorRT"));
        Assert.That(() => new ExecutionProvider("CPU") { Options = new Dictionary<string, string> { ["a"] = "b" } },
            Throws.ArgumentException.With.Message.Contains("no options; found 'a'"));
        Assert.That(() => new FastScnnSegmenterOptions { ExecutionProviders = ["CUDA", "CUDAExecutionProvider"] },
            Throws.ArgumentException.With.Message.Contains("CUDA is in the list 2 times"));
        Assert.That(new ExecutionProvider("cudaexecutionprovider"), Is.EqualTo(new ExecutionProvider("CUDA")));
        Assert.That(new ExecutionProvider("CUDA"), Is.Not.EqualTo(s_missing));
        Assert.That(new ExecutionProvider("CUDA") { Options = new Dictionary<string, string>(s_missing.Options) },
            Is.EqualTo(s_missing));
    }

    [Test]
    public void A_device_is_given_once()
    {
        Assert.That(
            () => FastScnnSegmenter.Load(Models.CamVid,
                new FastScnnSegmenterOptions { GpuDeviceId = 0, ExecutionProviders = ["CUDA"] }),
            Throws.ArgumentException.With.Message.Contains("GpuDeviceId is 0").And.Message.Contains("device_id"));
        var wrong = new ExecutionProvider("CUDA")
        {
            Options = new Dictionary<string, string> { ["device_id"] = "first" }
        };
        Assert.That(
            () => FastScnnSegmenter.Load(Models.CamVid,
                new FastScnnSegmenterOptions { ExecutionProviders = [wrong, "CPU"] }),
            Throws.ArgumentException.With.Message.Contains("'first'"));
    }

    [Test]
    public void A_broken_model_is_not_blamed_on_a_provider() => Assert.That(
        () => FastScnnSegmenter.Load([1, 2, 3], new FastScnnSegmenterOptions { ExecutionProviders = ["XNNPACK", "CPU"] }),
        Throws.TypeOf<InvalidDataException>());

    [Test]
    public void A_pipeline_prefers_them_to_the_device_of_the_context()
    {
        List<string> log = [];
        var mlContext = new MLContext { GpuDeviceId = 1000 };
        mlContext.Log += (_, e) => log.Add(e.Message);
        IDataView images = mlContext.Data.LoadFromEnumerable([new Row()]);

        using FastScnnSegmentationTransformer model = mlContext.Transforms.FastScnnSegment(
            new FastScnnSegmentationOptions
            {
                OutputColumnName = "Map",
                InputColumnName = "Image",
                ModelFile = Models.CamVid,
                Segmenter = new() { ExecutionProviders = ["CoreML", "CPU"] },
            }).Fit(images);

        Assert.That(model.ActiveProvider, Is.EqualTo("CPUExecutionProvider"));
        Assert.That(model.ProviderFailures, Has.Count.EqualTo(1));
        Assert.That(log, Has.Some.Contains("CoreML cannot be used"));
    }

    private sealed class Row
    {
        [AnySizeImageType]
        public MLImage? Image { get; set; }
    }
}
