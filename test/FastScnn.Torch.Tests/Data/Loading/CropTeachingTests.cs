using FastScnn.Torch.Data;
using FastScnn.Torch.Data.Augmentation;
using FastScnn.Torch.Data.Loading;
using FastScnn.Torch.Tests.Training;
using FastScnn.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace FastScnn.Torch.Tests.Data.Loading;

/// <summary>What a teacher says of a crop, at the places of the student's logits.</summary>
public class CropTeachingTests
{
    // The student has 6 x 8 logits for it.
    private const int Width = 64, Height = 48, Rows = 6, Columns = 8;

    private static readonly ClassList s_classes = ClassList.Generic(3);
    private static readonly AugmentationOptions s_crop = new() { CropWidth = Width, CropHeight = Height };

    [TestCase(1)]
    [TestCase(3)]
    public void Scores_at_the_places_of_the_student_become_probabilities_in_the_order_of_its_classes(double temperature)
    {
        ClassList reversed = new(s_classes.Reverse());
        float[] logits = Logits(Rows, Columns), found = new float[logits.Length];
        CropTeaching teaching = new(Teachers.Saying(reversed, new(logits, Rows, Columns)), s_classes, s_crop, 1,
            temperature);

        int places = teaching.Teach(Planes(), new byte[Width * Height], found);

        Assert.That((places, teaching.Rows, teaching.Columns), Is.EqualTo((Rows * Columns, Rows, Columns)));
        float[] expected = Probabilities(logits, Rows * Columns, temperature);
        for (int k = 0; k < 3; k++)
            Assert.That(found[(k * 48)..(k * 48 + 48)],
                Is.EqualTo(expected[((2 - k) * 48)..((2 - k) * 48 + 48)]).Within(1e-6));
    }

    [TestCase(3, 4)]
    [TestCase(6, 3)]
    [TestCase(1, 1)]
    public void Between_fewer_places_probabilities_are_interpolated_as_libtorch_does(int rows, int columns)
    {
        using DisposeScope scope = NewDisposeScope();
        float[] logits = Logits(rows, columns);
        Tensor small = tensor(Probabilities(logits, rows * columns, 1), [1, 3, rows, columns]);
        float[] expected = nn.functional.interpolate(small, [Rows, Columns], mode: InterpolationMode.Bilinear,
            align_corners: true).data<float>().ToArray();
        Assert.That(Teach(new(logits, rows, columns)), Is.EqualTo(expected).Within(1e-6));
    }

    [TestCase(48, 64)]
    [TestCase(13, 11)]
    [TestCase(6, 30)]
    public void More_places_are_averaged_by_triangles_that_reach_to_the_next_place(int rows, int columns)
    {
        float[] logits = Logits(rows, columns), shares = Probabilities(logits, rows * columns, 1);
        float[] found = Teach(new(logits, rows, columns));
        double down = (rows - 1.0) / (Rows - 1), across = (columns - 1.0) / (Columns - 1);
        for (int k = 0; k < 3; k++)
            for (int y = 0; y < Rows; y++)
                for (int x = 0; x < Columns; x++)
                {
                    double sum = 0, weights = 0;
                    for (int i = 0; i < rows; i++)
                        for (int j = 0; j < columns; j++)
                        {
                            double weight = Math.Max(0, 1 - Math.Abs(i - y * down) / down)
                                * Math.Max(0, 1 - Math.Abs(j - x * across) / across);
                            sum += weight * shares[(k * rows + i) * columns + j];
                            weights += weight;
                        }
                    Assert.That(found[(k * Rows + y) * Columns + x], Is.EqualTo(sum / weights).Within(1e-5));
                }
    }

    [Test]
    public void Scores_that_do_not_lie_on_the_corners_are_taken_from_where_they_lie()
    {
        // Four scores in the middles of four equal parts of a row; the student's places are 9 pixels apart.
        float[] shares = [0.1f, 0.6f, 0.2f, 0.8f], logits = new float[12];
        for (int i = 0; i < 4; i++)
            (logits[i], logits[4 + i], logits[8 + i]) = (MathF.Log(shares[i]), MathF.Log(1 - shares[i]),
                float.NegativeInfinity);
        SegmentationTeacher teacher = new("a", "b", s_classes, _ => new(logits, 1, 4)) { AlignCorners = false };
        float[] found = new float[3 * Rows * Columns];
        new CropTeaching(teacher, s_classes, s_crop, 1, 1).Teach(Planes(), new byte[Width * Height], found);
        for (int x = 0; x < Columns; x++)
        {
            double place = Math.Clamp((9 * x + 0.5) / 16 - 0.5, 0, 3);
            int before = Math.Min((int)place, 2);
            double expected = shares[before] + (place - before) * (shares[before + 1] - shares[before]);
            Assert.That(found[x], Is.EqualTo(expected).Within(1e-6), $"{x}");
            Assert.That(found[2 * Rows * Columns + x], Is.Zero, "a logarithm of minus infinity");
        }
    }

