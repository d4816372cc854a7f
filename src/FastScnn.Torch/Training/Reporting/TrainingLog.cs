using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using FastScnn.Torch.Data;
using FastScnn.Torch.Metrics;
using FastScnn.Torch.Network;
using TorchSharp;
using TorchSharp.Modules;

namespace FastScnn.Torch.Training.Reporting;

/// <summary>Writes what happens in a training as JSON lines and, if asked for, for TensorBoard; without a folder it writes nothing.</summary>
internal sealed class TrainingLog : IDisposable
{
    // A record for every step would make event files that TensorBoard thins out anyway.
    private const int StepsBetweenRecords = 10;

    private readonly ClassList classes;
    private readonly JsonLinesLog? lines;
    private readonly TensorBoardLog? board;

    public TrainingLog(TrainingFolder? folder, bool tensorBoard, ClassList classes, IReadOnlyDictionary<string, string> recipe, TrainingState? resumed, IReadOnlyList<string> warnings)
    {
        this.classes = classes;
        if (folder is null) return;
        lines = new JsonLinesLog(folder.Log);
        lines.Write(new Dictionary<string, object?>
        {
            ["event"] = resumed is null ? "start" : "resume",
            ["time"] = DateTimeOffset.Now,
            ["step"] = resumed?.Position.Step ?? 0,
            ["recipe"] = recipe,
            ["warnings"] = warnings,
        });
        if (!tensorBoard) return;
        board = new TensorBoardLog(folder.TensorBoard);
        if (resumed is null) board.WriteText("recipe", string.Join("\n\n", recipe.Select(item => $"{item.Key}: {item.Value}")), 0);
    }

    public void StepDone(TrainingProgress report)
    {
        if (board is null || report.Step % StepsBetweenRecords != 0) return;
        board.Write("train/loss", report.Loss, report.Step);
        board.Write("train/learning rate", report.LearningRate, report.Step);
    }

    public void EpochDone(TrainingProgress report)
    {
        Dictionary<string, object?> line = new()
        {
            ["event"] = "epoch",
            ["time"] = DateTimeOffset.Now,
            ["epoch"] = report.Epoch,
            ["step"] = report.Step,
            ["loss"] = report.MeanLoss,
            ["learningRate"] = report.LearningRate,
            ["imagesPerSecond"] = report.ImagesPerSecond,
            ["waitingShare"] = report.WaitingShare,
        };
        Show("train/mean loss", report.MeanLoss, report.Step);
        if (report.Scores is { } scores)
        {
            line["meanIoU"] = scores.MeanIoU;
            line["classes"] = classes.Count;
            line["classesScored"] = scores.ClassesScored;
            line["neverSeen"] = report.Summary?.NeverSeen;
            line["neverLabelled"] = report.Summary?.NeverLabelled;
            line["pixelAccuracy"] = scores.PixelAccuracy;
            line["perClassIoU"] = Enumerable.Range(0, classes.Count).ToDictionary(id => classes[id].Name, id => scores.PerClassIoU[id]);
            line["bestMeanIoU"] = report.BestMeanIoU;
            Show("validation/mIoU", scores.MeanIoU, report.Step);
            Show("validation/pixel accuracy", scores.PixelAccuracy, report.Step);
            for (int id = 0; id < classes.Count; id++)
                Show($"validation IoU/{classes[id].Name}", scores.PerClassIoU[id], report.Step);
        }
        lines?.Write(line);
    }

    public void Ended(TrainingPosition position) => lines?.Write(new Dictionary<string, object?>
    {
        ["event"] = "end",
        ["time"] = DateTimeOffset.Now,
        ["epoch"] = position.Epoch,
        ["step"] = position.Step,
        ["bestEpoch"] = position.BestEpoch,
        ["bestMeanIoU"] = position.BestMeanIoU,
        ["classes"] = classes.Count,
        ["classesScored"] = position.Best?.ClassesScored,
        ["neverSeen"] = position.Best?.NeverSeen,
        ["neverLabelled"] = position.Best?.NeverLabelled,
        ["stoppedEarly"] = position.StoppedEarly,
    });

    // What is not defined has no point on a curve.
    private void Show(string tag, double value, long step)
    {
        if (double.IsFinite(value)) board?.Write(tag, value, step);
    }

    public void Dispose()
    {
        lines?.Dispose();
        board?.Dispose();
    }
}

