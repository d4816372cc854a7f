using FastScnn.Torch.Data;
using static System.FormattableString;

namespace FastScnn.Torch.Training;

/// <summary>A trained network that another one learns from (see <see cref="TrainingOptions.Teacher"/>): what scores an
/// image, and of what classes. It holds no more than the function that it is made of; whoever owns the network behind
/// it disposes that after the training.</summary>
/// <remarks>Hinton, Vinyals, Dean: "Distilling the knowledge in a neural network", arXiv:1503.02531.
/// <c>FastScnn.ML.Training.OnnxTeacher</c> makes one of an ONNX file.</remarks>
public sealed class SegmentationTeacher
{
    /// <summary>Makes a teacher.</summary>
    /// <param name="name">What messages, logs and model cards call it, such as the name of its file.</param>
    /// <param name="fingerprint">What tells it from all other teachers, such as a hash of its file. A training is
    /// resumed only with the teacher it was begun with.</param>
    /// <param name="classes">Its classes in the order of its scores.</param>
    /// <param name="score">
    /// Scores an image. It is called from <see cref="TrainingOptions.Workers"/> threads at once, must give the same
    /// scores for the same pixels each time, and may not keep the pixels, whose memory is used again.
    /// </param>
    /// <exception cref="ArgumentException">A text is empty.</exception>
    public SegmentationTeacher(string name, string fingerprint, ClassList classes,
        Func<PixelBuffer, TeacherScores> score)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentException.ThrowIfNullOrWhiteSpace(fingerprint);
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentNullException.ThrowIfNull(score);
        (Name, Fingerprint, Classes, Score) = (name, fingerprint, classes, score);
    }

    /// <summary>Gets what messages, logs and model cards call it.</summary>
    public string Name { get; }

    /// <summary>Gets what tells it from all other teachers.</summary>
    public string Fingerprint { get; }

    /// <summary>Gets its classes in the order of its scores.</summary>
    public ClassList Classes { get; }

    /// <summary>Gets whether the first and the last score of a row or column stand for the outermost pixels (PyTorch's
    /// <c>align_corners</c>), and not for the middles of equal parts of the image. Default: true, as Fast-SCNN
    /// does.</summary>
    public bool AlignCorners { get; init; } = true;

    internal Func<PixelBuffer, TeacherScores> Score { get; }

    /// <summary>The teacher's number of each class of a student.</summary>
    /// <exception cref="ArgumentException">The two have not the same classes.</exception>
    internal int[] OrderFor(ClassList student)
    {
        string[] names = [.. student.Select(c => c.Name)], own = [.. Classes.Select(c => c.Name)];
        int[] order = [.. names.Select(name => Array.IndexOf(own, name))];
        if (own.Length == names.Length && !order.Contains(-1)) return order;
        throw new ArgumentException(Invariant($"The teacher '{Name}' has {own.Length} classes ")
            + Invariant($"({ErrorText.List(own)}), and the data have {names.Length} ({ErrorText.List(names)}). Both ")
            + "must have the same classes, in any order.", "teacher");
    }
}

/// <summary>What a teacher says of an image.</summary>
public sealed class TeacherScores
{
    /// <summary>Wraps scores without copying them.</summary>
    /// <param name="logits">The scores, whose softmax are the probabilities of the classes: the plane of class 0, row
    /// by row from the top left, then that of class 1 and so on. Where a teacher gives probabilities, their natural
    /// logarithms.</param>
    /// <param name="height">The rows of a plane, of any number: they are spread over the image.</param>
    /// <param name="width">The columns of a plane, likewise.</param>
    /// <exception cref="ArgumentException">A side is less than 1, or the scores are no whole number of
    /// planes.</exception>
    public TeacherScores(ReadOnlyMemory<float> logits, int height, int width)
    {
        if (height < 1 || width < 1 || logits.Length == 0 || logits.Length % ((long)height * width) != 0)
            throw new ArgumentException(Invariant($"{logits.Length} scores are no planes of {height} rows of {width}."),
                nameof(logits));
        (Logits, Height, Width) = (logits, height, width);
    }

    /// <summary>Gets the scores, a plane for each class.</summary>
    public ReadOnlyMemory<float> Logits { get; }

    /// <summary>Gets the rows of a plane.</summary>
    public int Height { get; }

    /// <summary>Gets the columns of a plane.</summary>
    public int Width { get; }
}
