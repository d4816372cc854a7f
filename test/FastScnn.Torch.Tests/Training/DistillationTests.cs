using FastScnn.Testing;
using FastScnn.Torch.Data;
using FastScnn.Torch.Data.Augmentation;
using FastScnn.Torch.Data.Loading;
using FastScnn.Torch.Losses;
using FastScnn.Torch.Tests.Losses;
using FastScnn.Torch.Tests.TorchSharpFacts;
using FastScnn.Torch.Tests.Training.Distributed;
using FastScnn.Torch.Training;
using FastScnn.Torch.Training.Distributed;
using TorchSharp;
using static TorchSharp.torch;

namespace FastScnn.Torch.Tests.Training;

/// <summary>Learning from a teacher: the loss, steps and whole trainings. (What a teacher says of a crop:
/// <c>CropTeachingTests</c>.)</summary>
public class DistillationTests
{
    private static readonly SceneDataset s_training = new(6, 96, 64), s_validation = new(1, 64, 48, seed: 100);

    private static readonly TrainingOptions s_options = new()
    {
        Epochs = 2,
        BatchSize = 2,
        Seed = 3,
        Threads = 1,
        // Of images of 96 x 64, so that some crops have padding.
        Augmentation = new() { CropWidth = 80, CropHeight = 64 },
        AverageDecay = 0.9,
        Teacher = Teachers.OfColors(s_training.Classes),
        TeacherTemperature = 2,
    };

    [TestCase(1, 1)]
    [TestCase(0.5, 4)]
    public void The_loss_and_its_gradient_are_those_of_a_direct_computation(double weight, double temperature)
    {
        using DisposeScope scope = NewDisposeScope();
        const int Classes = 4, Plane = 12;
        Tensor logits = LossInputs.Logits();
        double[] student = LossInputs.Values(), teacher = [.. student.Reverse()];
        // One class is impossible to the teacher, and of the last image it says nothing.
        double[] q = Softmax(
            [.. teacher.Select((value, i) => i / Plane % Classes == 1 ? double.NegativeInfinity : value)]);
        Array.Clear(q, Classes * Plane, Classes * Plane);
        double[] p = Softmax(student);

        Tensor loss = new DistillationLoss(weight, temperature).Forward(logits, tensor(q, LossInputs.Shape), Plane);
        loss.backward();

        double sum = q.Zip(p, (a, b) => a > 0 ? a * (Math.Log(a) - Math.Log(b)) : 0).Sum();
        Assert.That(loss.item<double>(), Is.EqualTo(weight * temperature * temperature * sum / Plane).Within(1e-12));
        double[] expected =
        [
            .. q.Zip(p, (a, b) => weight * temperature * (b - a) / Plane).Take(Classes * Plane),
            .. new double[Classes * Plane],
        ];
        Assert.That(logits.grad!.data<double>().ToArray(), Is.EqualTo(expected).Within(1e-12));

        double[] Softmax(double[] scores)
        {
            double[] exponentials = [.. scores.Select(score => Math.Exp(score / temperature))];
            return [.. exponentials.Select((value, i) => value / Enumerable.Range(0, Classes)
                .Sum(k => exponentials[i / (Classes * Plane) * Classes * Plane + k * Plane + i % Plane]))];
        }
    }

    [Test]
    public void A_teacher_that_is_not_heard_adds_exactly_nothing_and_no_tensor_is_left()
    {
        using (DisposeScope scope = NewDisposeScope())
        {
            Tensor logits = LossInputs.Logits();
            Tensor loss = new DistillationLoss(1, 1).Forward(logits, zeros(LossInputs.Shape, ScalarType.Float64), 0);
            loss.backward();
            Assert.That(loss.item<double>(), Is.Zero);
            Assert.That(logits.grad!.data<double>().ToArray(), Is.EqualTo(new double[96]));
        }
        TrainingOptions options = s_options with { BatchSize = 2, Dropout = 0 };
        using Learner learner = new(options, ClassList.Generic(2), 100, CPU);
        learner.TrainMode();
        SegmentationBatch batch = Batch(2, 255);
        TensorLeaks.AssertNone(() => learner.Step(batch, 0));
    }

