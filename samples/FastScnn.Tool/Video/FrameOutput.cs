using System.Text.RegularExpressions;
using FastScnn.ML.Scoring;
using FastScnn.Torch.Data;

namespace FastScnn.Tool.Video;

/// <summary>What is made of the frames of a video. All of it appears when it is complete, or nothing.</summary>
internal interface IFrameOutput : IAsyncDisposable
{
    /// <summary>Takes a frame.</summary>
    /// <param name="frame">The frame and its map.</param>
    /// <param name="ticks">Its time in the units of the format.</param>
    /// <param name="format">What all frames have in common.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The name of the mask; null where there is none.</returns>
    Task<string?> WriteAsync(SegmentedFrame frame, long ticks, FrameFormat format, CancellationToken cancellation);

    /// <summary>Makes it appear.</summary>
    Task CompleteAsync(CancellationToken cancellation);
}

/// <summary>A video with the class colours drawn over it.</summary>
internal sealed class OverlayVideo(string path, double opacity, VideoEncoding encoding) : IFrameOutput
{
    private VideoWriter? _writer;
    private byte[] _pixels = [];

    public async Task<string?> WriteAsync(SegmentedFrame frame, long ticks, FrameFormat format,
        CancellationToken cancellation)
    {
        if (_pixels.Length == 0)
            _pixels = new byte[format.Bytes];
        frame.Map.Overlay(frame.Image, opacity, _pixels);
        _writer ??= new VideoWriter(path, format, encoding with { Start = format.Seconds(ticks) });
        await _writer.WriteAsync(_pixels, ticks, cancellation).ConfigureAwait(false);
        return null;
    }

    public Task CompleteAsync(CancellationToken cancellation) =>
        _writer?.CompleteAsync(cancellation) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => _writer?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>A folder with the mask of each frame and a line about each.</summary>
internal sealed partial class MaskFolder : IFrameOutput
{
    /// <summary>The file with a line about each frame.</summary>
    public const string Results = "frames.jsonl";

    private readonly string _folder, _temporary;
    private readonly bool _isNew;
    private int _count;

    public MaskFolder(string folder)
    {
        (_folder, _isNew) = (folder, !Directory.Exists(folder));
        // On the same disk, so that complete masks are moved and not copied.
        _temporary = Path.Combine(folder, ".frames.tmp");
        if (Directory.Exists(_temporary))
            Directory.Delete(_temporary, recursive: true);
        Directory.CreateDirectory(_temporary);
    }

    /// <summary>The file with a line about each frame while it is not complete.</summary>
    public string TemporaryResults => Path.Combine(_temporary, Results);

    public Task<string?> WriteAsync(SegmentedFrame frame, long ticks, FrameFormat format,
        CancellationToken cancellation)
    {
        string name = FormattableString.Invariant($"frame_{++_count:D6}_mask.png");
        IndexPng.Write(Path.Combine(_temporary, name), frame.Map.Width, frame.Map.Height, frame.Map.ClassIds.Span);
        return Task.FromResult<string?>(name);
    }

    public Task CompleteAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        HashSet<string> names = [.. Directory.EnumerateFiles(_temporary).Select(path => Path.GetFileName(path)!)];
        // Frames of an earlier, longer video would be taken for those of this one.
        foreach (string old in Directory.EnumerateFiles(_folder, "frame_*_mask.png").ToList())
            if (MaskName().IsMatch(Path.GetFileName(old)) && !names.Contains(Path.GetFileName(old)))
                File.Delete(old);
        foreach (string name in names.OrderBy(name => name == Results))
            File.Move(Path.Combine(_temporary, name), Path.Combine(_folder, name), overwrite: true);
        Directory.Delete(_temporary);
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        if (Directory.Exists(_temporary))
        {
            Directory.Delete(_temporary, recursive: true);
            if (_isNew && !Directory.EnumerateFileSystemEntries(_folder).Any())
                Directory.Delete(_folder);
        }
        return ValueTask.CompletedTask;
    }

    [GeneratedRegex(@"^frame_\d{6,}_mask\.png$")]
    private static partial Regex MaskName();
}
