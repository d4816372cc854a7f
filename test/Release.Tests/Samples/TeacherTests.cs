using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Scenes;
using FastScnn.Teacher;
using FastScnn.Testing;
using FastScnn.Torch;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using FastScnn.Torch.Data.Augmentation;
using FastScnn.Torch.Metrics;
using FastScnn.Torch.Training;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace FastScnn.Release.Tests.Samples;

/// <summary>The teacher of samples/FastScnn.Teacher: its encoder is that of the package, a training goes on as if it
/// had not been interrupted, and the exported model scores as the training does.</summary>
public class TeacherTests
{
    private string _folder = "";

    [SetUp]
    public void NewFolder() => _folder = TestFiles.NewFolder();

    [Test]
    public void The_encoder_gives_the_features_of_the_package_for_a_photo()
    {
        const int Side = 224;
        if (!File.Exists(ResNet18Package.NetworkFile))
            Assert.Ignore("no package Microsoft.ML.DnnImageFeaturizer.ResNet18");
        float[] photo = Planes(Photo(), Side, Side), centred = new float[photo.Length];
        ResNet18Package package = ResNet18Package.Read();
        // The package's network takes blue, green and red.
        for (int i = 0; i < photo.Length; i++)
        {
            int channel = 2 - i / (Side * Side);
            centred[i] = photo[channel * Side * Side + i % (Side * Side)] - 255 * package.Normalization.Mean[channel];
        }
        using InferenceSession session = new(ResNet18Package.NetworkFile);
        float[] expected = Run(session, centred, Side, Side);

        using TeacherNetwork network = new(classes: 2, seed: 0);
        network.LoadEncoder(package);
        network.eval();
        using IDisposable noGradients = no_grad();
        using Tensor image = tensor(Normalized(photo, package.Normalization), [1, 3, Side, Side]);
        using Tensor features = network.PooledFeatures(image);

        AssertClose(features, expected);
    }

    [Test]
    public void A_resumed_training_gives_the_same_model_which_scores_as_the_training_does()
    {
        StreetSceneFolder.Write(_folder, "train", 6, new() { Width = 96, Height = 64 });
        StreetSceneFolder.Write(_folder, "val", 2, new() { Width = 96, Height = 64 });
        string whole = Path.Combine(_folder, "whole"), resumed = Path.Combine(_folder, "resumed");
        SegmentationScores? scores = Train(whole);
        Assert.That(() => Train(resumed, stopAfter: 2), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(() => Train(resumed, resume: false),
            Throws.InvalidOperationException.With.Message.Contains("--resume"));
        Train(resumed);

        Assert.That(File.ReadAllBytes(Path.Combine(resumed, "last.safetensors")),
            Is.EqualTo(File.ReadAllBytes(Path.Combine(whole, "last.safetensors"))));
        string model = Path.Combine(resumed, "teacher.onnx");
        AssertGivesTheLogits(model, Checkpoint.Load(Path.Combine(whole, "last.safetensors")));
        Assert.That(Score(model).MeanIoU, Is.EqualTo(scores!.MeanIoU).Within(1e-3));
    }

    // Of three steps.
    private SegmentationScores? Train(string output, int? stopAfter = null, bool resume = true)
    {
        SegmentationDataset training = SegmentationDataset.FromFolder(_folder, "train");
        TrainingOptions options = TeacherOptions.Recipe(training, Normalization.ImageNet) with
        {
            Epochs = 1,
            BatchSize = 2,
            Augmentation = new AugmentationOptions { CropHeight = 64, CropWidth = 64 },
            InputScale = 1.5,
            SaveEverySteps = 100,
            OutputFolder = output,
            Resume = resume,
            Threads = 1,
        };
        using CancellationTokenSource stop = new();
        using TeacherTraining teacher = new(options, training, SegmentationDataset.FromFolder(_folder, "val"),
            ImageDecoder.Decode, package: null);
        return teacher.Run(progress =>
        {
            if (progress.Step == stopAfter) stop.Cancel();
        }, stop.Token);
    }

    private void AssertGivesTheLogits(string model, Checkpoint weights)
    {
        using TeacherNetwork network = new(StreetScene.Classes.Count, seed: 1);
        network.Load(weights);
        network.eval();
        using FileStream stream = File.OpenRead(
            Directory.EnumerateFiles(Path.Combine(_folder, "images", "val")).First());
        // Odd sides.
        float[] image = Normalized(Planes(ImageDecoder.Decode(stream), 61, 83), weights.Info.Normalization);
        using IDisposable noGradients = no_grad();
        using Tensor input = tensor(image, [1, 3, 61, 83]);
        using Tensor logits = network.Predict(input, weights.Info.InputScale);
        using InferenceSession session = new(model);

        AssertClose(logits, Run(session, image, 61, 83));
    }

    private SegmentationScores Score(string model)
    {
        SegmentationDataset validation = SegmentationDataset.FromFolder(_folder, "val");
        using FastScnnSegmenter segmenter = FastScnnSegmenter.Load(model);
        Assert.That(segmenter.Classes.HasSameNames(StreetScene.Classes));
        ConfusionCounts counts = new(StreetScene.Classes.Count);
        for (int i = 0; i < validation.Samples.Count; i++)
        {
            (PixelBuffer image, LabelMap labels) = validation.Read(i, ImageDecoder.Decode);
            counts.Add(labels.Ids.Span, segmenter.Segment(image).ClassIds.Span, validation.Classes.IgnoreIndex);
        }
        return SegmentationScores.From(counts);
    }

    private static void AssertClose(Tensor actual, float[] expected)
    {
        float[] values = actual.contiguous().data<float>().ToArray();
        Assert.That(values, Has.Length.EqualTo(expected.Length));
        double error = values.Zip(expected, (a, e) => Math.Abs(a - e)).Max() / expected.Max(Math.Abs);
        TestContext.Out.WriteLine($"largest error {error:E2} of the largest value");
        Assert.That(error, Is.LessThan(1e-3));
    }

    private static float[] Run(InferenceSession session, float[] planes, int height, int width)
    {
        using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> outputs = session.Run(
        [
            NamedOnnxValue.CreateFromTensor(session.InputNames[0],
                new DenseTensor<float>(planes, [1, 3, height, width]))
        ]);
        return [.. outputs[0].AsEnumerable<float>()];
    }

    private static PixelBuffer Photo()
    {
        using FileStream stream = File.OpenRead(TestFiles.Shared("camvid", "images", "train", "0001TP_006690.jpg"));
        return ImageDecoder.Decode(stream);
    }

    // The upper left part, 0..255.
    private static float[] Planes(PixelBuffer image, int height, int width)
    {
        ReadOnlySpan<byte> pixels = image.ToRgb24().Pixels.Span;
        float[] planes = new float[3 * height * width];
        for (int i = 0; i < planes.Length; i++)
            planes[i] = pixels[(i / width % height * image.Width + i % width) * 3 + i / (height * width)];
        return planes;
    }

    private static float[] Normalized(float[] planes, Normalization normalization)
    {
        int plane = planes.Length / 3;
        return
        [
            .. planes.Select((pixel, i) => (pixel / 255 - normalization.Mean[i / plane]) / normalization.Std[i / plane])
        ];
    }
}
