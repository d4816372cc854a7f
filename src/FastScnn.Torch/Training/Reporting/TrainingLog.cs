using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using FastScnn.Torch.Data;
using FastScnn.Torch.Metrics;
using FastScnn.Torch.Network;
using TorchSharp;
using TorchSharp.Modules;
using static System.FormattableString;

namespace FastScnn.Torch.Training.Reporting;

/// <summary>Writes what happens in a training as JSON lines and, if asked for, for TensorBoard; without a folder it
/// writes nothing.</summary>
internal sealed class TrainingLog : IDisposable
{
    // TensorBoard thins out a record of every step anyway.
    private const int StepsBetweenRecords = 10;

    private readonly ClassList _classes;
    private readonly JsonLinesLog? _lines;
    private readonly TensorBoardLog? _board;

    public TrainingLog(
        TrainingFolder? folder, bool tensorBoard, ClassList classes, IReadOnlyDictionary<string, string> recipe,
        TrainingState? resumed, IReadOnlyList<string> warnings)
    {
        _classes = classes;
        if (folder is null) return;
        _lines = new JsonLinesLog(folder.Log);
        _lines.Write(new StartRecord(resumed is null ? "start" : "resume", resumed?.Position.Step ?? 0, recipe,
            warnings));
        if (!tensorBoard) return;
        _board = new TensorBoardLog(folder.TensorBoard);
        if (resumed is null) _board.WriteText("recipe",
            string.Join("\n\n", recipe.Select(item => $"{item.Key}: {item.Value}")), 0);
    }

    public void StepDone(TrainingProgress report)
    {
        if (_board is null || report.Step % StepsBetweenRecords != 0) return;
        _board.Write("train/loss", report.Loss, report.Step);
        _board.Write("train/learning rate", report.LearningRate, report.Step);
    }

    public void EpochDone(TrainingProgress report, double? bestMeanIoU)
    {
        _lines?.Write(EpochRecord.Of(report, bestMeanIoU));
        Show("train/mean loss", report.MeanLoss, report.Step);
        if (report.Scores is not { } scores) return;
        Show("validation/mIoU", scores.MeanIoU, report.Step);
        Show("validation/pixel accuracy", scores.PixelAccuracy, report.Step);
        foreach ((string name, double iou) in scores.ClassNames.Zip(scores.PerClassIoU))
            Show($"validation IoU/{name}", iou, report.Step);
    }

    public void Ended(TrainingPosition position) => _lines?.Write(new EndRecord(
        position.Epoch, position.Step, position.BestEpoch, position.BestMeanIoU, _classes.Count,
        position.BestScores?.ClassesScored,
        position.BestScores?.NeverSeen, position.BestScores?.NeverLabelled, position.StoppedEarly));

    public void Dispose()
    {
        _lines?.Dispose();
        _board?.Dispose();
    }

    // What is not defined has no point on a curve.
    private void Show(string tag, double value, long step)
    {
        if (double.IsFinite(value)) _board?.Write(tag, value, step);
    }
}

/// <summary>A line of the log; its members are written in the order of declaration.</summary>
internal abstract record LogRecord([property: JsonPropertyOrder(-2)] string Event)
{
    [JsonPropertyOrder(-1)]
    // Not init: a source-generated reader would replace the initial value where the line has none.
    public DateTimeOffset Time { get; set; } = DateTimeOffset.Now;
}

internal sealed record StartRecord(string Event, long Step, IReadOnlyDictionary<string, string> Recipe,
    IReadOnlyList<string> Warnings) : LogRecord(Event);

/// <summary>An epoch. Members that are null are left out, as are the scores of an epoch that was not validated; a score
/// that is not defined is NaN here and null in the file.</summary>
internal sealed record EpochRecord() : LogRecord("epoch")
{
    public required int Epoch { get; init; }

    public long Step { get; init; }

    /// <summary>The mean training loss; NaN where it is not known.</summary>
    [JsonConverter(typeof(FiniteNumberConverter))]
    public double Loss { get; set; } = double.NaN;

    public double LearningRate { get; init; }

    public double ImagesPerSecond { get; init; }

    [JsonPropertyName("waitingShare")]
    public double DataWaitFraction { get; init; }

