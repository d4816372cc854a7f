namespace FastScnn.Torch.Checkpoints.Pickle;

/// <summary>Finds the state dict in what a PyTorch file holds and turns its tensors into contiguous ones.</summary>
internal static class PickleStateDict
{
    private static readonly string[] NestedNames = ["state_dict", "model_state_dict", "model"];

    /// <param name="file">The file's name, for errors.</param>
    /// <param name="root">The value of the pickle.</param>
    /// <param name="readStorage">Gives the bytes of all elements of a storage reference.</param>
    /// <param name="fileLength">Bounds the bytes that strided views may be copied into.</param>
    public static Checkpoint Read(string file, object? root, Func<PickleStorage, ReadOnlyMemory<byte>> readStorage, long fileLength)
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
                if (copied > fileLength) throw Errors.TooMuchData(file, fileLength);
                bytes = Gather(storage.Span, view, size);
            }
            tensors[name] = new CheckpointTensor(view.Storage.Type, view.Shape, bytes);
        }
        return new Checkpoint(tensors);
    }

    private static List<(string Name, PickleTensor Tensor)> FindTensors(string file, object? root)
    {
        if (root is not PickleDictionary dictionary) throw Errors.NoStateDict(file, [root?.GetType().Name ?? "None"]);
        foreach (string nested in NestedNames)
            if (dictionary.Items.LastOrDefault(item => item.Key is string key && key == nested).Value is PickleDictionary inner)
                dictionary = inner;
        List<(string, PickleTensor)> tensors =
            [.. from item in dictionary.Items where item.Key is string && item.Value is PickleTensor select ((string)item.Key!, (PickleTensor)item.Value!)];
        return tensors.Count > 0 ? tensors : throw Errors.NoStateDict(file, [.. dictionary.Items.Select(item => item.Key?.ToString() ?? "None")]);
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
