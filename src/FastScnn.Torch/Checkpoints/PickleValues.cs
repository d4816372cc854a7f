namespace FastScnn.Torch.Checkpoints;

/// <summary>A dict of the pickle as the pairs in the order they were set. It is not hashed while it is read: a hostile
/// file could choose keys that collide.</summary>
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
    // PyTorch itself has no fixed limit; more than a few dimensions means damage, and a bound keeps hostile files
    // cheap.
    public const int MaxRank = 16;

    public static PickleTensor Create(string file, PickleStorage storage, long offset, long[] shape, long[] strides)
    {
        if (shape.Length != strides.Length || shape.Length > MaxRank || offset < 0 || offset > storage.ElementCount ||
            !CheckpointTensor.TryCountElements(shape, out long count) || strides.Any(s => s < 0))
            throw Bad();
        Int128 last = offset;
        for (int i = 0; i < shape.Length; i++)
            last += (Int128)(shape[i] - 1) * strides[i];
        // A view that repeats elements (stride 0) could claim any size; no state_dict holds one.
        if (count > storage.ElementCount || (count > 0 && last >= storage.ElementCount))
            throw Bad();
        return new(storage, offset, shape, strides, count);

        CheckpointException Bad() =>
            new(
                $"'{file}' is damaged: a tensor of shape {ErrorText.Shape(shape)}, strides "
                + $"{ErrorText.Shape(strides)} and offset {offset} does not lie within its storage '{storage.Key}' of "
                + $"{storage.ElementCount} elements.");
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

/// <summary>What a pickle may name. A pickle is a program that can call any Python function; this list holds what
/// rebuilding tensors needs, each as data or as a function of our own, and everything else is refused by its
/// name.</summary>
internal sealed record PickleGlobal(string Name, CheckpointType? StorageType, Func<PickleCall, object?>? Call)
{
    private static readonly Dictionary<string, PickleGlobal> s_allowed = new PickleGlobal[]
    {
        Function("collections.OrderedDict", call => call.Arguments(0, 0) is [] ? new PickleDictionary() : null),
        Function("torch._utils._rebuild_tensor", RebuildTensor),
        Function("torch._utils._rebuild_tensor_v2", RebuildTensor),
        Function("torch._utils._rebuild_parameter", call => call.Arguments(3, 3)[0] as PickleTensor),
        Function("torch.Size", call => call.Arguments(1, 1)[0] as object?[]),
        // Only the type, which nothing needs: a text made of both arguments could be fed back in and double with every
        // call.
        Function("torch.device", call => call.Arguments(1, 2)[0] as string),
        Storage("Float", CheckpointType.Float32),
        Storage("Double", CheckpointType.Float64),
        Storage("Half", CheckpointType.Float16),
        Storage("BFloat16", CheckpointType.BFloat16),
        Storage("Long", CheckpointType.Int64),
        Storage("Int", CheckpointType.Int32),
        Storage("Short", CheckpointType.Int16),
        Storage("Char", CheckpointType.Int8),
        Storage("Byte", CheckpointType.UInt8),
        Storage("Bool", CheckpointType.Bool),
    }.ToDictionary(global => global.Name);

    public static PickleGlobal Find(string file, string module, string name) =>
        s_allowed.TryGetValue($"{module}.{name}", out PickleGlobal? global) ? global
            : throw Refused(file, $"{module}.{name}");

    public static object? Invoke(string file, object? callee, object? arguments) =>
        callee is PickleGlobal { Call: { } call } global && arguments is object?[] tuple
            ? call(new PickleCall(file, global.Name, tuple)) ?? throw new PickleCall(file, global.Name, tuple).Bad()
            : throw Refused(file, $"a call of {(callee as PickleGlobal)?.Name ?? "a value"}");

    private static CheckpointException Refused(string file, string name) =>
        new(
            $"The pickle in '{file}' asks for {name}, which no state dict needs; it is refused and was not executed. "
                + $"{PickleError.SaveStateDict}");

    private static PickleGlobal Function(string name, Func<PickleCall, object?> call) => new(name, null, call);

    private static PickleGlobal Storage(string name, CheckpointType type) => new($"torch.{name}Storage", type, null);

    // (storage, offset, size, stride), followed in version 2 by requires_grad, backward_hooks and sometimes metadata
    private static PickleTensor? RebuildTensor(PickleCall call) =>
        call.Arguments(4, 7) is [PickleStorage storage, long offset, object?[] size, object?[] stride, ..]
            && Integers(size) is { } shape && Integers(stride) is { } strides
            ? PickleTensor.Create(call.File, storage, offset, shape, strides)
            : null;

    private static long[]? Integers(object?[] tuple)
    {
        // The tuple may be shared by many tensors through the memo: without a bound their copies could fill the memory.
        if (tuple.Length > PickleTensor.MaxRank || !tuple.All(item => item is long)) return null;
        return [.. tuple.Cast<long>()];
    }
}

/// <summary>The arguments of a call that a pickle asks for.</summary>
internal readonly record struct PickleCall(string File, string Name, object?[] Tuple)
{
    public object?[] Arguments(int fewest, int most) =>
        Tuple.Length >= fewest && Tuple.Length <= most ? Tuple : throw Bad();

    public CheckpointException Bad() =>
        new(
            $"The pickle in '{File}' is damaged or of an unknown kind: its {Tuple.Length} arguments for {Name} are "
                + "not what that takes.");
}
