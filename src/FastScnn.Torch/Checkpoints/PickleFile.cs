using System.IO.Compression;
using System.Numerics;
using System.Text;

namespace FastScnn.Torch.Checkpoints;

/// <summary>The file format of torch.save since PyTorch 1.6: a zip archive of stored entries, <c>NAME/data.pkl</c> with
/// the object and <c>NAME/data/KEY</c> with the raw elements of each storage.</summary>
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
        // What ZipArchive throws on damaged archives; the bytes are in memory, so no such exception means a failing
        // disk.
        catch (Exception exception) when (exception is InvalidDataException or IOException or NotSupportedException
            or ArgumentException or OverflowException)
        {
            throw new CheckpointException($"'{file}' is a damaged zip archive: {exception.Message}", exception);
        }
    }

    private static Checkpoint Read(ZipArchive archive, string file, int fileLength)
    {
        Dictionary<string, ZipArchiveEntry> entries = [];
        foreach (ZipArchiveEntry entry in archive.Entries)
            entries[entry.FullName] = entry;
        string[] pickles = [.. entries.Keys.Where(name => name.EndsWith("/data.pkl", StringComparison.Ordinal))];
        if (pickles is not [string pickle])
        {
            throw new CheckpointException(
                $"'{file}' is a zip archive but no PyTorch checkpoint: it has {pickles.Length} entries NAME/data.pkl "
                + "instead of one.");
        }
        string folder = pickle[..^"data.pkl".Length];
        long total = 0;
        if (entries.TryGetValue($"{folder}byteorder", out ZipArchiveEntry? order)
            && Encoding.ASCII.GetString(ReadEntry(order)) != "little")
            throw PickleError.Damaged(file, 0, "big-endian data");

        ByteCursor cursor = new(ReadEntry(entries[pickle]), file);
        object? root = PickleReader.Read(cursor, id =>
            ParseStorage(id) ?? throw PickleError.Damaged(file, cursor.Position,
                "a storage reference of unknown form"));

        Dictionary<string, byte[]> storages = [];
        return PickleStateDict.Read(file, root, storage =>
        {
            if (!storages.TryGetValue(storage.Key, out byte[]? bytes))
                storages[storage.Key] = bytes =
                    entries.TryGetValue($"{folder}data/{storage.Key}", out ZipArchiveEntry? entry) ? ReadEntry(entry)
                        : [];
            if ((Int128)storage.ElementCount * storage.Type.Size != bytes.Length)
                throw PickleError.StorageSize(file, storage, bytes.Length);
            return bytes;
        }, fileLength);

        // torch.save stores without compression; that, and one look at each byte, keeps a small file from filling the
        // memory.
        byte[] ReadEntry(ZipArchiveEntry entry)
        {
            if (entry.CompressedLength != entry.Length)
            {
                throw new CheckpointException(
                    $"The entry '{entry.FullName}' of '{file}' is compressed; torch.save never compresses. "
                    + "Unpack the archive and zip it again with stored entries (zip -0).");
            }
            total += entry.Length;
            if (total > fileLength) throw PickleError.TooMuchData(file, fileLength);
            byte[] bytes = new byte[entry.Length];
            using Stream stream = entry.Open();
            stream.ReadExactly(bytes);
            return bytes;
        }
    }

    // ("storage", type, key, location, element count)
    private static PickleStorage? ParseStorage(object?[] id) =>
        id is ["storage", PickleGlobal { StorageType: { } type }, string key, _, long count and >= 0, ..]
            ? new(key, type, 0, count) : null;
}

/// <summary>The file format of torch.save before PyTorch 1.6: pickles of a magic number, the protocol version, facts
/// about the system, the object and the storage keys; then each storage as an element count and its raw
/// elements.</summary>
internal static class LegacyPickleFile
{
    private const long Protocol = 1001;
    private static readonly BigInteger s_magic = BigInteger.Parse("119547037146038801333356"); // 0x1950a86a20f9469cfc6c

    public static bool Matches(ReadOnlySpan<byte> start) => start is [0x80, 2, 0x8a, 10, ..];