/// <summary>An epoch as the log has it.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Loss">The mean training loss; NaN where it is not known.</param>
/// <param name="MeanIoU">The validation mIoU, 0..1; null where the epoch was not validated.</param>
/// <param name="PixelAccuracy">The validation pixel accuracy, 0..1; null where the epoch was not validated.</param>
/// <param name="PerClassIoU">The validation IoU by class name, null where it is not defined; empty where the epoch was not validated.</param>
internal sealed record EpochRecord(int Epoch, double Loss, double? MeanIoU, double? PixelAccuracy, IReadOnlyList<(string Class, double? IoU)> PerClassIoU)
{
    /// <summary>The headline, as far as the line says it: not which classes are predicted but never labelled. Null where the epoch was not validated.</summary>
    public ScoreSummary? Summary => PerClassIoU.Count == 0 ? null : new()
    {
        MeanIoU = MeanIoU,
        PixelAccuracy = PixelAccuracy,
        Classes = PerClassIoU.Count,
        ClassesScored = PerClassIoU.Count(score => score.IoU is not null),
        NeverSeen = [.. PerClassIoU.Where(score => score.IoU is null).Select(score => score.Class)],
        NeverLabelled = [.. PerClassIoU.Where(score => score.IoU is null).Select(score => score.Class)],
    };

    /// <summary>
    /// Reads the epochs of a log in order; of one that a resumed run did again, the later line. A last line that a killed run left unfinished is left out.
    /// </summary>
    /// <exception cref="InvalidDataException">A line is none of a training's log.</exception>
    /// <exception cref="IOException">The log cannot be read.</exception>
    public static IReadOnlyList<EpochRecord> Read(string logPath)
    {
        SortedDictionary<int, EpochRecord> epochs = [];
        using FileStream stream = new(logPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using StreamReader reader = new(stream);
        for (int number = 1; reader.ReadLine() is { } line; number++)
        {
            try
            {
                if (Parse(line) is { } record)
                    epochs[record.Epoch] = record;
            }
            catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                if (e is not JsonException || !reader.EndOfStream)
                    throw Errors.NotATrainingLog(logPath, number, e);
            }
        }
        return [.. epochs.Values];
    }

    private static EpochRecord? Parse(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        JsonElement root = document.RootElement;
        if (root.GetProperty("event").GetString() != "epoch")
            return null;
        int epoch = root.GetProperty("epoch").GetInt32();
        return epoch >= 1
            ? new(epoch, Number(root, "loss", double.MinValue, double.MaxValue) ?? double.NaN, Number(root, "meanIoU", 0, 1), Number(root, "pixelAccuracy", 0, 1), Classes(root))
            : throw new FormatException($"The epoch is {epoch}.");
    }

    private static double? Number(JsonElement line, string name, double least, double most) =>
        line.TryGetProperty(name, out JsonElement value) ? ReadNumber(value, name, least, most) : null;

    private static double? ReadNumber(JsonElement value, string name, double least, double most)
    {
        if (value.ValueKind != JsonValueKind.Number)
            return null;
        double number = value.GetDouble();
        return number >= least && number <= most ? number : throw new FormatException($"The number '{name}' is {value.GetRawText()}.");
    }

    private static (string, double?)[] Classes(JsonElement line) => line.TryGetProperty("perClassIoU", out JsonElement classes)
        ? [.. classes.EnumerateObject().Select(c => (c.Name, ReadNumber(c.Value, c.Name, 0, 1)))]
        : [];
}

