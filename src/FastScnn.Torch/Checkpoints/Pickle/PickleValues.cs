namespace FastScnn.Torch.Checkpoints.Pickle;

/// <summary>
/// A dict of the pickle as the pairs in the order they were set. It is not hashed while it is read:
/// a hostile file could choose keys that collide.
/// </summary>
internal sealed class PickleDictionary
{
    public List<(object? Key, object? Value)> Items { get; } = [];
}

/// <summary>A reference to a run of elements that lies outside the pickle.</summary>
/// <param name="Key">The storage's name in the file.</param>
/// <param name="Type">The element type.</param>
/// <param name="Offset">The first element of the run in the stored data; above 0 only for views of old files.</param>
/// <param name="ElementCount">The length of the run.</param>
internal sealed record PickleStorage(string Key, CheckpointType Type, long Offset, long ElementCount);

/// <summary>A strided view of a storage, checked to lie within it.</summary>
internal sealed record PickleTensor(PickleStorage Storage, long Offset, long[] Shape, long[] Strides, long ElementCount)
{
    // PyTorch itself has no fixed limit; more than a few dimensions means damage, and a bound keeps hostile files cheap.
    public const int MaxRank = 16;

    public static PickleTensor Create(string file, PickleStorage storage, long offset, long[] shape, long[] strides)
    {
        if (shape.Length != strides.Length || shape.Length > MaxRank || offset < 0 || offset > storage.ElementCount ||
            !CheckpointTensor.TryCountElements(shape, out long count) || strides.Any(s => s < 0))
            throw Errors.BadView(file, shape, strides, offset, storage);
        Int128 last = offset;
        for (int i = 0; i < shape.Length; i++)
            last += (Int128)(shape[i] - 1) * strides[i];
        // A view that repeats elements (stride 0) could claim any size; no state_dict holds one.
        if (count > storage.ElementCount || (count > 0 && last >= storage.ElementCount))
            throw Errors.BadView(file, shape, strides, offset, storage);
        return new(storage, offset, shape, strides, count);
    }

    public bool IsContiguous
    {
        get
        {
            long expected = 1;
            for (int i = Shape.Length - 1; i >= 0; i--)
            {
                if (Shape[i] != 1 && Strides[i] != expected) return false;
                expected *= Shape[i];
            }
            return true;
        }
    }
}