    public static Checkpoint Read(byte[] data, string file)
    {
        ByteCursor cursor = new(data, file);
        if (PickleReader.Read(cursor) is not BigInteger magic || magic != s_magic)
            throw PickleError.Damaged(file, 0, "another magic number than torch.save's");
        if (PickleReader.Read(cursor) is not Protocol)
            throw PickleError.Damaged(file, cursor.Position, $"another protocol version than {Protocol}");
        if (PickleReader.Read(cursor) is not PickleDictionary system || system.Items.Contains(("little_endian", false)))
            throw PickleError.Damaged(file, cursor.Position, "big-endian data");

        Dictionary<string, CheckpointType> types = [];
        object? root = PickleReader.Read(cursor, id =>
        {
            PickleStorage storage = ParseStorage(id)
                ?? throw PickleError.Damaged(file, cursor.Position, "a storage reference of unknown form");
            if (!types.TryAdd(storage.Key, storage.Type) && types[storage.Key] != storage.Type)
                throw PickleError.Damaged(file, cursor.Position, $"two types for the storage '{storage.Key}'");
            return storage;
        });

        Dictionary<string, ReadOnlyMemory<byte>> storages = [];
        foreach (object? item in PickleReader.Read(cursor) as List<object?>
            ?? throw PickleError.Damaged(file, cursor.Position, "no list of storages"))
        {
            if (item is not string key || !types.TryGetValue(key, out CheckpointType type))
                throw PickleError.Damaged(file, cursor.Position, $"the storage '{item}', which no tensor uses");
            long count = cursor.ReadInt64();
            if (count is < 0 or > int.MaxValue)
                throw PickleError.Damaged(file, cursor.Position, $"a storage of {count} elements");
            storages[key] = cursor.Take(count * type.Size);
        }

        return PickleStateDict.Read(file, root, storage =>
        {
            int size = storage.Type.Size;
            if (!storages.TryGetValue(storage.Key, out ReadOnlyMemory<byte> bytes) ||
                storage.Offset < 0 || (Int128)(storage.Offset + (Int128)storage.ElementCount) * size > bytes.Length)
                throw PickleError.StorageSize(file, storage, bytes.Length);
            return bytes.Slice((int)(storage.Offset * size), (int)(storage.ElementCount * size));
        }, data.Length);
    }

    // ("storage", type, key, location, element count, view); view is None or (its own key, offset, element count)
    private static PickleStorage? ParseStorage(object?[] id) => id switch
    {
        ["storage", PickleGlobal { StorageType: { } type }, string key, _, long count and >= 0,
            null] => new(key, type, 0, count),
        ["storage", PickleGlobal { StorageType: { } type }, string key, _, long,
            object?[] and [_, long offset, long count and >= 0]] => new(key, type, offset, count),
        _ => null,
    };
}

/// <summary>Finds the state dict in what a PyTorch file holds and turns its tensors into contiguous ones.</summary>
internal static class PickleStateDict
{
    private static readonly string[] s_nestedNames = ["state_dict", "model_state_dict", "model"];

    /// <param name="file">The file's name, for errors.</param>
    /// <param name="root">The value of the pickle.</param>
    /// <param name="readStorage">Gives the bytes of all elements of a storage reference.</param>
    /// <param name="fileLength">Bounds the bytes that strided views may be copied into.</param>
    public static Checkpoint Read(string file, object? root, Func<PickleStorage, ReadOnlyMemory<byte>> readStorage,
        long fileLength)
    {
        OrderedDictionary<string, CheckpointTensor> tensors = [];
        long copied = 0;
        foreach ((string name, PickleTensor view) in FindTensors(file, root))
        {
            ReadOnlyMemory<byte> storage = readStorage(view.Storage);
            int size = view.Storage.Type.Size;
            ReadOnlyMemory<byte> bytes;
            if (view.IsContiguous)
                bytes = storage.Slice((int)(view.Offset * size), (int)(view.ElementCount * size));
            else
            {
                copied += view.ElementCount * size;
                if (copied > fileLength) throw PickleError.TooMuchData(file, fileLength);
                bytes = Gather(storage.Span, view, size);
            }
            tensors[name] = new CheckpointTensor(view.Storage.Type, view.Shape, bytes);
        }
        return new Checkpoint(tensors);
    }

    private static List<(string Name, PickleTensor Tensor)> FindTensors(string file, object? root)
    {
        if (root is not PickleDictionary dictionary) throw None([root?.GetType().Name ?? "None"]);
        foreach (string nested in s_nestedNames)
            if (dictionary.Items.LastOrDefault(item => item.Key is string key && key == nested).Value
                is PickleDictionary inner)
                dictionary = inner;
        List<(string, PickleTensor)> tensors =
            [
                .. from item in dictionary.Items where item.Key is string
                    && item.Value is PickleTensor select ((string)item.Key!, (PickleTensor)item.Value!)];
        return tensors.Count > 0 ? tensors
            : throw None([.. dictionary.Items.Select(item => item.Key?.ToString() ?? "None")]);

        CheckpointException None(IReadOnlyCollection<string> found) =>
            new(
                $"'{file}' holds no state dict: neither its top level nor an entry 'state_dict', 'model_state_dict' "
                + $"or 'model' maps names to tensors. Found: {ErrorText.List(found, 8)}. {PickleError.SaveStateDict}");
    }

    private static byte[] Gather(ReadOnlySpan<byte> storage, PickleTensor view, int size)
    {
        byte[] result = new byte[view.ElementCount * size];
        Span<long> index = stackalloc long[view.Shape.Length];
        long source = view.Offset;
        for (int target = 0; target < result.Length; target += size)
        {
            storage.Slice((int)(source * size), size).CopyTo(result.AsSpan(target));
            for (int d = index.Length - 1; d >= 0; d--)
            {
                source += view.Strides[d];
                if (++index[d] < view.Shape[d]) break;
                source -= view.Strides[d] * view.Shape[d];
                index[d] = 0;
            }
        }
        return result;
    }
}
