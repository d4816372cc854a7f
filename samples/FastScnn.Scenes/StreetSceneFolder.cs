using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.IO.Hashing;
using FastScnn.Torch.Data;

namespace FastScnn.Scenes;

/// <summary>Writes generated scenes as a data set: <c>images/{split}</c>, <c>masks/{split}</c> and
/// <c>classes.json</c>.</summary>
public static class StreetSceneFolder
{
    /// <summary>Writes scenes as PNG pairs of the same name, several at a time; the files do not depend on how
    /// many.</summary>
    /// <param name="folder">The data set's root; created when missing. Files of the same names are replaced, others
    /// left alone.</param>
    /// <param name="split">The part, such as <c>train</c>: a plain folder name. Parts of one seed share no
    /// scene.</param>
    /// <param name="count">How many scenes, 1 or more. A longer run starts with the scenes of a shorter one.</param>
    /// <param name="options">Size, and the seed that each scene's own seed comes from; null for the defaults.</param>
    /// <param name="progress">Gets the number of scenes written so far, after each.</param>
    /// <param name="cancellation">Stops between scenes; the scenes that were written stay.</param>
    /// <exception cref="ArgumentException"><paramref name="split"/> is no plain folder name.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is less than 1.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was asked for.</exception>
    public static void Write(
        string folder, string split, int count, StreetSceneOptions? options = null, IProgress<int>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(split);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        if (split is "" or "." or ".." || split.AsSpan().ContainsAny("/\\")
            || split.AsSpan().ContainsAny(Path.GetInvalidFileNameChars()))
            throw new ArgumentException(
                $"The split '{split}' is no plain folder name; expected one such as 'train' or 'val'.", nameof(split));
        options ??= new StreetSceneOptions();
        string images = Directory.CreateDirectory(Path.Combine(folder, "images", split)).FullName;
        string masks = Directory.CreateDirectory(Path.Combine(folder, "masks", split)).FullName;
        StreetScene.Classes.Save(Path.Combine(folder, "classes.json"));
        int written = 0;
        Parallel.For(0, count, new ParallelOptions
        {
            CancellationToken = cancellation,
            MaxDegreeOfParallelism = Environment.ProcessorCount
        }, i =>
        {
            (PixelBuffer image, LabelMap labels) =
                StreetScene.Generate(options with { Seed = SceneSeed(options.Seed, split, i) });
            string name = string.Create(CultureInfo.InvariantCulture, $"scene_{i:d6}.png");
            ImagePng.Write(Path.Combine(images, name), image);
            IndexPng.Write(Path.Combine(masks, name), labels.Width, labels.Height, labels.Ids.Span,
                StreetScene.Classes);
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

/// <summary>Writes images as 8-bit RGB PNG files.</summary>
internal static class ImagePng
{
    private static readonly byte[] s_signature = [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Creates or replaces a file.</summary>
    public static void Write(string path, PixelBuffer image)
    {
        using FileStream stream = File.Create(path);
        stream.Write(s_signature);
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, image.Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), image.Height);
        // Eight bits a channel, colour type 2: red, green and blue.
        (header[8], header[9]) = (8, 2);
        WriteChunk(stream, "IHDR"u8, header);
        WriteChunk(stream, "IDAT"u8, Compress(image));
        WriteChunk(stream, "IEND"u8, []);
    }

    private static void WriteChunk(Stream stream, ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        stream.Write(number);
        stream.Write(type);
        stream.Write(content);
        Crc32 checksum = new();
        checksum.Append(type);
        checksum.Append(content);
        BinaryPrimitives.WriteUInt32BigEndian(number, checksum.GetCurrentHashAsUInt32());
        stream.Write(number);
    }

    // Differences to the row above (filter type 2) compress better than the pixels, and cost one subtraction.
    private static ReadOnlySpan<byte> Compress(PixelBuffer image)
    {
        int stride = 3 * image.Width;
        var compressed = new MemoryStream();
        byte[] row = new byte[stride + 1];
        ReadOnlySpan<byte> pixels = image.ToRgb24().Pixels.Span, above = new byte[stride];
        using (var zlib = new ZLibStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (int y = 0; y < image.Height; y++)
            {
                ReadOnlySpan<byte> line = pixels.Slice(y * stride, stride);
                row[0] = 2;
                for (int i = 0; i < stride; i++)
                    row[i + 1] = (byte)(line[i] - above[i]);
                zlib.Write(row);
                above = line;
            }
        }
        return compressed.GetBuffer().AsSpan(0, (int)compressed.Length);
    }
}