    [Test]
    public void A_student_learns_from_the_teacher_where_all_labels_are_ignored()
    {
        TrainingOptions options = s_options with
        {
            BatchSize = 4,
            Optimizer = new AdamWSettings(),
            Schedule = LearningRateSchedule.Constant(0.01),
            Dropout = 0,
            TeacherTemperature = 1,
        };
        SegmentationBatch batch = Batch(4, 255);
        using DisposeScope scope = NewDisposeScope();
        using Learner learner = new(options, ClassList.Generic(2), 25, CPU);
        learner.TrainMode();
        double first = learner.Step(batch, 0).Loss, last = first;
        for (int step = 1; step < 25; step++) last = learner.Step(batch, step).Loss;
        Assert.That(first, Is.GreaterThan(0.2));
        Assert.That(last, Is.LessThan(0.4 * first));
    }

    [TestCase(3, 1)]
    [TestCase(1, 2)]
    [TestCase(2, 3)]
    public void Batches_that_are_added_up_and_processes_take_the_step_of_the_whole(int accumulate, int processes)
    {
        // Batch norm would see other batches. The labels are ignored in part, and the padding differs.
        TrainingOptions whole = s_options with
        {
            BatchSize = 6,
            FreezeBatchNorm = true,
            Dropout = 0,
            TeacherWeight = 3,
            Optimizer = new SgdSettings { Momentum = 0, WeightDecay = 0 },
            Schedule = LearningRateSchedule.Constant(0.1),
        };
        (double wholeLoss, float[] expected) = Step(whole, new SingleProcess());
        TrainingOptions parts = whole with { BatchSize = 6 / accumulate, AccumulateSteps = accumulate };
        var found = new (double Loss, float[] Weights)[processes];

        Assert.That(ThreadGroup.Run(processes, group => found[group.Rank] = Step(parts, group)), Is.All.Null);

        Assert.That(found.Select(rank => rank.Loss), Is.All.EqualTo(wholeLoss).Within(1e-5));
        foreach ((_, float[] weights) in found)
            Assert.That(weights.Zip(expected, (a, b) => Math.Abs(a - b)).Max(), Is.LessThan(2e-6));
        Assert.That(Step(whole with { TeacherWeight = 1 }, new SingleProcess()).Loss, Is.LessThan(wholeLoss - 0.1));

        static (double Loss, float[] Weights) Step(TrainingOptions options, ProcessGroup group)
        {
            using DisposeScope scope = NewDisposeScope();
            using Learner learner = new(options, ClassList.Generic(2), 1, CPU, group);
            learner.TrainMode();
            double loss = learner.Step(Batch(6, null, group.Rank, group.Count), 0).Loss;
            return (loss,
                [.. learner.Network.parameters().SelectMany(parameter => parameter.data<float>().ToArray())]);
        }
    }

    [Test]
    public void A_training_is_the_same_however_many_threads_ask_and_whether_it_was_interrupted()
    {
        TrainingFolder whole = Folder(), parts = Folder();
        Train(s_options with { OutputFolder = whole.Path, Workers = 3 });
        using CancellationTokenSource stop = new();
        TrainingOptions options = s_options with { OutputFolder = parts.Path, Workers = 1, Resume = true };
        Assert.That(
            () => Train(options, new Reports(report => { if (report.Step == 2) stop.Cancel(); }), stop.Token),
            Throws.InstanceOf<OperationCanceledException>());

        Train(options);

        Assert.That(File.ReadAllBytes(parts.State), Is.EqualTo(File.ReadAllBytes(whole.State)));
        Assert.That(File.ReadAllText(parts.Log), Does.Contain("\"teacher\":\"by colour\""));
        Assert.That(File.ReadAllText(parts.ModelCard), Does.Contain("| teacher | by colour |").And.Contain(
            "1 x Kullback-Leibler divergence from 'colours', temperature 2"));
        byte[] untaught = Train(s_options with { Teacher = null }).Weights.ToSafetensors();
        Assert.That(Train(s_options with { Teacher = null, TeacherWeight = 2 }).Weights.ToSafetensors(),
            Is.EqualTo(untaught), "no teacher, no difference");
    }

