using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Testing;
using FastScnn.Torch;
using FastScnn.Torch.Data;
using FastScnn.Torch.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace FastScnn.ML.Tests.Scoring;

public class ModelLoadingTests
{
    [Test]
    public void The_processor_is_the_default_provider()
    {
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid,
            new FastScnnSegmenterOptions { IntraOpThreads = 1 });
        Assert.That((segmenter.ActiveProvider, segmenter.FallbackReason),
            Is.EqualTo(("CPUExecutionProvider", (string?)null)));
    }

    [Test]
    public void A_GPU_that_is_not_there_is_said_to_be_missing()
    {
        // No machine has this many.
        var options = new FastScnnSegmenterOptions { GpuDeviceId = 1000 };
        Assert.That(
            () => FastScnnSegmenter.Load(Models.CamVid, options),
            Throws.InvalidOperationException.With.Message.Contains("GPU 1000").And.Message.Contains("fallbackToCpu"));
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid, options with { FallbackToCpu = true });
        Assert.That(segmenter.ActiveProvider, Is.EqualTo("CPUExecutionProvider"));
        Assert.That(segmenter.FallbackReason, Does.Contain("GPU 1000").And.Contain("CUDA"));
        Assert.That(segmenter.Segment(TestImages.Street).Width, Is.EqualTo(480));
    }

    [Test]
    public void Settings_that_no_session_takes_are_not_blamed_on_the_model()
    {
        // There is one environment with threads of its own, and this process has made it without.
        using var first = FastScnnSegmenter.Load(Models.CamVid);
        var options = new FastScnnSegmenterOptions
        {
            CreateSessionOptions = () =>
            {
                var settings = new SessionOptions();
                settings.DisablePerSessionThreads();
                return settings;
            },
        };
        Assert.That(
            () => FastScnnSegmenter.Load(Models.CamVid, options),
            Throws.InvalidOperationException.With.Message.Contains(Models.CamVid).And.Message.Contains(
                "session settings"));
    }

    [Test]
    public void Own_session_options_are_used()
    {
        int made = 0;
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid, new FastScnnSegmenterOptions
        {
            GpuDeviceId = 1000,
            CreateSessionOptions = () =>
            {
                made++;
                return new SessionOptions { IntraOpNumThreads = 1 };
            },
        });
        Assert.That(made, Is.EqualTo(1));
        Assert.That(segmenter.Segment(TestImages.Street).Width, Is.EqualTo(480));
    }

    [Test]
    public void Own_session_options_may_serve_several_segmenters()
    {
        using var settings = new SessionOptions { IntraOpNumThreads = 1 };
        var options = new FastScnnSegmenterOptions { CreateSessionOptions = () => settings };
        using (var first = FastScnnSegmenter.Load(Models.CamVid, options))
            Assert.That(first.Segment(TestImages.Street).Width, Is.EqualTo(480));
        Assert.That(settings.IsClosed, Is.False);
        using var second = FastScnnSegmenter.Load(Models.CamVid, options);
        Assert.That(second.Segment(TestImages.Street).Width, Is.EqualTo(480));
    }

    [Test]
    public void Failing_session_options_are_not_blamed_on_the_model()
    {
        // No machine has this many, and a library without CUDA lacks the entry point.
        var options = new FastScnnSegmenterOptions
        {
            CreateSessionOptions = () => SessionOptions.MakeSessionOptionWithCudaProvider(1000)
        };
        Assert.That(
            () => FastScnnSegmenter.Load(Models.CamVid, options),
            Throws.InvalidOperationException.With.Message.Contains("CreateSessionOptions").And.Message.Not.Contains(
                "could not be loaded"));
    }

    [Test]
    public void A_file_of_another_tool_needs_classes_and_normalization()
    {
        string file = TestFiles.Golden("ref_512x1024.onnx");
        var classes = new FastScnnSegmenterOptions { Classes = ClassList.Cityscapes };
        Assert.Multiple(() =>
        {
            Assert.That(
                () => FastScnnSegmenter.Load(file),
                Throws.InstanceOf<InvalidDataException>().With.Message.Contains(
                    "ref_512x1024.onnx").And.Message.Contains("FastScnnSegmenterOptions.Classes"));
            Assert.That(
                () => FastScnnSegmenter.Load(file, classes),
                Throws.InstanceOf<InvalidDataException>().With.Message.Contains(
                    "FastScnnSegmenterOptions.Normalization"));
            Assert.That(
                () => FastScnnSegmenter.Load(file, new FastScnnSegmenterOptions { Classes = ClassList.CamVid }),
                Throws.InstanceOf<InvalidDataException>().With.Message.Contains(
                    "scores 19 classes").And.Message.Contains("has 11").And.Message.Contains(
                        "the model was trained on"));
        });
        using var theirs = FastScnnSegmenter.Load(file, classes with { Normalization = Normalization.ImageNet });
        using var ours = FastScnnSegmenter.Load(Models.Golden);
        byte[] pixels = TestImages.Pixels(1024, 512);
        Assert.That(
            TestImages.Agreement(
                theirs.Segment(new PixelBuffer(1024, 512, pixels, PixelLayout.Bgra32)).ClassIds.Span,
                ours.Segment(new PixelBuffer(1024, 512, pixels, PixelLayout.Bgra32)).ClassIds.Span),
            Is.GreaterThan(0.9999));
    }

    [Test]
    public void Classes_of_the_options_replace_the_files()
    {
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid,
            new FastScnnSegmenterOptions { Classes = ClassList.Generic(11) });
        Assert.That(segmenter.Segment(TestImages.Street).Classes[3].Name, Is.EqualTo("class 3"));
    }

    [Test]
    public void Bad_model_files_are_named()
    {
        string folder = TestFiles.NewFolder();
        string text = Path.Combine(folder, "notes.onnx"), empty = Path.Combine(folder, "empty.onnx"),
            half = Path.Combine(folder, "half.onnx");
        File.WriteAllText(text, "not a model");
        File.WriteAllBytes(empty, []);
        byte[] model = File.ReadAllBytes(Models.CamVid);
        File.WriteAllBytes(half, model[..(model.Length / 2)]);
        Assert.Multiple(() =>
        {
            Assert.That(() => FastScnnSegmenter.Load(Path.Combine(folder, "none.onnx")),
                Throws.InstanceOf<FileNotFoundException>().With.Message.Contains("none.onnx"));
            Assert.That(() => FastScnnSegmenter.Load(folder),
                Throws.TypeOf<FileNotFoundException>().With.Message.Contains(
                    $"'{folder}' is a folder").And.Message.Contains(".onnx"));
            Assert.That(() => FastScnnSegmenter.Load(text),
                Throws.InstanceOf<InvalidDataException>().With.Message.Contains("notes.onnx").And.Message.Contains(
                    "ONNX"));
            Assert.That(() => FastScnnSegmenter.Load(empty),
                Throws.InstanceOf<InvalidDataException>().With.Message.Contains("empty.onnx"));
            Assert.That(() => FastScnnSegmenter.Load(half),
                Throws.InstanceOf<InvalidDataException>().With.Message.Contains("half.onnx"));
        });
    }

    [Test]
    public void What_is_given_in_place_of_a_model_is_told()
    {
        byte[] safetensors = File.ReadAllBytes(Path.Combine(TestFiles.Root, "samples", "models",
            "fastscnn-scenes.safetensors"));
        Assert.Multiple(() =>
        {
            Told("PK\u0003\u0004 and so on"u8.ToArray(), "mlContext.Model.Load");
            Told([0x80, 2, 0x8A, 10, 0x6C], "checkpoint of PyTorch, which is exported first");
            Told(safetensors, ".safetensors checkpoint, which is exported first");
            Told("version https://git-lfs.github.com/spec/v1\noid sha256:0\n"u8.ToArray(), "git lfs pull");
            Told(File.ReadAllBytes(Models.CamVid)[..3_000_000], "Is the file whole?");
        });

        static void Told(byte[] file, string expected)
        {
            string path = Path.Combine(TestFiles.NewFolder(), "model.onnx");
            File.WriteAllBytes(path, file);
            Assert.That(() => FastScnnSegmenter.Load(path),
                Throws.TypeOf<InvalidDataException>().With.Message.Contains(path).And.Message.Contains(
                    "Expected an ONNX model").And.Message.Contains(expected));
        }
    }

    [Test]
    public void Scores_must_be_floats()
    {
        // uint8 image [1,3,H,W] to uint8 logits of the same shape; made with the onnx package (opset 13).
        byte[] model = Convert.FromBase64String(
            "CAcSADplChkKBWltYWdlEgZsb2dpdHMiCElkZW50aXR5EgFnWiEKBWltYWdlEhgKFggCEhIKAggBCgIIAwoDEgFICgMSAVdiIgoGbG9naXRzEhgKFggCEhIKAggBCgIIAwoDEgFICgMSAVdCBAoAEA0=");
        Assert.That(
            () => FastScnnSegmenter.Load(model, new FastScnnSegmenterOptions { Classes = ClassList.Generic(3) }),
            Throws.InstanceOf<InvalidDataException>().With.Message.Contains("UInt8").And.Message.Contains("Float"));
    }

    [Test]
    public void Options_refuse_impossible_values() => Assert.Multiple(() =>
    {
        Assert.That(() => new FastScnnSegmenterOptions { GpuDeviceId = -1 },
            Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new FastScnnSegmenterOptions { IntraOpThreads = -1 },
            Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new FastScnnSegmenterOptions { MaxPixels = 0 },
            Throws.InstanceOf<ArgumentOutOfRangeException>());
    });
}
