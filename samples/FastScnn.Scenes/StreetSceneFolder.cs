using System.Globalization;
using FastScnn.Torch.Data;

namespace FastScnn.Torch.Scenes;

/// <summary>Writes generated scenes as a data set: <c>images/{split}</c>, <c>masks/{split}</c> and <c>classes.json</c>.</summary>
public static class StreetSceneFolder
{
    /// <summary>Writes scenes as PNG pairs of the same name, several at a time; the files do not depend on how many.</summary>
    /// <param name="folder">The data set's root; created when missing. Files of the same names are replaced, others left alone.</param>
    /// <param name="split">The part, such as <c>train</c>: a plain folder name. Parts of one seed share no scene.</param>
    /// <param name="count">How many scenes, 1 or more. A longer run starts with the scenes of a shorter one.</param>
    /// <param name="options">Size, and the seed that each scene's own seed comes from; null for the defaults.</param>
    /// <param name="progress">Told how many scenes are written, after each.</param>
    /// <param name="cancellation">Stops between scenes; the scenes that were written stay.</param>
    /// <exception cref="ArgumentException"><paramref name="split"/> is no plain folder name.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is less than 1.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was asked for.</exception>
    public static void Write(
        string folder, string split, int count, StreetSceneOptions? options = null, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(split);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        if (split is "" or "." or ".." || split.AsSpan().ContainsAny("/\\") || split.AsSpan().ContainsAny(Path.GetInvalidFileNameChars()))
            throw Errors.SceneSplit(split);
        options ??= new StreetSceneOptions();
        string images = Directory.CreateDirectory(Path.Combine(folder, "images", split)).FullName;
        string masks = Directory.CreateDirectory(Path.Combine(folder, "masks", split)).FullName;
        StreetScene.Classes.Save(Path.Combine(folder, "classes.json"));
        int written = 0;
        Parallel.For(0, count, new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
        {
            (PixelBuffer photo, LabelMap labels) = StreetScene.Generate(options with { Seed = SceneSeed(options.Seed, split, i) });
            string name = string.Create(CultureInfo.InvariantCulture, $"scene_{i:d6}.png");
            PhotoPng.Write(Path.Combine(images, name), photo);
            IndexPng.Write(Path.Combine(masks, name), labels.Width, labels.Height, labels.Ids.Span, StreetScene.Classes);
            progress?.Report(Interlocked.Increment(ref written));
        });
    }

    private static long SceneSeed(long seed, string split, int index)
    {
        ulong mixed = SceneRandom.Mix((ulong)seed + 0x9E3779B97F4A7C15);
        foreach (char letter in split)
            mixed = SceneRandom.Mix(mixed ^ letter);
        return (long)SceneRandom.Mix(mixed + (ulong)index * 0x9E3779B97F4A7C15);
    }
}
