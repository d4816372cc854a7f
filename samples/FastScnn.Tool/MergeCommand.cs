using System.CommandLine;
using System.Globalization;

namespace FastScnn.Tool;

/// <summary><c>fastscnn merge</c>: the results files of all shards in, those of the whole list out.</summary>
internal static class MergeCommand
{
    public static Command Create()
    {
        Option<string[]> input = new("--input", "-i")
        {
            Description = "Output folder of the shards, or their results files",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        Option<string?> output = new("--output", "-o")
        {
            Description = "Folder for results.jsonl and shares.csv; default: that of the first results file"
        };
        Command command = new("merge", "Join the results of all shards of 'segment --shard', in the order of the list.")
        {
            input, output
        };
        command.SetAction((parsed, cancellation) => Failure.Guard(() => Task.FromResult(Run(
            parsed.GetRequiredValue(input), parsed.GetValue(output), cancellation))));
        return command;
    }

    private static int Run(IReadOnlyList<string> input, string? output, CancellationToken cancellation)
    {
        string[] files = [.. input.SelectMany(path => Directory.Exists(path) ? Shards(path) : [path])];
        output ??= Path.GetDirectoryName(files[0]) ?? "";
        if (output.Length > 0)
            Directory.CreateDirectory(output);
        string merged = MergedResults.Write(files, output, cancellation);
        ResultsSummary summary = ResultsSummary.Read(merged);
        Console.WriteLine(
            $"{summary.Segmented} of {summary.Images} images, {files.Length} shards{summary.KeptText}; results in "
                + $"{merged}");
        foreach (string error in summary.Errors())
            Console.Error.WriteLine(error);
        return summary.Segmented == summary.Images ? 0 : Failure.ExitCode;
    }

    private static IReadOnlyList<string> Shards(string folder)
    {
        IReadOnlyList<string> files = ResultsFile.In(folder, ofShards: true);
        return files.Count > 0 ? files : throw new FileNotFoundException(
            $"--input names '{folder}', which has no results of a shard, such as '{ResultsFile.NameOf(new(1, 16))}'.");
    }
}

/// <summary>Joins results files into the one of the whole list, with a table of class shares beside it.</summary>
internal static class MergedResults
{
    /// <summary>Writes both files, in the order of the list.</summary>
    /// <param name="files">The files of all shards, or the one of the whole list: then it is put in order.</param>
    /// <param name="output">The folder for the files.</param>
    /// <param name="cancellation">Stops before anything is replaced.</param>
    /// <returns>The path of the results.</returns>
    /// <exception cref="InvalidDataException">The files do not belong together, one is missing or not complete, or one
    /// is damaged; the message names it.</exception>
    public static string Write(IReadOnlyList<string> files, string output, CancellationToken cancellation)
    {
        string results = Path.Combine(output, ResultsFile.NameOf(null));
        OutputFile.Replace(results, lines => OutputFile.Replace(Path.Combine(output, "shares.csv"), table =>
        {
            List<ResultsFile> shards = [];
            try
            {
                shards.AddRange(files.Select(path => new ResultsFile(path)));
                (int File, long Offset, int Length)[] places = Place(shards, cancellation);
                using FileStream merged = File.Create(lines);
                using StreamWriter shares = new(table);
                ResultsHead head = shards[0].Head!;
                merged.Write(ResultsFile.ToLine(head with { Shard = null, Images = places.Length }));
                shares.WriteLine(string.Join(',', head.Classes.Select(Quote).Prepend("image")));
                foreach ((int file, long offset, int length) in places)
                {
                    cancellation.ThrowIfCancellationRequested();
                    ImageResult result = shards[file].ReadAt(offset, length);
                    merged.Write(ResultsFile.ToLine(result));
                    if (result.Mask is not null)
                        shares.WriteLine(string.Join(',',
                            head.Classes.Select(c => result.Shares[c].ToString("F6", CultureInfo.InvariantCulture))
                                .Prepend(Quote(FolderSegmentation.NameOf(result)))));
                }
            }
            finally
            {
                shards.ForEach(shard => shard.Dispose());
            }
        }));
        return results;
    }

    // Where the line of each image of the list is.
    private static (int File, long Offset, int Length)[] Place(List<ResultsFile> shards, CancellationToken cancellation)
    {
        CheckHeads(shards);
        var places = new (int File, long Offset, int Length)[shards[0].Head!.ListImages];
        List<string> cut = [];
        for (int file = 0; file < shards.Count; file++)
        {
            ResultsHead head = shards[file].Head!;
            int images = 0;
            foreach ((ImageResult result, long offset, int length) in shards[file].Read())
            {
                cancellation.ThrowIfCancellationRequested();
                if (result.Index < 0 || result.Index >= places.Length || head.Shard?.Has(result.Image) == false)
                    throw new InvalidDataException(
                        $"'{shards[file].Path}' has '{result.Image}', image {result.Index + 1} of the list; it is not "
                            + "one of its own.");
                if (places[result.Index].Length > 0)
                    throw new InvalidDataException(
                        $"'{shards[places[result.Index].File].Path}' and '{shards[file].Path}' have image "
                            + $"{result.Index + 1} of the list, '{result.Image}'; expected it once.");
                places[result.Index] = (file, offset, length);
                images++;
            }
            if (images != head.Images)
                cut.Add($"'{shards[file].Path}' has {images} of its {head.Images} images");
        }
        if (cut.Count > 0)
            throw new InvalidDataException($"{Some(cut)}. Run {(cut.Count == 1 ? "it" : "them")} to the end with "
                + "--skip-existing.");
        int missing = Array.FindIndex(places, place => place.Length == 0);
        return missing < 0 ? places
            : throw new InvalidDataException($"No file has image {missing + 1} of the list of {places.Length}.");
    }

    private static void CheckHeads(List<ResultsFile> shards)
    {
        foreach (ResultsFile shard in shards)
            if (shard.Head is null)
                throw new InvalidDataException(
                    $"'{shard.Path}' has no image. Run it to the end with --skip-existing.");
        ResultsHead first = shards[0].Head!;
        int count = first.Shard?.Count ?? 1;
        string?[] paths = new string?[count];
        foreach (ResultsFile shard in shards)
        {
            ResultsHead head = shard.Head!;
            if (first.Difference(head, ofOneList: true) is var (what, theirs, mine))
                throw new InvalidDataException(
                    $"'{shards[0].Path}' was written with {what} {theirs}, and '{shard.Path}' with {mine}; results are "
                        + "merged of one model, one set of options and one list.");
            ref string? path = ref paths[(head.Shard?.Number ?? 1) - 1];
            if (path is not null)
                throw new InvalidDataException($"'{path}' and '{shard.Path}' are both of shard {head.Shard}.");
            path = shard.Path;
        }
        if (shards.Count < count)
            throw new InvalidDataException($"{shards.Count} of {count} shards; without "
                + Some([.. Enumerable.Range(1, count).Where(number => paths[number - 1] is null)
                    .Select(number => $"'{ResultsFile.NameOf(new(number, count))}'")]) + ".");
    }

    private static string Some(IReadOnlyCollection<string> texts) =>
        string.Join(", ", texts.Take(10)) + (texts.Count > 10 ? $" and {texts.Count - 10} more" : "");

    /// <summary>A text as a field of a CSV file.</summary>
    public static string Quote(string text) =>
        text.AsSpan().ContainsAny(",\"\n\r") ? $"\"{text.Replace("\"", "\"\"")}\"" : text;
}
