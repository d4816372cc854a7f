using System.Globalization;
using System.Runtime.ExceptionServices;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Torch.Data;
using Microsoft.ML.Data;
using Spectre.Console;

namespace FastScnn.Tool;

/// <summary>Segments images several at a time, also several in one run of the network, and writes a mask and an overlay
/// for each; or a mask alone that has the name of the image, as data sets have them, with doubtful pixels ignored. Files
/// of regions where they are asked for.</summary>
internal sealed class FolderSegmentation(FastScnnSegmenter segmenter, ImageDecoderOptions decoding, string output,
    double opacity, bool toTrainOn, RegionOutput? regions, int batchSize)
{
    private const string MaskEnding = "_mask.png", OverlayEnding = "_overlay.png", LabelEnding = ".png";

    /// <summary>The mask of an image, from the output folder.</summary>
    /// <param name="name">See <see cref="InputImage.Name"/>.</param>
    /// <param name="toTrainOn">Whether it is a mask to train on.</param>
    public static string MaskOf(string name, bool toTrainOn) => name + (toTrainOn ? LabelEnding : MaskEnding);

    /// <summary>The name that the mask of a result was made of.</summary>
    public static string NameOf(ImageResult result) =>
        result.Mask![..^(result.Kept is null ? MaskEnding : LabelEnding).Length];

    /// <param name="images">The images.</param>
    /// <param name="results">Takes what comes of each image, and knows those that were done before.</param>
    /// <param name="jobs">How many, or how many batches, at a time; 0 for half the cores, in 2..4.</param>
    /// <param name="done">Called after each, one call at a time.</param>
    /// <param name="cancellation">Stops between images, or batches.</param>
    public void Run(InputImages images, ResultsWriter results, int jobs, Action done, CancellationToken cancellation)
    {
        var gate = new Lock();
        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = jobs > 0 ? jobs : Math.Clamp(Environment.ProcessorCount / 2, 2, 4),
            CancellationToken = cancellation,
        };
        try
        {
            Parallel.For(0, (images.Count + batchSize - 1) / batchSize, parallel, batch =>
            {
                int first = batch * batchSize;
                InputImage[] left =
                [
                    .. Enumerable.Range(first, Math.Min(batchSize, images.Count - first))
                        .Where(i => !results.IsDone(i)).Select(i => images[i])
                ];
                foreach (ImageResult result in left.Length > 1 ? Segment(left) : left.Select(Segment))
                    lock (gate)
                    {
                        results.Add(result);
                        done();
                    }
            });
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    private IEnumerable<ImageResult> Segment(InputImage[] inputs)
    {
        var decoded = new List<(InputImage Input, MLImage Image)>();
        var results = new List<ImageResult>();
        try
        {
            foreach (InputImage input in inputs)
            {
                try
                {
                    decoded.Add((input, ImageDecoder.Read(input.Path, decoding)));
                }
                catch (Exception e)
                {
                    results.Add(Failed(input, e));
                }
            }
            IReadOnlyList<SegmentationMap>? maps = Together([.. decoded.Select(one => one.Image)]);
            for (int i = 0; i < decoded.Count; i++)
                results.Add(Segment(decoded[i].Input, decoded[i].Image, maps?[i]));
            return results;
        }
        finally
        {
            decoded.ForEach(one => one.Image.Dispose());
        }
    }

    // Null where images have to be taken one by one, which also tells what is wrong with which.
    private IReadOnlyList<SegmentationMap>? Together(IReadOnlyList<MLImage> images)
    {
        try
        {
            return regions is { HasConfidence: true } ? null : segmenter.SegmentBatch(images);
        }
        catch (Exception)
        {
            return null;
        }
    }

    private ImageResult Segment(InputImage input)
    {
        try
        {
            using MLImage image = ImageDecoder.Read(input.Path, decoding);
            return Segment(input, image, null);
        }
        catch (Exception e)
        {
            return Failed(input, e);
        }
    }

    // The map is null where the image is still to be segmented.
    private ImageResult Segment(InputImage input, MLImage image, SegmentationMap? map)
    {
        try
        {
            ScoredSegmentation? scored =
                regions is { HasConfidence: true } ? segmenter.SegmentWithScores(image, scores: null) : null;
            map ??= scored?.Map ?? segmenter.Segment(image);
            string mask = Path.Combine(output, MaskOf(input.Name, toTrainOn));
            Directory.CreateDirectory(Path.GetDirectoryName(mask)!);
            // A run that goes on takes an image with a mask as done, so the mask comes last.
            if (!toTrainOn)
            {
                using MLImage overlay = map.Overlay(image, opacity);
                OutputFile.Replace(Path.Combine(output, input.Name + OverlayEnding), overlay.Save);
            }
            regions?.Write(Path.Combine(output, regions.FileOf(input.Name)),
                scored?.FindRegions(regions.Options) ?? map.FindRegions(regions.Options));
            OutputFile.Replace(mask, temporary =>
            {
                using FileStream file = File.Create(temporary);
                // With colours, one sees what will be learned.
                IndexPng.Write(file, map.Width, map.Height, map.ClassIds.Span, toTrainOn ? map.Classes : null);
                file.Flush(flushToDisk: true);
            });
            return new ImageResult
            {
                Index = input.Index,
                Image = input.Key,
                Error = null,
                Width = map.Width,
                Height = map.Height,
                Mask = MaskOf(input.Name, toTrainOn),
                Overlay = toTrainOn ? null : input.Name + OverlayEnding,
                Regions = regions?.FileOf(input.Name),
                Kept = toTrainOn ? map.ClassFractions.Sum() : null,
                InferenceMs = map.Timings.Inference.TotalMilliseconds,
                Shares = map.ClassFractions.Select((share, id) => (segmenter.Classes[id].Name, share))
                    .ToDictionary(pair => pair.Name, pair => pair.share),
            };
        }
        catch (Exception e)
        {
            return Failed(input, e);
        }
    }

    // One bad image does not end a folder; it is named at the end and fails the command.
    private static ImageResult Failed(InputImage input, Exception e)
    {
        string reason = Failure.Reason(e, mayBeIncomplete: true);
        return new ImageResult
        {
            Index = input.Index,
            Image = input.Key,
            Error = reason.Contains(input.Path, StringComparison.Ordinal) ? reason : $"{input.Path}: {reason}",
        };
    }
}

/// <summary>What a results file says on the whole.</summary>
/// <param name="Path">The file.</param>
/// <param name="Images">How many images it has.</param>
/// <param name="Segmented">How many of them have a result.</param>
/// <param name="InferenceMs">The mean over these.</param>
/// <param name="Shares">The mean over these of the part that each class covers.</param>
/// <param name="Kept">The part of all their pixels whose class is not in doubt; null where none was asked for.</param>
internal sealed record ResultsSummary(string Path, int Images, int Segmented, double InferenceMs,
    IReadOnlyDictionary<string, double> Shares, double? Kept)
{
    public static ResultsSummary Read(string path)
    {
        int images = 0, segmented = 0;
        double inference = 0, kept = 0, pixels = 0;
        Dictionary<string, double> shares = new(StringComparer.Ordinal);
        foreach (ImageResult result in Results(path))
        {
            images++;
            if (result.Error is not null)
                continue;
            segmented++;
            inference += result.InferenceMs;
            double size = (double)result.Width * result.Height;
            if (result.Kept is { } part)
                (kept, pixels) = (kept + part * size, pixels + size);
            foreach ((string name, double share) in result.Shares)
                shares[name] = shares.GetValueOrDefault(name) + share;
        }
        return new(path, images, segmented, inference / segmented,
            shares.ToDictionary(pair => pair.Key, pair => pair.Value / segmented, StringComparer.Ordinal),
            pixels > 0 ? kept / pixels : null);
    }

    /// <summary>The lines of a results file, read as they are asked for.</summary>
    public static IEnumerable<ImageResult> Results(string path)
    {
        using ResultsFile file = new(path);
        foreach ((ImageResult result, _, _) in file.Read())
            yield return result;
    }

    /// <summary>Why images have no result.</summary>
    public IEnumerable<string> Errors() =>
        Results(Path).Where(result => result.Error is not null).Select(result => result.Error!);

    /// <summary>What is said of the pixels that are kept; empty where all are.</summary>
    public string KeptText =>
        Kept is { } part ? string.Create(CultureInfo.InvariantCulture, $", {100 * part:F1} % of the pixels kept") : "";

    /// <summary>The shares, largest class first, each with its colour.</summary>
    public Table Draw(ClassList classes) => Draw(classes, Shares);

    /// <summary>Shares by class name, largest first, each with the class's colour.</summary>
    public static Table Draw(ClassList classes, IReadOnlyDictionary<string, double> shares)
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumn("class")
            .AddColumn(new TableColumn("share of pixels").RightAligned());
        foreach (SegmentationClass c in classes.OrderByDescending(c => shares[c.Name]))
            table.AddRow(new Markup($"[rgb({c.Red},{c.Green},{c.Blue})]██[/] {Markup.Escape(c.Name)}"),
                new Text($"{shares[c.Name] * 100:F2} %"));
        return table;
    }
}
