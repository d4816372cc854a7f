namespace FastScnn.Torch.Checkpoints.Pickle;

/// <summary>
/// What a pickle may name. A pickle is a program that can call any Python function; this list holds what rebuilding tensors
/// needs, each as data or as a function of our own, and everything else is refused by its name.
/// </summary>
internal sealed record PickleGlobal(string Name, CheckpointType? StorageType, Func<PickleCall, object?>? Call)
{
    private static readonly Dictionary<string, PickleGlobal> Allowed = new PickleGlobal[]
    {
        Function("collections.OrderedDict", call => call.Arguments(0, 0) is [] ? new PickleDictionary() : null),
        Function("torch._utils._rebuild_tensor", RebuildTensor),
        Function("torch._utils._rebuild_tensor_v2", RebuildTensor),
        Function("torch._utils._rebuild_parameter", call => call.Arguments(3, 3)[0] as PickleTensor),
        Function("torch.Size", call => call.Arguments(1, 1)[0] as object?[]),
        // Only the type, which nothing needs: a text made of both arguments could be fed back in and double with every call.
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
        Allowed.TryGetValue($"{module}.{name}", out PickleGlobal? global) ? global : throw Errors.RefusedGlobal(file, $"{module}.{name}");

    public static object? Invoke(string file, object? callee, object? arguments) =>
        callee is PickleGlobal { Call: { } call } global && arguments is object?[] tuple
            ? call(new PickleCall(file, global.Name, tuple)) ?? throw Errors.BadCall(file, global.Name, tuple.Length)
            : throw Errors.RefusedGlobal(file, $"a call of {(callee as PickleGlobal)?.Name ?? "a value"}");

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
        Tuple.Length >= fewest && Tuple.Length <= most ? Tuple : throw Errors.BadCall(File, Name, Tuple.Length);
}
