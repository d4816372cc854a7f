using System.Globalization;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Torch.Data;
using Microsoft.ML.Data;
using Spectre.Console;

namespace FastScnn.Tool;

/// <summary>Segments images several at a time and writes a mask and an overlay for each.</summary>
internal sealed class FolderSegmentation(FastScnnSegmenter segmenter, ImageDecoderOptions decoding, string output,
    double opacity)
{
    /// <param name="images">The files.</param>
    /// <param name="names">What the files of their results are called.</param>
    /// <param name="jobs">How many at a time; 0 for half the cores, in 2..4.</param>
    /// <param name="done">Called after each, one call at a time.</param>
    /// <param name="cancellation">Stops between images.</param>
    /// <returns>One result an image, in order.</returns>
    public SegmentedImage[] Run(IReadOnlyList<string> images, IReadOnlyList<string> names, int jobs, Action done,
        CancellationToken cancellation)
    {
        var results = new SegmentedImage[images.Count];
        var gate = new Lock();
        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = jobs > 0 ? jobs : Math.Clamp(Environment.ProcessorCount / 2, 2, 4),
            CancellationToken = cancellation,
        };
        Parallel.For(0, images.Count, parallel, i =>
        {
            results[i] = Segment(images[i], names[i]);
            lock (gate)
                done();
        });
        return results;
    }

    private SegmentedImage Segment(string file, string name)
    {
        try
        {
            using MLImage image = ImageDecoder.Read(file, decoding);
            SegmentationMap map = segmenter.Segment(image);
            using MLImage overlay = map.Overlay(image, opacity);
            map.SavePng(Path.Combine(output, name + "_mask.png"));
            SaveWhole(overlay, Path.Combine(output, name + "_overlay.png"));
            return new SegmentedImage(file, name, map.Width, map.Height, map.ClassFractions, map.Timings.Inference,
                null);
        }
        catch (Exception e)
        {
            // One bad image does not end a folder; it is named at the end and fails the command.
            string reason = Failure.Reason(e, mayBeIncomplete: true);
            string fault = reason.Contains(file, StringComparison.Ordinal) ? reason : $"{file}: {reason}";
            return new SegmentedImage(file, name, 0, 0, [], default, fault);
        }
    }

    // MLImage chooses the format by the extension, so the temporary name keeps it.
    private static void SaveWhole(MLImage image, string path)
    {
        string temporary = path + ".tmp.png";
        try
        {
            image.Save(temporary);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}

/// <summary>What came of an image.</summary>
/// <param name="Image">The file.</param>
/// <param name="Name">What the files of its results are called, without their endings.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="ClassFractions">The part of it that each class covers.</param>
/// <param name="Inference">How long the network took.</param>
/// <param name="Fault">Why there is no result; null where there is one.</param>
internal sealed record SegmentedImage(string Image, string Name, int Width, int Height,
    IReadOnlyList<double> ClassFractions, TimeSpan Inference, string? Fault);

/// <summary>How much of each image belongs to each class.</summary>
internal sealed class ShareTable(ClassList classes, IReadOnlyList<SegmentedImage> images)
{
    /// <summary>Writes a line for each image and a column for each class, as fractions of the image.</summary>
    public void Save(string path)
    {
        string temporary = path + ".tmp";
        File.WriteAllLines(temporary,
        [
            string.Join(',', classes.Select(c => Quote(c.Name)).Prepend("image")),
            .. images.Select(row => string.Join(',',
                row.ClassFractions.Select(s => s.ToString("F6", CultureInfo.InvariantCulture))
                    .Prepend(Quote(row.Name)))),
        ]);
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>The mean over all images, largest class first, each with its colour.</summary>
    public Table Draw()
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumn("class")
            .AddColumn(new TableColumn("share of pixels").RightAligned());
        IEnumerable<(SegmentationClass Class, double Share)> shares =
            classes.Select((c, id) => (c, images.Average(row => row.ClassFractions[id])));
        foreach ((SegmentationClass c, double share) in shares.OrderByDescending(pair => pair.Share))
            table.AddRow(new Markup($"[rgb({c.Red},{c.Green},{c.Blue})]██[/] {Markup.Escape(c.Name)}"),
                new Text($"{share * 100:F2} %"));
        return table;
    }

    private static string Quote(string text) =>
        text.AsSpan().ContainsAny(",\"\n\r") ? $"\"{text.Replace("\"", "\"\"")}\"" : text;
}

/// <summary>The images that a command works on, and the name that each one's results get.</summary>
internal static class InputFiles
{
    /// <summary>The file itself, or the images directly in the folder in ordinal order; a warning names files that look
    /// like images but are not read.</summary>
    /// <param name="input">The file or folder.</param>
    /// <param name="option">The option that names it.</param>
    /// <param name="unread">The files in the folder that look like images but are not read.</param>
    public static IReadOnlyList<string> Find(string input, string option, out IReadOnlyList<string> unread)
    {
        unread = [];
        if (File.Exists(input))
            return [input];
        if (!Directory.Exists(input))
            throw new FileNotFoundException($"{option} names '{input}', which is neither a file nor a folder.");
        (IReadOnlyList<string> images, unread) = ImageFiles.List(input, subfolders: false);
        string? warning = unread.Count == 0 ? null : ImageFiles.DescribeUnsupported(unread);
        if (images.Count == 0)
            throw new FileNotFoundException(
                $"The folder '{input}' holds no image "
                    + $"({string.Join(", ", ImageFiles.Extensions)}).{(warning is null ? "" : " " + warning)}");
        if (warning is not null)
            Warnings.Print([warning]);
        return images;
    }

    /// <summary>The image's name without extension, or with it where two images would share the name.</summary>
    public static IReadOnlyList<string> ResultNames(IReadOnlyList<string> images)
    {
        HashSet<string> shared =
            new(images.Select(Stem).GroupBy(s => s, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1)
                .Select(g => g.Key), StringComparer.OrdinalIgnoreCase);
        // A stem may also be the whole name of another, as with a.png.png beside a.png and a.jpg.
        shared.UnionWith(images.Select(p => Path.GetFileName(p)!));
        return [.. images.Select(p => shared.Contains(Stem(p)) ? Path.GetFileName(p) : Stem(p))];
    }

    private static string Stem(string path) => Path.GetFileNameWithoutExtension(path);
}