    [Test]
    public void Another_teacher_is_refused_by_name_before_the_state_is_touched()
    {
        TrainingFolder taught = Folder(), untaught = Folder();
        Train(s_options with { Epochs = 1, OutputFolder = taught.Path });
        Train(s_options with { Epochs = 1, OutputFolder = untaught.Path, Teacher = null });
        SegmentationTeacher other = Teachers.OfColors(s_training.Classes, "another hash");
        (TrainingFolder Folder, SegmentationTeacher? Teacher, string Message)[] cases =
        [
            (taught, other, "teacher: 'by colour' instead of 'another hash'"),
            (taught, null, "teacher: 'by colour' instead of 'none'"),
            (untaught, other, "teacher: 'none' instead of 'another hash'"),
        ];
        foreach ((TrainingFolder folder, SegmentationTeacher? teacher, string message) in cases)
        {
            byte[] before = File.ReadAllBytes(folder.State);
            Assert.That(
                () => Train(s_options with { OutputFolder = folder.Path, Resume = true, Teacher = teacher }),
                Throws.InvalidOperationException.With.Message.Contains(message));
            Assert.That(File.ReadAllBytes(folder.State), Is.EqualTo(before));
        }
        Assert.That(Train(s_options with { OutputFolder = taught.Path, Resume = true, TeacherWeight = 2 }).Steps,
            Is.EqualTo(6), "a weight may change, as other weights of a loss may");
    }

    [Test]
    public void What_cannot_teach_is_refused_before_a_folder_is_made()
    {
        ClassList fewer = new(s_training.Classes.Take(5)), renamed = new(s_training.Classes.Select(
            (c, i) => i == 3 ? c with { Name = "hedge" } : c));
        TeacherScores broken = new(Enumerable.Repeat(float.NaN, 12).ToArray(), 1, 1),
            toofew = new(new float[10], 2, 1);
        (SegmentationTeacher Teacher, Type Error, string Message)[] cases =
        [
            (Teachers.OfColors(fewer), typeof(ArgumentException), "'colours' has 5 classes (road, "),
            (Teachers.OfColors(renamed), typeof(ArgumentException), "hedge"),
            (Teachers.Saying(s_training.Classes, broken), typeof(InvalidDataException), "the score NaN"),
            (Teachers.Saying(s_training.Classes, toofew), typeof(InvalidDataException),
                "gave 10 scores for 2 x 1 places and 12 classes"),
        ];
        foreach ((SegmentationTeacher teacher, Type error, string message) in cases)
        {
            string folder = Path.Combine(TestFiles.NewFolder(), "run");
            Assert.That(() => Train(s_options with { Teacher = teacher, OutputFolder = folder }),
                Throws.TypeOf(error).With.Message.Contains(message));
            Assert.That(folder, Does.Not.Exist);
        }
        Assert.That(() => Train(s_options with { Teacher = Teachers.OfColors(renamed) }),
            Throws.ArgumentException.With.Message.Contains("fence"), "both lists are named");
    }

    [Test]
    public void A_teacher_that_fails_later_ends_the_training_with_its_reason()
    {
        int asked = 0;
        SegmentationTeacher failing = new("tired", "1", s_training.Classes,
            crop => ++asked < 4 ? Teachers.Score(crop, 12) : throw new InvalidOperationException("out of memory"));
        Assert.That(() => Train(s_options with { Teacher = failing, Workers = 1 }),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("scene").And.Message.Contains("out of memory"));
    }

