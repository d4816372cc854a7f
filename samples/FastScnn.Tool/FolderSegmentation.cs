using FastScnn.ML;
using Microsoft.ML.Data;

namespace FastScnn.Cli;

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
