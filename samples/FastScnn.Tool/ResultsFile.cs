using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace FastScnn.Tool;

/// <summary>What came of an image: a line of a results file.</summary>
internal sealed record ImageResult
{
    /// <summary>Its place in the whole list, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>Its path: see <see cref="InputImage.Key"/>.</summary>
    public required string Image { get; init; }

    /// <summary>Why there is no result; null where there is one.</summary>
    public required string? Error { get; init; }

    /// <summary>Columns.</summary>
    public int Width { get; init; }

    /// <summary>Rows.</summary>
    public int Height { get; init; }

    /// <summary>The file of the mask in the output folder.</summary>
    public string? Mask { get; init; }

    /// <summary>The file of the overlay in the output folder.</summary>
    public string? Overlay { get; init; }

    /// <summary>The file of the regions in the output folder; null where none was asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Regions { get; init; }

    /// <summary>The part of the pixels whose class is not in doubt; null where all count.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Kept { get; init; }

    /// <summary>How long the network took, in milliseconds.</summary>
    public double InferenceMs { get; init; }

    /// <summary>The part of the image that each class covers.</summary>
    public IReadOnlyDictionary<string, double> Shares { get; init; } = new Dictionary<string, double>();
}

/// <summary>What the results of one file have in common: its first line.</summary>
internal sealed record ResultsHead
{
    /// <summary>What kind of file it is.</summary>
    public const string KnownFormat = "fastscnn results 1";

    public required string Format { get; init; }

    /// <summary>The SHA-256 of the model's file.</summary>
    public required string Model { get; init; }

    /// <summary>The options that change results, by name.</summary>
    public required IReadOnlyDictionary<string, string> Options { get; init; }

    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Which images they are; null for all.</summary>
    public required Shard? Shard { get; init; }

    /// <summary>How many images the file has when it is complete.</summary>
    public required int Images { get; init; }

    /// <summary>How many images the whole list has.</summary>
    public required int ListImages { get; init; }

    /// <summary>The hash of the whole list: see <see cref="InputImages.Hash"/>.</summary>
    public required string List { get; init; }

    /// <summary>Whether the masks are to train on: see <see cref="FolderSegmentation"/>.</summary>
    [JsonIgnore]
    public bool IsToTrainOn => Options.ContainsKey(PseudoLabels.Option);

    /// <summary>What two files must have in common, by name, for their results to be of one kind; and where they are
    /// merged, of one list in as many shards.</summary>
    private Dictionary<string, string> Facts(bool ofOneList)
    {
        Dictionary<string, string> facts = new(Options) { ["the model with the SHA-256"] = Model };
        if (ofOneList)
        {
            facts["a list of"] = $"{ListImages} images with the hash {List}";
            facts["the number of shards"] = $"{Shard?.Count ?? 1}";
        }
        return facts;
    }

    /// <summary>Finds what differs; null where nothing does.</summary>
    /// <param name="other">What to compare with.</param>
    /// <param name="ofOneList">Whether the list and the number of shards count too.</param>
    public (string What, string Mine, string Other)? Difference(ResultsHead other, bool ofOneList)
    {
        Dictionary<string, string> mine = Facts(ofOneList), others = other.Facts(ofOneList);
        foreach (string what in mine.Keys.Union(others.Keys))
            if ((mine.GetValueOrDefault(what, "not set"), others.GetValueOrDefault(what, "not set")) is var (a, b)
                && a != b)
                return (what, a, b);
        return null;
    }
}

