using System.IO.Compression;
using System.Text;

namespace FastScnn.Torch.Checkpoints.Pickle;

/// <summary>
/// The file format of torch.save since PyTorch 1.6: a zip archive of stored entries, <c>NAME/data.pkl</c> with the object
/// and <c>NAME/data/KEY</c> with the raw elements of each storage.
/// </summary>
internal static class ZipPickleFile
{
    public static bool Matches(ReadOnlySpan<byte> start) => start.StartsWith("PK\u0003\u0004"u8);

    public static Checkpoint Read(byte[] data, string file)
    {
        try
        {
            using ZipArchive archive = new(new MemoryStream(data, writable: false), ZipArchiveMode.Read);
            return Read(archive, file, data.Length);
        }
        // What ZipArchive throws on damaged archives; the bytes are in memory, so no such exception means a failing disk.
        catch (Exception exception) when (exception is InvalidDataException or IOException or NotSupportedException or ArgumentException or OverflowException)
        {
            throw Errors.BadZip(file, exception);
        }
    }

    private static Checkpoint Read(ZipArchive archive, string file, int fileLength)
    {
        Dictionary<string, ZipArchiveEntry> entries = [];
        foreach (ZipArchiveEntry entry in archive.Entries)
            entries[entry.FullName] = entry;
        string[] pickles = [.. entries.Keys.Where(name => name.EndsWith("/data.pkl", StringComparison.Ordinal))];
        if (pickles is not [string pickle]) throw Errors.NoPickle(file, pickles.Length);
        string folder = pickle[..^"data.pkl".Length];
        long total = 0;
        if (entries.TryGetValue($"{folder}byteorder", out ZipArchiveEntry? order) && Encoding.ASCII.GetString(ReadEntry(order)) != "little")
            throw Errors.BadPickle(file, 0, "big-endian data");

        ByteCursor cursor = new(ReadEntry(entries[pickle]), file);
        object? root = PickleReader.Read(cursor, id =>
            ParseStorage(id) ?? throw Errors.BadPickle(file, cursor.Position, "a storage reference of unknown form"));

        Dictionary<string, byte[]> storages = [];
        return PickleStateDict.Read(file, root, storage =>
        {
            if (!storages.TryGetValue(storage.Key, out byte[]? bytes))
                storages[storage.Key] = bytes = entries.TryGetValue($"{folder}data/{storage.Key}", out ZipArchiveEntry? entry) ? ReadEntry(entry) : [];
            if ((Int128)storage.ElementCount * storage.Type.Size != bytes.Length) throw Errors.StorageSize(file, storage, bytes.Length);
            return bytes;
        }, fileLength);

        // torch.save stores without compression; that, and one look at each byte, keeps a small file from filling the memory.
        byte[] ReadEntry(ZipArchiveEntry entry)
        {
            if (entry.CompressedLength != entry.Length) throw Errors.CompressedEntry(file, entry.FullName);
            total += entry.Length;
            if (total > fileLength) throw Errors.TooMuchData(file, fileLength);
            byte[] bytes = new byte[entry.Length];
            using Stream stream = entry.Open();
            stream.ReadExactly(bytes);
            return bytes;
        }
    }

    // ("storage", type, key, location, element count)
    private static PickleStorage? ParseStorage(object?[] id) =>
        id is ["storage", PickleGlobal { StorageType: { } type }, string key, _, long count and >= 0, ..] ? new(key, type, 0, count) : null;
}