    [Test]
    public void Unlabelled_data_are_enough_for_a_teacher_and_a_warning_says_so()
    {
        SceneDataset unlabelled = new(
        [
            .. Enumerable.Range(0, 4).Select(i => (s_training.ReadImage(i, SceneDataset.NoDecoder),
                new LabelMap(96, 64, Enumerable.Repeat((byte)255, 96 * 64).ToArray())))
        ], s_training.Classes);
        FastScnnTrainer trainer = new(s_options with { Epochs = 1 });
        TrainingResult result = trainer.Train(unlabelled, null, SceneDataset.NoDecoder);
        Assert.That(result.Warnings, Has.Exactly(1).EndsWith("The teacher alone is learned from."));
        Assert.That(
            () => new FastScnnTrainer(s_options with { Teacher = null }).Train(unlabelled, null,
                SceneDataset.NoDecoder),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("Nothing can be learned"));
    }

    private static TrainingFolder Folder() => new(Path.Combine(TestFiles.NewFolder(), "run"));

    private static TrainingResult Train(TrainingOptions options, IProgress<TrainingProgress>? progress = null,
        CancellationToken stop = default) =>
        new FastScnnTrainer(options).Train(s_training, s_validation, SceneDataset.NoDecoder, progress, stop);

    // Two halves, dark and bright, of which the teacher says "class 0" and "class 1"; the last rows are padding. One
    // slice of it where there are several processes.
    private static SegmentationBatch Batch(int images, byte? label, int slice = 0, int slices = 1)
    {
        AugmentationOptions crop = new() { CropWidth = 64, CropHeight = 64 };
        ClassList classes = ClassList.Generic(2);
        CropTeaching teaching = new(Teachers.OfColors(classes), classes, crop, inputScale: 1, temperature: 1);
        SamplePair[] samples = [.. Enumerable.Range(0, images).Select(i => new SamplePair($"{i}", "", ""))];
        Range part = BatchLoader.Part(images, slice, slices);
        (int first, int count) = part.GetOffsetAndLength(images);
        SegmentationBatch batch = new(0, samples[part], 64, 64, samples, teaching);
        for (int image = 0; image < count; image++)
        {
            int number = first + image;
            Random random = new(number);
            Span<byte> planes = batch.ImageAt(image), ids = batch.LabelsAt(image);
            for (int i = 0; i < ids.Length; i++)
            {
                bool isBright = i % 64 > 16 + 5 * number;
                for (int channel = 0; channel < 3; channel++)
                    planes[channel * 4096 + i] = (byte)(random.Next(60) + (isBright ? 180 : 20));
                ids[i] = label ?? (byte)(i % 7 == 0 ? 255 : random.Next(2));
            }
            foreach (int i in Enumerable.Range(64 * (64 - 9 * number), 64 * 9 * number))
            {
                ids[i] = 255;
                (planes[i], planes[4096 + i], planes[8192 + i]) = crop.PaddingColor;
            }
            batch.Taught!.Places[image] = teaching.Teach(planes, ids, batch.Taught.At(image));
        }
        return batch;
    }
}

/// <summary>Teachers of few lines.</summary>
internal static class Teachers
{
    /// <summary>One that prefers classes by the red of every eighth pixel.</summary>
    public static SegmentationTeacher OfColors(ClassList classes, string fingerprint = "by colour") =>
        new("colours", fingerprint, classes, crop => Score(crop, classes.Count));

    /// <summary>One that says the same of every crop.</summary>
    public static SegmentationTeacher Saying(ClassList classes, TeacherScores scores) =>
        new("constant", "constant", classes, _ => scores);

    public static TeacherScores Score(PixelBuffer crop, int classes)
    {
        (int height, int width) = ((crop.Height + 7) / 8, (crop.Width + 7) / 8);
        float[] logits = new float[classes * height * width];
        ReadOnlySpan<byte> pixels = crop.Pixels.Span;
        for (int k = 0; k < classes; k++)
            for (int y = 0; y < height; y++)
                for (int x = 0; x < width; x++)
                {
                    float wanted = 255f * k / (classes - 1);
                    float red = pixels[8 * y * crop.Stride + 24 * x];
                    logits[(k * height + y) * width + x] = -Math.Abs(red - wanted) / 20;
                }
        return new(logits, height, width);
    }
}
