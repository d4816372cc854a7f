using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.ML.Training;
using FastScnn.ML.Transforms;
using FastScnn.Scenes;
using FastScnn.Testing;
using FastScnn.Torch.Data;
using FastScnn.Torch.Onnx;
using FastScnn.Torch.Training;
using Microsoft.ML;

namespace FastScnn.ML.Tests.Training;

/// <summary>Teachers in ONNX files.</summary>
[NonParallelizable]
public class OnnxTeacherTests
{
    private static readonly ClassList s_three = ClassList.Generic(3);

    [Test]
    public void A_teacher_says_what_the_model_scores([Values] OnnxGraph graph, [Values] bool isOfOneSize)
    {
        string file = Models.Export("reference/camvid-pytorch-60ep.pth",
            new() { Graph = graph, Height = isOfOneSize ? 64 : null, Width = isOfOneSize ? 96 : null },
            ClassList.CamVid);
        PixelBuffer crop = TestImages.Buffer(120, 72);
        using FastScnnSegmenter segmenter = FastScnnSegmenter.Load(file,
            new() { Inference = new() { OutputSize = SegmentationSize.Model } });
        ScoredSegmentation expected = segmenter.SegmentWithScores(crop, ScoreKind.Logits);

        using OnnxTeacher teacher = OnnxTeacher.Load(file, ClassList.CamVid);
        TeacherScores found = teacher.Teacher.Score(crop);

        Assert.That((found.Width, found.Height), Is.EqualTo((expected.Map.Width, expected.Map.Height)));
        Assert.That(found.Logits.ToArray(), Is.EqualTo(expected.Scores.ToArray()));
        Assert.That((teacher.Teacher.Name, teacher.ActiveProvider, teacher.FallbackReason),
            Is.EqualTo(("model.onnx", "CPUExecutionProvider", (string?)null)));
        Assert.That(teacher.Teacher.Fingerprint, Does.Match("^SHA-256 [0-9a-f]{64}$"));
        Assert.That(teacher.Teacher.Classes, Is.EqualTo(ClassList.CamVid));
    }

    [Test]
    public void The_same_crop_gets_the_same_scores_however_often_and_by_whichever_thread()
    {
        using OnnxTeacher teacher = OnnxTeacher.Load(Models.CamVid, ClassList.CamVid);
        using OnnxTeacher threads = OnnxTeacher.Load(Models.CamVid, ClassList.CamVid, new() { IntraOpThreads = 2 });
        PixelBuffer crop = TestImages.Buffer(96, 64);
        float[] first = teacher.Teacher.Score(crop).Logits.ToArray();
        // A segmenter makes a session for a size that comes often.
        float[][] found = [.. Enumerable.Range(0, 40).AsParallel().WithDegreeOfParallelism(4)
            .Select(_ => teacher.Teacher.Score(crop).Logits.ToArray())];
        Assert.That(found, Is.All.EqualTo(first));
        Assert.That(threads.Teacher.Score(crop).Logits.ToArray(), Is.EqualTo(first));
    }

    [Test]
    public void Probabilities_of_a_model_that_ends_in_a_softmax_are_not_taken_for_logits([Values] bool mirrored)
    {
        FastScnnSegmenterOptions options = new() { Inference = new() { Flip = mirrored } };
        using OnnxTeacher logits = OnnxTeacher.Load(ForeignModels.ToFile(ForeignModels.Logits), s_three, options),
            probabilities = OnnxTeacher.Load(ForeignModels.ToFile(ForeignModels.Probabilities), s_three, options);
        PixelBuffer crop = TestImages.Buffer(40, 33);
        double[] expected = Softmax(logits.Teacher.Score(crop)), found = Softmax(probabilities.Teacher.Score(crop));
        Assert.That(found, Is.EqualTo(expected).Within(1e-5));
        Assert.That(expected.Max(), Is.GreaterThan(0.9), "a softmax of probabilities would be below 0.58");
        Assert.That(logits.Teacher.Classes, Is.EqualTo(s_three), "the file names none");
        Assert.That(logits.Teacher.Fingerprint, Is.Not.EqualTo(probabilities.Teacher.Fingerprint));
    }

