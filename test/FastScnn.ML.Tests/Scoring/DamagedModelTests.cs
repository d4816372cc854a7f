using FastScnn.ML.Scoring;
using FastScnn.Testing;
using FastScnn.Torch.Data;
using Microsoft.ML.OnnxRuntime;

namespace FastScnn.ML.Tests.Scoring;

/// <summary>Damaged ONNX files give a model, whose weights may be any, or an exception that names the file.</summary>
public class DamagedModelTests
{
    private readonly string _path = Path.Combine(TestFiles.NewFolder(), "damaged.onnx");

    [Test]
    public void Model_of_one_node()
    {
        var options = new FastScnnSegmenterOptions { Classes = ClassList.Generic(3), IntraOpThreads = 1 };
        byte[] image = TestImages.Pixels(40, 33);
        // What loads is run too: a graph may be sound and give something else than scores.
        (int refused, _) = Try(Models.Tiny, options, structure: 64, segmenter =>
            Assert.That(segmenter.Segment(new PixelBuffer(40, 33, image, PixelLayout.Bgra32)).ClassIds.Length,
                Is.EqualTo(40 * 33)));
        Assert.That(refused, Is.GreaterThan(100));
    }

    [Test]
    public void Exported_model()
    {
        // The damage is tried here, and 250 times is often: nothing is optimized.
        var options = new FastScnnSegmenterOptions
        {
            CreateSessionOptions = () =>
            {
                var settings = new SessionOptions
                {
                    GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL,
                    IntraOpNumThreads = 1,
                    LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
                };
                settings.AddSessionConfigEntry("session.disable_prepacking", "1");
                return settings;
            },
        };
        (int refused, int read) = Try(File.ReadAllBytes(Models.CamVid), options, structure: 8000);
        Assert.That(refused, Is.GreaterThan(60), "cuts, and what is no graph any more");
        Assert.That(read, Is.GreaterThan(60), "weights");
    }

    private (int Refused, int Read) Try(byte[] sound, FastScnnSegmenterOptions options, int structure,
        Action<FastScnnSegmenter>? use = null) => DamagedCopies.Try(
        sound,
        model =>
        {
            File.WriteAllBytes(_path, model);
            using var segmenter = FastScnnSegmenter.Load(_path, options);
            Assert.That(segmenter.Classes, Has.Count.GreaterThan(1));
            use?.Invoke(segmenter);
        },
        e => e is InvalidDataException && e.Message.Contains(_path),
        structure);
}
