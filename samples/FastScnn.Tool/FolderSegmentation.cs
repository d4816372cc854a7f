using System.Globalization;
using FastScnn.ML;
using FastScnn.Torch.Data;
using Microsoft.ML.Data;
using Spectre.Console;

namespace FastScnn.Tool;

/// <summary>Segments photos several at a time and writes a mask and an overlay for each.</summary>
internal sealed class FolderSegmentation(FastScnnSegmenter segmenter, ImageDecoderOptions decoding, string output, double opacity)
{
    /// <param name="photos">The files.</param>
    /// <param name="names">What the files of their results are called.</param>
    /// <param name="jobs">How many at a time; 0 for half the cores, in 2..4.</param>
    /// <param name="done">Called after each, one call at a time.</param>
    /// <param name="cancellation">Stops between photos.</param>
    /// <returns>One result a photo, in order.</returns>
    public SegmentedPhoto[] Run(IReadOnlyList<string> photos, IReadOnlyList<string> names, int jobs, Action done, CancellationToken cancellation)
    {
        var results = new SegmentedPhoto[photos.Count];
        var gate = new Lock();
        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = jobs > 0 ? jobs : Math.Clamp(Environment.ProcessorCount / 2, 2, 4),
            CancellationToken = cancellation,
        };
        Parallel.For(0, photos.Count, parallel, i =>
        {
            results[i] = Segment(photos[i], names[i]);
            lock (gate)
                done();
        });
        return results;
    }

    private SegmentedPhoto Segment(string photo, string name)
    {
        try
        {
            using MLImage image = ImageDecoder.Read(photo, decoding);
            SegmentationMap map = segmenter.Segment(image);
            using MLImage overlay = map.Overlay(image, opacity);
            map.SavePng(Path.Combine(output, name + "_mask.png"));
            SaveWhole(overlay, Path.Combine(output, name + "_overlay.png"));
            return new SegmentedPhoto(photo, name, map.Width, map.Height, map.Shares, map.Timings.Inference, null);
        }
        catch (Exception e)
        {
            // One bad photo does not end a folder; it is named at the end and fails the command.
            string reason = Failure.Reason(e, mayBeIncomplete: true);
            string fault = reason.Contains(photo, StringComparison.Ordinal) ? reason : $"{photo}: {reason}";
            return new SegmentedPhoto(photo, name, 0, 0, [], default, fault);
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

/// <summary>What came of a photo.</summary>
/// <param name="Photo">The file.</param>
/// <param name="Name">What the files of its results are called, without their endings.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="Shares">The part of it that each class covers.</param>
/// <param name="Inference">How long the network took.</param>
/// <param name="Fault">Why there is no result; null where there is one.</param>
internal sealed record SegmentedPhoto(string Photo, string Name, int Width, int Height, IReadOnlyList<double> Shares, TimeSpan Inference, string? Fault);

/// <summary>How much of each photo belongs to each class.</summary>
internal sealed class ShareTable(ClassList classes, IReadOnlyList<SegmentedPhoto> photos)
{
    /// <summary>Writes a line for each photo and a column for each class, as fractions of the photo.</summary>
    public void Save(string path)
    {
        string temporary = path + ".tmp";
        File.WriteAllLines(temporary,
        [
            string.Join(',', classes.Select(c => Quote(c.Name)).Prepend("photo")),
            .. photos.Select(row => string.Join(',', row.Shares.Select(s => s.ToString("F6", CultureInfo.InvariantCulture)).Prepend(Quote(row.Name)))),
        ]);
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>The mean over all photos, largest class first, each with its colour.</summary>
    public Table Draw()
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumn("class").AddColumn(new TableColumn("share of pixels").RightAligned());
        foreach ((SegmentationClass c, double share) in classes.Select((c, id) => (c, photos.Average(row => row.Shares[id]))).OrderByDescending(pair => pair.Item2))
            table.AddRow(new Markup($"[rgb({c.Red},{c.Green},{c.Blue})]██[/] {Markup.Escape(c.Name)}"), new Text($"{share * 100:F2} %"));
        return table;
    }

    private static string Quote(string text) => text.AsSpan().ContainsAny(",\"\n\r") ? $"\"{text.Replace("\"", "\"\"")}\"" : text;
}

/// <summary>The photos that a command works on, and the name that each one's results get.</summary>
internal static class PhotoFiles
{
    /// <summary>The file itself, or the photos directly in the folder in ordinal order; files that look like photos but are not read are told of.</summary>
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
        ImageFolder folder = ImageFolder.List(input, subfolders: false);
        if (folder.Images.Count == 0)
            throw new FileNotFoundException($"The folder '{input}' holds no photo ({string.Join(", ", ImageFiles.Extensions)}).{(folder.Warning is { } only ? " " + only : "")}");
        if (folder.Warning is { } warning)
            Warnings.Print([warning]);
        unread = folder.Unsupported;
        return folder.Images;
    }

    /// <summary>The photo's name without extension, or with it where two photos would share the name.</summary>
    public static IReadOnlyList<string> ResultNames(IReadOnlyList<string> photos)
    {
        HashSet<string> shared = new(photos.Select(Stem).GroupBy(s => s, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1).Select(g => g.Key), StringComparer.OrdinalIgnoreCase);
        // A stem may also be the whole name of another, as with a.png.png beside a.png and a.jpg.
        shared.UnionWith(photos.Select(p => Path.GetFileName(p)!));
        return [.. photos.Select(p => shared.Contains(Stem(p)) ? Path.GetFileName(p) : Stem(p))];
    }

    private static string Stem(string path) => Path.GetFileNameWithoutExtension(path);
}