/// <summary>Reads a results file, also one that a process is writing: JSON lines, of which the first is a
/// <see cref="ResultsHead"/> and each other one an <see cref="ImageResult"/>. A last line without an end was cut when
/// the process was killed, and counts as missing.</summary>
internal sealed class ResultsFile : IDisposable
{
    /// <summary>How the command line writes and reads JSON.</summary>
    public static JsonSerializerOptions Json { get; } =
        new(JsonSerializerDefaults.Web)
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            RespectNullableAnnotations = true,
        };

    private readonly FileStream _file;

    /// <exception cref="InvalidDataException">The first line is whole and not that of a results file.</exception>
    public ResultsFile(string path)
    {
        Path = path;
        _file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        try
        {
            Head = Lines().Select(line => Parse<ResultsHead>(line.Bytes, 1, Fault)).FirstOrDefault();
            if (Head is not null && Head.Format != ResultsHead.KnownFormat)
                throw new InvalidDataException(
                    $"'{path}' has the format '{Head.Format}'; expected '{ResultsHead.KnownFormat}'.");
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    public string Path { get; }

    /// <summary>The first line; null where even that was cut.</summary>
    public ResultsHead? Head { get; }

    /// <summary>The name of the file of a shard, or of the whole list.</summary>
    public static string NameOf(Shard? shard) =>
        shard is null ? "results.jsonl" : $"results-{shard.Number}-of-{shard.Count}.jsonl";

    /// <summary>The results files of a folder, in ordinal order: those of shards, and that of the whole list.</summary>
    public static IReadOnlyList<string> In(string folder, bool ofShards) =>
    [
        .. Directory.EnumerateFiles(folder, "results*.jsonl")
            .Where(path => Regex.IsMatch(System.IO.Path.GetFileName(path),
                ofShards ? @"^results-\d+-of-\d+\.jsonl$" : @"^results(-\d+-of-\d+)?\.jsonl$"))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>A line as it is written.</summary>
    public static byte[] ToLine<T>(T value) => [.. JsonSerializer.SerializeToUtf8Bytes(value, Json), (byte)'\n'];

    /// <summary>The results in the order in which they were written, each with the place of its line.</summary>
    /// <exception cref="InvalidDataException">A line is no result; the message names it.</exception>
    public IEnumerable<(ImageResult Result, long Offset, int Length)> Read()
    {
        int number = 1;
        foreach ((long offset, byte[] bytes) in Lines().Skip(1))
            yield return (Parse<ImageResult>(bytes, ++number, Fault), offset, bytes.Length);
    }

    /// <summary>A result whose place is known, as it was read.</summary>
    public ImageResult ReadAt(long offset, int length)
    {
        byte[] line = new byte[length];
        _file.Position = offset;
        _file.ReadExactly(line);
        return JsonSerializer.Deserialize<ImageResult>(line, Json)!;
    }

    public void Dispose() => _file.Dispose();

    private IEnumerable<(long Offset, byte[] Bytes)> Lines()
    {
        byte[] buffer = new byte[1 << 16];
        long offset = 0, read = 0;
        for (int start = 0, end = 0; ;)
        {
            int length = Array.IndexOf(buffer, (byte)'\n', start, end - start) - start;
            if (length >= 0)
            {
                yield return (offset, buffer[start..(start + length)]);
                start += length + 1;
                offset += length + 1;
                continue;
            }
            Array.Copy(buffer, start, buffer, 0, end -= start);
            start = 0;
            if (end == buffer.Length)
                Array.Resize(ref buffer, 2 * end);
            _file.Position = read;
            int more = _file.Read(buffer, end, buffer.Length - end);
            if (more == 0)
                yield break;
            end += more;
            read += more;
        }
    }

    private static string? Fault(ResultsHead head) =>
        head.Shard is { } shard && (shard.Number < 1 || shard.Number > shard.Count) ? $"Its shard is {shard}."
        : head.Images < 0 || head.Images > head.ListImages
            ? $"It says {head.Images} images, of a list of {head.ListImages}." : null;

    private string? Fault(ImageResult result) =>
        result.Error is null == result.Mask is null ? "It must have a mask or an error."
        : result.Mask is null ? null
        : Head!.Classes.FirstOrDefault(name => !result.Shares.ContainsKey(name)) is { } missing
            ? $"It has no share of the class '{missing}'." : null;

    // What a process wrote is right; a line that someone changed must not become a wrong table.
    private T Parse<T>(byte[] line, int number, Func<T, string?> fault)
    {
        try
        {
            T value = JsonSerializer.Deserialize<T>(line, Json) ?? throw new JsonException("It is null.");
            return fault(value) is { } found ? throw new JsonException(found) : value;
        }
        catch (JsonException e)
        {
            string expected = number == 1 ? "the first line of a results file"
                : "the result of an image; without that line, --skip-existing scores the image again";
            throw new InvalidDataException($"'{Path}', line {number}: expected {expected}. {e.Message}", e);
        }
    }
}

/// <summary>Writes the results file of a run, a line for each image as soon as it is done. Other processes are kept off
/// the file until it is disposed.</summary>
internal sealed class ResultsWriter : IDisposable
{
    private readonly FileStream _lock, _file;
    private readonly bool[] _done;
    private readonly bool _toTrainOn;

    /// <summary>Starts the file, or goes on with the one that is there.</summary>
    /// <param name="output">The folder of all results.</param>
    /// <param name="head">What the run is.</param>
    /// <param name="images">The images of the run.</param>
    /// <param name="goOn">Whether images count as done that have a mask, and a line in the file that is there.</param>
    /// <exception cref="InvalidOperationException">A results file in the folder is of another model or other options;
    /// the message names it.</exception>
    /// <exception cref="IOException">Another process writes the file, or it cannot be written.</exception>
    public ResultsWriter(string output, ResultsHead head, InputImages images, bool goOn)
    {
        Path = System.IO.Path.Combine(output, ResultsFile.NameOf(head.Shard));
        (_done, _toTrainOn) = (new bool[images.Count], head.IsToTrainOn);
        try
        {
            _lock = new(Path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1,
                FileOptions.DeleteOnClose);
        }
        catch (IOException e)
        {
            throw new IOException($"'{Path}' cannot be taken for this run: {e.Message} Is another run writing it? Wait "
                + "for it, or choose another --output.", e);
        }
        try
        {
            RefuseOthers(output, head, goOn);
            OutputFile.Replace(Path, temporary =>
            {
                using FileStream file = File.Create(temporary);
                file.Write(ResultsFile.ToLine(head));
                if (goOn && File.Exists(Path))
                    Keep(file, output, images);
            });
            // Unbuffered: a line is with the system when Add returns, and stays when the process is killed.
            _file = new(Path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        }
        catch
        {
            _lock.Dispose();
            throw;
        }
    }

    public string Path { get; }

    /// <summary>How many images were done before.</summary>
    public int Kept { get; private set; }

    /// <summary>Whether an image was done before.</summary>
    /// <param name="position">Its place in the shard, from 0.</param>
    public bool IsDone(int position) => _done[position];

    /// <summary>Writes a line; not for several threads at a time.</summary>
    public void Add(ImageResult result) => _file.Write(ResultsFile.ToLine(result));

    public void Dispose()
    {
        _file.Dispose();
        _lock.Dispose();
    }

    // Masks of two models in one folder could not be told apart.
    private void RefuseOthers(string output, ResultsHead head, bool goOn)
    {
        foreach (string path in ResultsFile.In(output, ofShards: false).Where(path => goOn || path != Path))
        {
            using ResultsFile other = new(path);
            if (other.Head?.Difference(head, ofOneList: false) is var (what, theirs, mine))
                throw new InvalidOperationException(
                    $"'{path}' was written with {what} {theirs}, and this run has {mine}. Choose another --output, or "
                        + "delete the results there.");
        }
    }

    // Lines are written anew: the list may have changed, and images that failed or lost their mask are done again.
    private void Keep(FileStream file, string output, InputImages images)
    {
        using ResultsFile before = new(Path);
        Dictionary<string, int> positions = new(images.Count, StringComparer.Ordinal);
        for (int i = 0; i < images.Count; i++)
            positions.Add(images[i].Key, i);
        foreach ((ImageResult result, _, _) in before.Read())
            if (positions.TryGetValue(result.Image, out int position) && !_done[position]
                && images[position] is var image && result.Mask == FolderSegmentation.MaskOf(image.Name, _toTrainOn)
                && File.Exists(System.IO.Path.Combine(output, result.Mask)))
            {
                file.Write(ResultsFile.ToLine(result with { Index = image.Index }));
                _done[position] = true;
                Kept++;
            }
    }
}