/// <summary>Appends JSON objects to a file, one a line (JSON Lines), for a run that may be killed at any time and resumed.</summary>
/// <remarks>
/// Every line is handed to the system whole before <see cref="Write"/> returns, so a killed process loses no line. Others may read the file meanwhile.
/// Steps that a resumed run does again stand there twice; the later line counts. Not for use by several threads or processes at once.
/// </remarks>
internal sealed class JsonLinesLog : IDisposable
{
    // Names in any script stay as they are; the file is no part of a web page.
    private static readonly JsonSerializerOptions Values = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new FiniteNumberConverter<double>(), new FiniteNumberConverter<float>() },
    };

    private readonly FileStream stream;

    /// <summary>Opens a file to append to, or makes it and its folder. A last line that a killed process left unfinished is dropped.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">The file holds something else; it is left as it is.</exception>
    /// <exception cref="IOException">The file cannot be opened or made.</exception>
    public JsonLinesLog(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        // With a buffer of its own the stream would keep lines back.
        stream = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        try
        {
            JsonLinesEnd.MoveTo(stream, path);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Appends a line.</summary>
    /// <param name="values">
    /// The members of the object: numbers, texts, truth values, times, or arrays and dictionaries of them.
    /// NaN and infinite numbers, for which JSON has no form, become null.
    /// </param>
    /// <exception cref="NotSupportedException">A value has no form in JSON; nothing is written.</exception>
    /// <exception cref="IOException">The line cannot be written.</exception>
    public void Write(IReadOnlyDictionary<string, object?> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(values, Values), (byte)'\n'];
        stream.Write(line);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => stream.Dispose();
}

/// <summary>Finds where a file of JSON lines goes on.</summary>
internal static class JsonLinesEnd
{
    private const int BlockLength = 65536;

    /// <summary>Moves to the end of the last whole line and cuts off what a killed process left behind it.</summary>
    /// <exception cref="InvalidDataException">The file is not empty and does not begin with a JSON object on a line; it is left as it is.</exception>
    public static void MoveTo(FileStream stream, string path)
    {
        long end = EndOfLastLine(stream);
        // A file that is something else, named by mistake, must not lose its end.
        string first = FirstLine(stream);
        if (stream.Length > 0 && !(end > 0 ? IsObject(first) : first.StartsWith('{'))) throw Errors.NotJsonLines(path, first);

        var rest = new byte[stream.Length - end];
        stream.Position = end;
        stream.ReadExactly(rest);
        // An object that is whole lacks its line break alone.
        if (IsObject(rest))
            stream.WriteByte((byte)'\n');
        else
            stream.SetLength(end);
    }

    private static long EndOfLastLine(FileStream stream)
    {
        var block = new byte[BlockLength];
        for (long end = stream.Length; end > 0;)
        {
            int length = (int)Math.Min(end, BlockLength);
            end -= length;
            stream.Position = end;
            stream.ReadExactly(block, 0, length);
            int lineBreak = block.AsSpan(0, length).LastIndexOf((byte)'\n');
            if (lineBreak >= 0) return end + lineBreak + 1;
        }
        return 0;
    }

    private static string FirstLine(FileStream stream)
    {
        stream.Position = 0;
        using StreamReader reader = new(stream, leaveOpen: true);
        return reader.ReadLine() ?? "";
    }

    private static bool IsObject(string text) => IsObject(Encoding.UTF8.GetBytes(text));

    private static bool IsObject(ReadOnlyMemory<byte> text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

/// <summary>Writes values over steps into an event file that TensorBoard shows (<c>tensorboard --logdir</c>).</summary>
/// <remarks>
/// Every call appends one record and closes the file again, so a killed process loses no more than the record it was writing.
/// A run that is resumed in the same folder adds a file of its own, and TensorBoard joins them; steps that are done again stand there twice.
/// Not for use by several threads at once.
/// </remarks>
internal sealed class TensorBoardLog : IDisposable
{
    private readonly SummaryWriter writer;
    private bool disposed;

    /// <summary>Begins an event file.</summary>
    /// <param name="folder">Where the file is made; the folder is made where it is missing.</param>
    /// <exception cref="DllNotFoundException">libtorch, whose package computes the checksums, cannot be loaded.</exception>
    /// <exception cref="IOException">The folder or the file cannot be made.</exception>
    public TensorBoardLog(string folder)
    {
        // An empty name would mean a folder of the writer's own choice.
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        Libtorch.Load(nameof(TensorBoardLog));
        writer = torch.utils.tensorboard.SummaryWriter(folder);
    }

    /// <summary>Adds a value to a curve.</summary>
    /// <param name="tag">The name of the curve; names with a common part before a slash, such as <c>loss/train</c>, are shown together.</param>
    /// <param name="value">The value, stored in single precision; it may be NaN or infinite.</param>
    /// <param name="step">The step, 0 to 2,147,483,647.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="step"/> is out of range.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Write(string tag, double value, long step)
    {
        Check(tag, step);
        writer.add_scalar(tag, (float)value, (int)step);
    }

    /// <summary>Adds a text, which TensorBoard shows as Markdown.</summary>
    /// <param name="tag">What the text is about.</param>
    /// <param name="text">The text.</param>
    /// <param name="step">The step, 0 to 2,147,483,647.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="step"/> is out of range.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void WriteText(string tag, string text, long step)
    {
        ArgumentNullException.ThrowIfNull(text);
        Check(tag, step);
        writer.add_text(tag, text, (int)step);
    }

    /// <summary>Ends the log; there is nothing left to write.</summary>
    public void Dispose() => disposed = true;

    private void Check(string tag, long step)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        ArgumentException.ThrowIfNullOrWhiteSpace(tag);
        if (step is < 0 or > int.MaxValue) throw Errors.Option(nameof(step), step, $"0 to {int.MaxValue}, which TorchSharp's TensorBoard writer takes");
    }
}

/// <summary>Writes a number so that it can be read back exactly, and null for what is not finite.</summary>
internal sealed class FiniteNumberConverter<T> : JsonConverter<T> where T : struct, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        if (T.IsFinite(value))
            writer.WriteRawValue(value.ToString("R", CultureInfo.InvariantCulture));
        else
            writer.WriteNullValue();
    }

    /// <inheritdoc/>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();
}

/// <summary>Writes numbers as <see cref="FiniteNumberConverter{T}"/> does, as an array.</summary>
internal sealed class FiniteNumbersConverter : JsonConverter<IReadOnlyList<double>>
{
    private static readonly FiniteNumberConverter<double> One = new();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, IReadOnlyList<double> value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (double number in value) One.Write(writer, number, options);
        writer.WriteEndArray();
    }

    /// <inheritdoc/>
    public override IReadOnlyList<double> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();
}