    [Test]
    public void A_map_of_class_ids_is_no_teacher_and_no_model_of_a_segmenter()
    {
        foreach (byte[] model in new[] { ForeignModels.ClassIds(true), ForeignModels.ClassIds(false),
            ForeignModels.FloatClassIds })
        {
            string file = ForeignModels.ToFile(model);
            Assert.That(() => OnnxTeacher.Load(file, s_three),
                Throws.TypeOf<InvalidDataException>().With.Message.Contains(file).And.Message.Contains("arg-max"));
            Assert.That(
                () => FastScnnSegmenter.Load(file, new() { Classes = s_three, ConfidenceThreshold = 0.9 }),
                Throws.TypeOf<InvalidDataException>().With.Message.Contains("arg-max"));
        }
    }

    [Test]
    public void What_cannot_teach_is_refused()
    {
        string file = ForeignModels.ToFile(ForeignModels.NotNumbers);
        using (OnnxTeacher teacher = OnnxTeacher.Load(file, s_three))
            Assert.That(() => teacher.Teacher.Score(TestImages.Buffer(40, 33)),
                Throws.TypeOf<InvalidDataException>().With.Message.Contains(file).And.Message.Contains("NaN"));
        Assert.That(() => OnnxTeacher.Load(file, ClassList.CamVid),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("scores 3 classes").And.Message.Contains(
                "has 11"));
        Assert.That(() => OnnxTeacher.Load("none.onnx", s_three), Throws.TypeOf<FileNotFoundException>());
        OnnxTeacher disposed = OnnxTeacher.Load(Models.CamVid, ClassList.CamVid);
        disposed.Dispose();
        disposed.Dispose();
        Assert.That(() => disposed.Teacher.Score(TestImages.Buffer(40, 33)), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void A_trainer_learns_from_the_file_that_its_options_name()
    {
        var context = new MLContext(seed: 1);
        List<string> log = [];
        context.Log += (_, e) => log.Add(e.Message);
        IDataView data = context.SemanticSegmentation.LoadFromFolder(StreetRow.Folder(4), "train");
        string file = Path.Combine(TestFiles.Root, "samples", "models", "fastscnn-scenes.onnx"),
            output = Path.Combine(TestFiles.NewFolder(), "run");
        FastScnnSegmentationTrainerOptions options = new()
        {
            Training = StreetRow.Short() with { OutputFolder = output, TeacherWeight = 0.5 },
            TeacherFile = file,
        };
        var trainer = context.SemanticSegmentation.Trainers.FastScnn(options);
        using (FastScnnSegmentationTransformer model = trainer.Fit(data))
            Assert.That(model.Classes, Is.EqualTo(StreetScene.Classes));
        Assert.That(log, Has.Exactly(1).Contains($"'{file}' teaches, on CPUExecutionProvider."));
        Assert.That(File.ReadAllText(Path.Combine(output, "log.jsonl")),
            Does.Contain("0.5 x Kullback-Leibler divergence from 'fastscnn-scenes.onnx'"));

        Assert.That(
            () => context.SemanticSegmentation.Trainers.FastScnn(options with
            {
                TeacherFile = Models.CamVid,
                Training = StreetRow.Short(),
            }).Fit(data),
            Throws.ArgumentException.With.Message.Contains("Bicyclist").And.Message.Contains("traffic light"));
        Assert.That(
            () => context.SemanticSegmentation.Trainers.FastScnn(options with { TeacherFile = "none.onnx" }).Fit(data),
            Throws.TypeOf<FileNotFoundException>());
        Assert.That(() => options with { TeacherFile = " " }, Throws.ArgumentException);
    }

    private static double[] Softmax(TeacherScores scores)
    {
        float[] logits = scores.Logits.ToArray();
        int plane = scores.Width * scores.Height;
        return [.. logits.Select((logit, i) => Math.Exp(logit) / Enumerable.Range(0, logits.Length / plane)
            .Sum(k => Math.Exp(logits[k * plane + i % plane])))];
    }
}
