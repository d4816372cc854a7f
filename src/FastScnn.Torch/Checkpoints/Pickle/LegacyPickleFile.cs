using System.Numerics;

namespace FastScnn.Torch.Checkpoints.Pickle;

/// <summary>
/// The file format of torch.save before PyTorch 1.6: pickles of a magic number, the protocol version, facts about the
/// system, the object and the storage keys; then each storage as an element count and its raw elements.
/// </summary>
internal static class LegacyPickleFile
{
    private const long Protocol = 1001;
    private static readonly BigInteger Magic = BigInteger.Parse("119547037146038801333356"); // 0x1950a86a20f9469cfc6c

    public static bool Matches(ReadOnlySpan<byte> start) => start is [0x80, 2, 0x8a, 10, ..];

    public static Checkpoint Read(byte[] data, string file)
    {
        ByteCursor cursor = new(data, file);
        if (PickleReader.Read(cursor) is not BigInteger magic || magic != Magic) throw Errors.BadPickle(file, 0, "another magic number than torch.save's");
        if (PickleReader.Read(cursor) is not Protocol) throw Errors.BadPickle(file, cursor.Position, $"another protocol version than {Protocol}");
        if (PickleReader.Read(cursor) is not PickleDictionary system || system.Items.Contains(("little_endian", false)))
            throw Errors.BadPickle(file, cursor.Position, "big-endian data");

        Dictionary<string, CheckpointType> types = [];
        object? root = PickleReader.Read(cursor, id =>
        {
            PickleStorage storage = ParseStorage(id) ?? throw Errors.BadPickle(file, cursor.Position, "a storage reference of unknown form");
            if (!types.TryAdd(storage.Key, storage.Type) && types[storage.Key] != storage.Type)
                throw Errors.BadPickle(file, cursor.Position, $"two types for the storage '{storage.Key}'");
            return storage;
        });

        Dictionary<string, ReadOnlyMemory<byte>> storages = [];
        foreach (object? item in PickleReader.Read(cursor) as List<object?> ?? throw Errors.BadPickle(file, cursor.Position, "no list of storages"))
        {
            if (item is not string key || !types.TryGetValue(key, out CheckpointType type))
                throw Errors.BadPickle(file, cursor.Position, $"the storage '{item}', which no tensor uses");
            long count = cursor.ReadInt64();
            if (count is < 0 or > int.MaxValue) throw Errors.BadPickle(file, cursor.Position, $"a storage of {count} elements");
            storages[key] = cursor.Take(count * type.Size);
        }

        return PickleStateDict.Read(file, root, storage =>
        {
            int size = storage.Type.Size;
            if (!storages.TryGetValue(storage.Key, out ReadOnlyMemory<byte> bytes) ||
                storage.Offset < 0 || (Int128)(storage.Offset + (Int128)storage.ElementCount) * size > bytes.Length)
                throw Errors.StorageSize(file, storage, bytes.Length);
            return bytes.Slice((int)(storage.Offset * size), (int)(storage.ElementCount * size));
        }, data.Length);
    }

    // ("storage", type, key, location, element count, view); view is None or (its own key, offset, element count)
    private static PickleStorage? ParseStorage(object?[] id) => id switch
    {
        ["storage", PickleGlobal { StorageType: { } type }, string key, _, long count and >= 0, null] => new(key, type, 0, count),
        ["storage", PickleGlobal { StorageType: { } type }, string key, _, long, object?[] and [_, long offset, long count and >= 0]] => new(key, type, offset, count),
        _ => null,
    };
}