    [Test]
    public void A_teacher_is_silent_in_the_padding_and_speaks_where_labels_are_ignored()
    {
        byte[] planes = Planes(), ids = new byte[Width * Height];
        // Padding from row 28 on: the places lie at rows 0, 9, 19, 28, 38 and 47.
        for (int i = 28 * Width; i < ids.Length; i++)
        {
            ids[i] = 255;
            (planes[i], planes[ids.Length + i], planes[2 * ids.Length + i]) = s_crop.PaddingColor;
        }
        ids.AsSpan(0, 4 * Width).Fill(255);
        // A pixel that happens to have the colour of the padding has a class.
        (planes[9 * Width], planes[ids.Length + 9 * Width], planes[2 * ids.Length + 9 * Width]) = s_crop.PaddingColor;
        float[] found = new float[3 * Rows * Columns];
        CropTeaching teaching = new(Teachers.Saying(s_classes, new(new float[3], 1, 1)), s_classes, s_crop, 1, 1);

        Assert.That(teaching.Teach(planes, ids, found), Is.EqualTo(3 * Columns));

        for (int k = 0; k < 3; k++)
            for (int y = 0; y < Rows; y++)
                Assert.That(found.Skip((k * Rows + y) * Columns).Take(Columns),
                    Is.All.EqualTo(y < 3 ? 1f / 3 : 0).Within(1e-6));
    }

    [TestCase(2, 32, 24)]
    [TestCase(0.5, 128, 96)]
    [TestCase(1, Width, Height)]
    public void The_teacher_sees_the_images_at_their_own_size(double inputScale, int width, int height)
    {
        (int Width, int Height, byte[] Left, byte[] Right) seen = default;
        SegmentationTeacher teacher = new("a", "b", s_classes, crop =>
        {
            ReadOnlySpan<byte> pixels = crop.ToRgb24().Pixels.Span;
            seen = (crop.Width, crop.Height, pixels[..3].ToArray(), pixels[^3..].ToArray());
            return new(new float[3], 1, 1);
        });
        byte[] planes = new byte[3 * Width * Height];
        for (int i = 0; i < Width * Height; i++)
            (planes[i], planes[Width * Height + i], planes[2 * Width * Height + i]) = i % Width < Width / 2
                ? ((byte)10, (byte)20, (byte)30) : ((byte)200, (byte)150, (byte)100);
        new CropTeaching(teacher, s_classes, s_crop, inputScale, 1).Teach(planes, new byte[Width * Height],
            new float[3 * Rows * Columns]);
        Assert.That((seen.Width, seen.Height), Is.EqualTo((width, height)));
        Assert.That(seen.Left, Is.EqualTo(new byte[] { 10, 20, 30 }));
        Assert.That(seen.Right, Is.EqualTo(new byte[] { 200, 150, 100 }));
    }

    [TestCase(float.NaN)]
    [TestCase(float.PositiveInfinity)]
    [TestCase(float.NegativeInfinity)]
    public void Scores_that_are_no_numbers_are_refused(float score)
    {
        TeacherScores scores = new(new[] { score, float.NegativeInfinity, float.NegativeInfinity }, 1, 1);
        Assert.That(() => Teach(scores),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("The teacher 'constant' gave the score"));
    }

    [Test]
    public void Scores_need_whole_planes_and_teachers_names()
    {
        Assert.That(() => new TeacherScores(new float[7], 2, 2), Throws.ArgumentException);
        Assert.That(() => new TeacherScores(new float[4], 0, 2), Throws.ArgumentException);
        Assert.That(() => new SegmentationTeacher("", "b", s_classes, _ => null!), Throws.ArgumentException);
        Assert.That(() => new SegmentationTeacher("a", " ", s_classes, _ => null!), Throws.ArgumentException);
    }

    private static float[] Teach(TeacherScores scores)
    {
        float[] found = new float[3 * Rows * Columns];
        new CropTeaching(Teachers.Saying(s_classes, scores), s_classes, s_crop, 1, 1).Teach(Planes(),
            new byte[Width * Height], found);
        return found;
    }

    private static byte[] Planes() => [.. Enumerable.Range(0, 3 * Width * Height).Select(i => (byte)(i * 31 % 251))];

    private static float[] Logits(int rows, int columns) =>
        [.. Enumerable.Range(0, 3 * rows * columns).Select(i => i * i * 37 % 1009 / 250f - 2)];

    private static float[] Probabilities(float[] logits, int plane, double temperature) =>
        [.. logits.Select((logit, i) => (float)(Math.Exp(logit / temperature) / Enumerable.Range(0, 3)
            .Sum(k => Math.Exp(logits[k * plane + i % plane] / temperature))))];
}
