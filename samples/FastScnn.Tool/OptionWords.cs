using System.Text.RegularExpressions;
using Spectre.Console;

namespace FastScnn.Tool;

/// <summary>The one table from the property names in the library's messages to the options of the command line, and the
/// one place that applies it.</summary>
internal static partial class OptionWords
{
    /// <summary>What the library says, and what the command line calls it. Longer words come first: one may begin
    /// another.</summary>
    public static IReadOnlyList<(string Api, string Option)> Table { get; } =
    [
        .. new (string Api, string Option)[]
        {
            ("MaskEncoding.LabelIds", "--labels label-ids"),
            ("MaskEncoding.TrainIds", "--labels train-ids"),
            ("MaskEncoding.CategoryIds", "--labels category-ids"),
            ("MaskEncoding.Auto", "no --labels"),
            ("MaskEncoding.Values", "--labels values"),
            ("MaskEncoding.Colors", "--labels colors"),
            ("FolderDatasetOptions.LabelRanges", "--label-map"),
            ("FolderDatasetOptions.LabelMap", "--label-map"),
            ("LabelRanges", "--label-map"),
            ("LabelMap", "--label-map"),
            ("FolderDatasetOptions.IgnoreUnknownColors", "--ignore-unknown-colors"),
            ("IgnoreUnknownColors", "--ignore-unknown-colors"),
            ("ReduceZeroLabel", "--reduce-zero-label"),
            ("MaskSuffix", "--mask-suffix"),
            ("ImageSuffix", "--image-suffix"),
            ("IgnoreIndex", "--ignore-index"),
            ("TrainingOptions.BatchSize", "--batch-size"),
            ("AccumulateSteps", "--accumulate-steps"),
            ("set Resume", "give --resume"),
            ("OutputFolder", "--output"),
            ("BatchSize", "--batch-size"),
            ("TrainingOptions.FreezeBatchNorm", "--freeze-batch-norm"),
            ("FreezeBatchNorm", "--freeze-batch-norm"),
            ("CacheBytes", "--cache-mb"),
            ("Workers", "--workers"),
            ("InputScale", "--input-scale"),
            ("Precision", "--precision"),
            ("AverageDecay", "--ema"),
            ("MaxGradientNorm", "--clip"),
            ("InitialWeights", "--start-from"),
            ("FastScnnSegmenterOptions.MaxPixels", "--max-pixels"),
            ("ImageDecoderOptions.MaxPixels", "--max-pixels"),
            ("QuantizationOptions.MaxPixels", "--max-pixels"),
            ("ImageDecoderOptions.ApplyOrientation", "--as-stored"),
            ("SegmentationDataset.MaxPixels", "--max-pixels"),
            ("MaxPixels", "--max-pixels"),
            ("FastScnnSegmenterOptions.IntraOpThreads", "--threads"),
            ("IntraOpThreads", "--threads"),
            ("GpuDeviceId", "--gpu"),
            ("End FastScnnSegmenterOptions.ExecutionProviders with \"CPU\"", "End --providers with CPU"),
            ("InferenceOptions.WorkingSide", "--working-side"),
            ("WorkingSide", "--working-side"),
            ("set ImageDecoderOptions.ApplyOrientation to false", "give --as-stored"),
            ("with OnnxExporter", "with 'fastscnn export'"),
            ("FastScnn.Torch.Onnx.OnnxExporter", "fastscnn export"),
            ("give the classes in the options", "give them with --classes"),
            ("train without validation", "train with --no-val"),
        }.OrderByDescending(word => word.Api.Length).ThenBy(word => word.Api, StringComparer.Ordinal),
    ];

    private static readonly Dictionary<string, string> s_options = Table.ToDictionary(word => word.Api,
        word => word.Option, StringComparer.Ordinal);

    private static readonly Regex s_words =
        new($@"(?<![\w.])(?:{string.Join('|', Table.Select(word => Regex.Escape(word.Api)))})(?!\w)",
            RegexOptions.CultureInvariant);

    /// <summary>A message of the library in the words of the command line. What is quoted, such as the name of a file,
    /// stays.</summary>
    /// <param name="message">The message.</param>
    public static string Translate(string message)
    {
        // An apostrophe within a word is no quote.
        Match[] quotes = QuotedText().Matches(message).ToArray();
        return s_words.Replace(message,
            found => quotes.Any(quote => found.Index > quote.Index && found.Index < quote.Index + quote.Length)
                ? found.Value : s_options[found.Value]);
    }

    [GeneratedRegex(@"(?<!\w)'[^'\n]*'(?!\w)")]
    private static partial Regex QuotedText();
}

/// <summary>Prints the library's warnings in the words of the command line.</summary>
internal static class Warnings
{
    /// <summary>Prints a line for each.</summary>
    public static void Print(IEnumerable<string> warnings)
    {
        foreach (string warning in warnings)
        {
            string line = $"warning: {OptionWords.Translate(warning)}";
            // A live progress bar overwrites what does not go through it; a file wants lines that are not wrapped.
            if (Console.IsOutputRedirected)
                Console.WriteLine(line);
            else
                AnsiConsole.WriteLine(line);
        }
    }

    /// <summary>The warnings as JSON holds them.</summary>
    public static IReadOnlyList<string> Translate(IEnumerable<string> warnings) =>
    [
        .. warnings.Select(OptionWords.Translate)
    ];
}