    [JsonConverter(typeof(FiniteNumberConverter)), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? MeanIoU { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Classes { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? ClassesScored { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? NeverSeen { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? NeverLabelled { get; init; }

    [JsonConverter(typeof(FiniteNumberConverter)), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? PixelAccuracy { get; init; }

    /// <summary>The validation IoU by class name, null where it is not defined.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OrderedDictionary<string, double?>? PerClassIoU { get; init; }

    [JsonConverter(typeof(FiniteNumberConverter)), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? BestMeanIoU { get; init; }

    public static EpochRecord Of(TrainingProgress report, double? bestMeanIoU)
    {
        EpochRecord record = new()
        {
            Epoch = report.Epoch,
            Step = report.Step,
            Loss = report.MeanLoss,
            LearningRate = report.LearningRate,
            ImagesPerSecond = report.ImagesPerSecond,
            DataWaitFraction = report.DataWaitFraction,
        };
        return report.Scores is not { } scores ? record : record with
        {
            MeanIoU = scores.MeanIoU,
            Classes = scores.ClassNames.Count,
            ClassesScored = scores.ClassesScored,
            NeverSeen = scores.NeverSeen,
            NeverLabelled = scores.NeverLabelled,
            PixelAccuracy = scores.PixelAccuracy,
            PerClassIoU = new(scores.ClassNames.Zip(scores.PerClassIoU,
                (name, iou) => KeyValuePair.Create(name, double.IsNaN(iou) ? null : (double?)iou))),
            BestMeanIoU = bestMeanIoU ?? double.NaN,
        };
    }

    /// <summary>Reads the epochs of a log in order; of an epoch that a resumed run did again, the later line. A last
    /// line that a killed run left unfinished is left out.</summary>
    /// <exception cref="InvalidDataException">A line is none of a training's log.</exception>
    /// <exception cref="IOException">The log cannot be read.</exception>
    public static IReadOnlyList<EpochRecord> Read(string logPath)
    {
        SortedDictionary<int, EpochRecord> epochs = [];
        using FileStream stream = new(logPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using StreamReader reader = new(stream);
        for (int number = 1; reader.ReadLine() is { } line; number++)
        {
            if (reader.EndOfStream && !JsonLinesLog.IsJson(line)) break;
            try
            {
                AnyRecord any = JsonSerializer.Deserialize(line, JsonLinesLog.Format.AnyRecord)
                    ?? throw new FormatException("The line is null.");
                if (any.Event != "epoch") continue;
                EpochRecord record = JsonSerializer.Deserialize(line, JsonLinesLog.Format.EpochRecord)!;
                epochs[record.Epoch] = record.Checked();
            }
            catch (Exception e) when (e is JsonException or FormatException)
            {
                throw new InvalidDataException(
                    Invariant($"'{logPath}', line {number}: {e.Message} Expected a JSON object with a member ")
                        + "\"event\", as training writes them to its log.", e);
            }
        }
        return [.. epochs.Values];
    }

    private EpochRecord Checked()
    {
        if (Epoch < 1) throw new FormatException(Invariant($"The epoch is {Epoch}."));
        if (double.IsInfinity(Loss)) throw new FormatException(Invariant($"The number 'loss' is {Loss}."));
        (string, double?)[] scores =
        [
            ("meanIoU", MeanIoU), ("pixelAccuracy", PixelAccuracy),
            .. (PerClassIoU ?? []).Select(item => (item.Key, item.Value))
        ];
        foreach ((string name, double? value) in scores)
            if (value is < 0 or > 1) throw new FormatException(Invariant($"The number '{name}' is {value}."));
        return this;
    }

    // What an epoch's line has in common with all others.
    internal sealed record AnyRecord
    {
        public required string Event { get; init; }
    }
}

internal sealed record EndRecord(
    int Epoch, long Step, int BestEpoch, double? BestMeanIoU, int Classes, int? ClassesScored,
    IReadOnlyList<string>? NeverSeen,
    IReadOnlyList<string>? NeverLabelled, bool StoppedEarly) : LogRecord("end");

/// <summary>Appends JSON objects to a file, one a line (JSON Lines), for a run that may be killed at any time and
/// resumed.</summary>
/// <remarks>Every line is handed to the system whole before <see cref="Write"/> returns, so a killed process loses no
/// line. Others may read the file meanwhile. Steps that a resumed run does again stand there twice; the later line
/// counts. Not for use by several threads or processes at once.</remarks>
internal sealed class JsonLinesLog : IDisposable
{
    private const int BlockLength = 65536;

    private readonly FileStream _stream;

    /// <summary>Opens a file to append to, or makes it and its folder. A last line that a killed process left
    /// unfinished is dropped.</summary>
    /// <exception cref="InvalidDataException">The file holds something else; it is left as it is.</exception>
    /// <exception cref="IOException">The file cannot be opened or made.</exception>
    public JsonLinesLog(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        // With a buffer of its own the stream would keep lines back.
        _stream = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        try
        {
            MoveToEnd(path);
        }
        catch
        {
            _stream.Dispose();
            throw;
        }
    }

    /// <summary>The form of a line. Names in any script stay as they are; the file is no part of a web page.</summary>
    public static LogJson Format { get; } = new(new JsonSerializerOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
    });

    /// <summary>Whether a text is JSON to its end.</summary>
    public static bool IsJson(string text) => KindOf(Encoding.UTF8.GetBytes(text)) is not null;

    /// <summary>Appends a line.</summary>
    /// <exception cref="NotSupportedException">A value has no form in JSON; nothing is written.</exception>
    /// <exception cref="IOException">The line cannot be written.</exception>
    public void Write(object line)
    {
        ArgumentNullException.ThrowIfNull(line);
        _stream.Write([.. JsonSerializer.SerializeToUtf8Bytes(line, line.GetType(), Format), (byte)'\n']);
    }

    public void Dispose() => _stream.Dispose();

    // Moves to the end of the last whole line and cuts off what a killed process left behind it.
    private void MoveToEnd(string path)
    {
        long end = EndOfLastLine();
        // A file that is something else, named by mistake, must not lose its end.
        string first = FirstLine();
        if (_stream.Length > 0 && !(end > 0 ? IsObject(Encoding.UTF8.GetBytes(first)) : first.StartsWith('{')))
            throw new InvalidDataException(
                $"'{path}' is no log to append to: its first line is "
                + $"'{(first.Length > 40 ? first[..40] + "..." : first)}' instead of a JSON object. Nothing was "
                + "changed; name another file.");
        var rest = new byte[_stream.Length - end];
        _stream.Position = end;
        _stream.ReadExactly(rest);
        // An object that is whole lacks its line break alone.
        if (IsObject(rest))
            _stream.WriteByte((byte)'\n');
        else
            _stream.SetLength(end);
    }

    private long EndOfLastLine()
    {
        var block = new byte[BlockLength];
        for (long end = _stream.Length; end > 0;)
        {
            int length = (int)Math.Min(end, BlockLength);
            end -= length;
            _stream.Position = end;
            _stream.ReadExactly(block, 0, length);
            int lineBreak = block.AsSpan(0, length).LastIndexOf((byte)'\n');
            if (lineBreak >= 0) return end + lineBreak + 1;
        }
        return 0;
    }

    private string FirstLine()
    {
        _stream.Position = 0;
        using StreamReader reader = new(_stream, leaveOpen: true);
        return reader.ReadLine() ?? "";
    }

    private static bool IsObject(byte[] text) => KindOf(text) == JsonValueKind.Object;

    private static JsonValueKind? KindOf(byte[] text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>What a log may hold, read and written without reflection.</summary>
[JsonSerializable(typeof(StartRecord))]
[JsonSerializable(typeof(EpochRecord))]
[JsonSerializable(typeof(EpochRecord.AnyRecord))]
[JsonSerializable(typeof(EndRecord))]
[JsonSerializable(typeof(Dictionary<string, object>))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(Dictionary<string, double>))]
[JsonSerializable(typeof(Dictionary<string, double?>))]
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class LogJson : JsonSerializerContext;

/// <summary>Writes values over steps into an event file that TensorBoard shows (<c>tensorboard --logdir</c>).</summary>
/// <remarks>Every call appends one record and closes the file again, so a killed process loses no more than the record
/// it was writing. A run that is resumed in the same folder adds a file of its own, and TensorBoard joins them; steps
/// that are done again stand there twice.</remarks>
internal sealed class TensorBoardLog : IDisposable
{
    private readonly SummaryWriter _writer;
    private bool _disposed;

    /// <summary>Begins an event file in the folder, which is made where it is missing.</summary>
    /// <exception cref="DllNotFoundException">libtorch, whose package computes the checksums, cannot be
    /// loaded.</exception>
    public TensorBoardLog(string folder)
    {
        // An empty name would mean a folder of the writer's own choice.
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        Libtorch.Load(nameof(TensorBoardLog));
        _writer = torch.utils.tensorboard.SummaryWriter(folder);
    }

    /// <summary>Adds a value to a curve; curves whose tags have a common part before a slash are shown
    /// together.</summary>
    public void Write(string tag, double value, long step)
    {
        Check(tag, step);
        _writer.add_scalar(tag, (float)value, (int)step);
    }

    /// <summary>Adds a text, which TensorBoard shows as Markdown.</summary>
    public void WriteText(string tag, string text, long step)
    {
        ArgumentNullException.ThrowIfNull(text);
        Check(tag, step);
        _writer.add_text(tag, text, (int)step);
    }

    public void Dispose() => _disposed = true;

    private void Check(string tag, long step)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentException.ThrowIfNullOrWhiteSpace(tag);
        if (step is < 0 or > int.MaxValue)
            throw Throw.OutOfRange(nameof(step), step, $"0 to {int.MaxValue}, which TorchSharp's TensorBoard writer "
                + "takes");
    }
}
