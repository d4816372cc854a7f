using System.Runtime.ExceptionServices;
using System.Text;
using FastScnn.Torch.Checkpoints;
using static System.FormattableString;

namespace FastScnn.Torch.Training.Distributed;

/// <summary>The types of values that are reduced.</summary>
internal enum Element { Int64, Float32, Float64 }

/// <summary>How the values of all processes become one.</summary>
internal enum Reduction { Sum, Max }

/// <summary>The processes that train one network together, and what they do together: sums, broadcasts, gathers and
/// agreement on errors. All of them call the same methods in the same order; a call returns when all have made
/// it.</summary>
/// <remarks>Each call begins with a meeting, an all-reduce of 5 numbers. So a process that failed elsewhere
/// (<see cref="Fail"/>), left the job (<see cref="Leave"/>) or makes another call is found by the others at their next
/// call, where they throw; none of them waits for ever. Calls of several threads of a process take turns, but their
/// order must still be that of the other processes. After the first calls nothing is allocated but what is
/// returned.</remarks>
internal abstract unsafe class ProcessGroup(int rank, int count)
{
    private const int LengthBits = 48;

    private readonly Lock _gate = new();
    private string[] _machines = [];
    private Exception? _agreed;
    private string? _ended;
    private bool _broken;

    private enum Call
    {
        Barrier = 1, SumOfSingle, SumOfDouble, SumOfInt64, MaxOfInt64, Broadcast, Gather, Agree, Fail, Leave,
    }

    private enum Kind : byte { Other, Data, Read, Access, Checkpoint, Diverged }

    /// <summary>Gets the number of this process, from 0.</summary>
    public int Rank { get; } = rank;

    /// <summary>Gets the number of processes, 1 or more.</summary>
    public int Count { get; } = count;

    /// <summary>Gets whether this is the process that writes files and messages.</summary>
    public bool IsFirst => Rank == 0;

    /// <summary>Gets the number of this process among those of its machine, from 0.</summary>
    public int LocalRank { get; private set; }

    /// <summary>Gets the number of processes on this machine.</summary>
    public int LocalCount { get; private set; } = 1;

    /// <summary>Gets the number of processes on this machine that may run on the same processors as this one: all, or
    /// where a launcher binds each to its own, one.</summary>
    public int ProcessorSharers { get; private set; } = 1;

    /// <summary>Gets whether this process can no longer take part, so that only the end of the whole job is left. No
    /// call waits for the others then.</summary>
    public bool IsBroken => _broken || HasFailed;

    /// <summary>Gets whether one of the native calls failed.</summary>
    protected virtual bool HasFailed => false;

    /// <summary>The most values of one native call.</summary>
    protected virtual int LargestPart => 1 << 28;

    /// <summary>Says that this process can no longer take part.</summary>
    public void MarkBroken() => _broken = true;

    /// <summary>"Process 2 of 4 (machine)": people count from 1.</summary>
    public string NameOf(int rank) => Invariant($"Process {rank + 1} of {Count}")
        + (rank < _machines.Length ? $" ({_machines[rank]})" : "");

    /// <summary>Replaces the values by their sums over all processes. The sums are the same bytes on each.</summary>
    public void Sum(Span<float> values)
    {
        fixed (float* first = values) Reduce(Call.SumOfSingle, first, values.Length);
    }

    /// <summary>As <see cref="Sum(Span{float})"/>, for <paramref name="count"/> values in native memory.</summary>
    public void Sum(nint firstFloat, long count) => Reduce(Call.SumOfSingle, (void*)firstFloat, count);

    /// <inheritdoc cref="Sum(Span{float})"/>
    public void Sum(Span<double> values)
    {
        fixed (double* first = values) Reduce(Call.SumOfDouble, first, values.Length);
    }

    /// <inheritdoc cref="Sum(Span{float})"/>
    public void Sum(Span<long> values)
    {
        fixed (long* first = values) Reduce(Call.SumOfInt64, first, values.Length);
    }

    /// <summary>Replaces the values by the largest of all processes.</summary>
    public void Max(Span<long> values)
    {
        fixed (long* first = values) Reduce(Call.MaxOfInt64, first, values.Length);
    }

    /// <summary>Replaces the bytes by those of the first process. All processes give the same number.</summary>
    public void Broadcast(Span<byte> bytes)
    {
        fixed (byte* first = bytes) Broadcast((nint)first, bytes.Length);
    }

    /// <summary>As <see cref="Broadcast(Span{byte})"/>, for native memory.</summary>
    public void Broadcast(nint firstByte, long count)
    {
        lock (_gate)
        {
            Meet(Call.Broadcast, count);
            BroadcastParts((byte*)firstByte, count, root: 0);
        }
    }

    /// <summary>Gives all processes what the first has.</summary>
    /// <param name="bytes">The bytes on the first process; elsewhere not looked at.</param>
    public byte[] FromFirst(byte[]? bytes)
    {
        if (IsFirst) ArgumentNullException.ThrowIfNull(bytes);
        if (Count == 1) return bytes!;
        lock (_gate)
        {
            Meet(Call.Broadcast, -1);
            return BroadcastFrom(0, bytes);
        }
    }

    /// <summary>Gives all processes the bytes of each, which may differ in number.</summary>
    public byte[][] Gather(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            Meet(Call.Gather);
            long own = bytes.Length;
            var lengths = new long[Count];
            fixed (long* all = lengths) AllGather(&own, all, sizeof(long));
            int longest = checked((int)lengths.Max());
            var padded = new byte[longest];
            bytes.CopyTo(padded);
            var received = new byte[checked(longest * Count)];
            if (longest > 0)
                fixed (byte* from = padded, to = received) AllGather(from, to, longest);
            return [.. lengths.Select((length, rank) => received.AsSpan(rank * longest, (int)length).ToArray())];
        }
    }

    /// <summary>Returns when all processes have come here.</summary>
    public void Barrier()
    {
        lock (_gate) Meet(Call.Barrier);
    }

    /// <summary>Tells all processes whether one of them failed or is to stop, so that all go on or none does.</summary>
    /// <param name="failure">What failed on this process; null if nothing did.</param>
    /// <param name="cancellationToken">Whether this process was told to stop.</param>
    /// <exception cref="Exception">One failed: a process that did throws <paramref name="failure"/> itself, the others
    /// what the failing process of the highest rank had, with its name. <see cref="InvalidDataException"/>,
    /// <see cref="IOException"/>, <see cref="UnauthorizedAccessException"/>, <see cref="CheckpointException"/> and
    /// <see cref="TrainingDivergedException"/> (without its samples) stay what they are, all others become
    /// <see cref="InvalidOperationException"/>.</exception>
    /// <exception cref="OperationCanceledException">None failed, and one was told to stop.</exception>
    public void Agree(Exception? failure = null, CancellationToken cancellationToken = default)
    {
        lock (_gate)
            Meet(Call.Agree, 0, failure is OperationCanceledException ? null : failure, cancellationToken,
                failure is OperationCanceledException);
    }

    /// <summary>Tells the others, at their next call, of an error that they do not know of: to be called once before it
    /// leaves the code that all processes run. Errors that came from a call of this group are known, and nothing is
    /// done for them. Throws nothing.</summary>
    public void Fail(Exception failure)
    {
        lock (_gate)
        {
            if (Count == 1 || IsBroken || _ended is not null || ReferenceEquals(failure, _agreed)) return;
            try
            {
                bool cancelled = failure is OperationCanceledException;
                _ = Find(Call.Fail, 0, cancelled ? null : failure, cancelled);
            }
            catch (InvalidOperationException)
            {
                _broken = true;
            }
            // A second call with the same error, further up the stack, does nothing.
            _agreed = failure;
        }
    }

    /// <summary>Takes leave: waits until the others do or make another call, which then throws on them. Throws
    /// nothing.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            if (Count == 1 || IsBroken || _ended is not null) return;
            try
            {
                _ = Find(Call.Leave, 0, null, cancelled: false);
            }
            catch (InvalidOperationException)
            {
                _broken = true;
            }
        }
    }

    /// <summary>Learns on which machine each process runs: to be called once, by all, before anything else.</summary>
    /// <param name="machine">The name of the machine.</param>
    /// <param name="processors">The processors that this process may run on; any text that is equal for equal
    /// ones.</param>
    protected void Introduce(string machine, string processors)
    {
        _machines = [.. Gather(Encoding.UTF8.GetBytes(machine)).Select(Encoding.UTF8.GetString)];
        LocalRank = _machines.Take(Rank).Count(name => name == machine);
        LocalCount = _machines.Count(name => name == machine);
        ProcessorSharers = Gather(Encoding.UTF8.GetBytes(processors)).Select(Encoding.UTF8.GetString).Zip(_machines)
            .Count(other => other == (processors, machine));
    }

    /// <summary>Reduces in place.</summary>
    /// <exception cref="InvalidOperationException">It failed, and <see cref="HasFailed"/> is true from now
    /// on.</exception>
    protected abstract void AllReduce(void* values, int count, Element element, Reduction reduction);

    /// <exception cref="InvalidOperationException">It failed, and <see cref="HasFailed"/> is true from now
    /// on.</exception>
    protected abstract void Broadcast(void* bytes, int count, int root);

    /// <param name="own">This process's bytes.</param>
    /// <param name="all">Takes the bytes of all, by rank.</param>
    /// <param name="count">Of each process.</param>
    /// <exception cref="InvalidOperationException">It failed, and <see cref="HasFailed"/> is true from now
    /// on.</exception>
    protected abstract void AllGather(void* own, void* all, int count);

    private static Kind KindOf(Exception failure) => failure switch
    {
        InvalidDataException => Kind.Data,
        IOException => Kind.Read,
        UnauthorizedAccessException => Kind.Access,
        CheckpointException => Kind.Checkpoint,
        TrainingDivergedException => Kind.Diverged,
        _ => Kind.Other,
    };

    private static string Text(Exception failure) =>
        KindOf(failure) == Kind.Other && failure is not (InvalidOperationException or ArgumentException)
            ? $"{failure.GetType().Name}: {failure.Message}" : failure.Message;

    private static string Describe(long header)
    {
        var call = (Call)(header >> LengthBits);
        long length = (header & ((1L << LengthBits) - 1)) - 1;
        return call switch
        {
            Call.SumOfSingle or Call.SumOfDouble or Call.SumOfInt64 or Call.MaxOfInt64 =>
                Invariant($"{call} with {length} values"),
            Call.Broadcast when length >= 0 => Invariant($"{call} of {length} bytes"),
            _ => $"{call}",
        };
    }

    private void Reduce(Call call, void* values, long count)
    {
        (Element element, Reduction reduction, int size) = call switch
        {
            Call.SumOfSingle => (Element.Float32, Reduction.Sum, sizeof(float)),
            Call.SumOfDouble => (Element.Float64, Reduction.Sum, sizeof(double)),
            Call.SumOfInt64 => (Element.Int64, Reduction.Sum, sizeof(long)),
            _ => (Element.Int64, Reduction.Max, sizeof(long)),
        };
        lock (_gate)
        {
            Meet(call, count);
            for (long done = 0; done < count; done += LargestPart)
                AllReduce((byte*)values + (done * size), (int)Math.Min(LargestPart, count - done), element, reduction);
        }
    }

    private void BroadcastParts(byte* bytes, long count, int root)
    {
        for (long done = 0; done < count; done += LargestPart)
            Broadcast(bytes + done, (int)Math.Min(LargestPart, count - done), root);
    }

    private byte[] BroadcastFrom(int root, byte[]? own)
    {
        long length = Rank == root ? own!.Length : 0;
        Broadcast(&length, sizeof(long), root);
        byte[] bytes = Rank == root ? own! : new byte[length];
        fixed (byte* first = bytes) BroadcastParts(first, length, root);
        return bytes;
    }

    private void Meet(Call call, long length = 0, Exception? failure = null,
        CancellationToken cancellationToken = default, bool cancelled = false)
    {
        cancelled |= cancellationToken.IsCancellationRequested;
        Exception? found;
        if (Count == 1)
            found = failure ?? (cancelled ? new OperationCanceledException(cancellationToken) : null);
        else if (IsBroken)
            throw new InvalidOperationException(
                "A call of MPI failed before, or this process was left out of step, so nothing more can be sent.");
        else if (_ended is not null)
            throw new InvalidOperationException(_ended);
        else
            found = Find(call, length, failure, cancelled);
        if (found is null) return;
        _agreed = found is OperationCanceledException && cancellationToken.IsCancellationRequested
            ? new OperationCanceledException(found.Message, cancellationToken) : found;
        ExceptionDispatchInfo.Throw(_agreed);
    }

    /// <summary>The meeting: what this process is to throw, or null.</summary>
    private Exception? Find(Call call, long length, Exception? failure, bool cancelled)
    {
        long header = ((long)call << LengthBits) | (length + 1);
        const int Numbers = 5;
        long* most = stackalloc long[Numbers]
        {
            header, -header,
            failure is null ? 0 : Rank + 1, call == Call.Leave ? Rank + 1 : 0, cancelled ? Rank + 1 : 0,
        };
        AllReduce(most, Numbers, Element.Int64, Reduction.Max);
        (long largest, long smallest, int failed, int left, int stopped) =
            (most[0], -most[1], (int)most[2], (int)most[3], (int)most[4]);
        if (left > 0) _ended = $"{NameOf(left - 1)} has left the job.";
        if (failed > 0)
        {
            byte[] told = BroadcastFrom(failed - 1,
                failed == Rank + 1 ? [(byte)KindOf(failure!), .. Encoding.UTF8.GetBytes(Text(failure!))] : null);
            return failure ?? Told((Kind)told[0],
                $"{NameOf(failed - 1)}: {Encoding.UTF8.GetString(told.AsSpan(1))}");
        }
        if (stopped > 0) return new OperationCanceledException($"{NameOf(stopped - 1)} was told to stop.");
        if (largest != smallest)
            return new InvalidOperationException(left > 0
                ? $"{NameOf(left - 1)} left the job while this one, {NameOf(Rank)}, was at {Describe(header)}. It has "
                    + "ended early, or failed with an error that only it knows."
                : $"The processes of the job are out of step: this one, {NameOf(Rank)}, is at {Describe(header)}, "
                    + $"another at {Describe(largest == header ? smallest : largest)}. All must do the same.");
        return null;
    }

    private static Exception Told(Kind kind, string message) => kind switch
    {
        Kind.Data => new InvalidDataException(message),
        Kind.Read => new IOException(message),
        Kind.Access => new UnauthorizedAccessException(message),
        Kind.Checkpoint => new CheckpointException(message),
        Kind.Diverged => new TrainingDivergedException(message, []),
        _ => new InvalidOperationException(message),
    };
}

/// <summary>A process alone: nothing is sent, and no MPI is needed.</summary>
internal sealed unsafe class SingleProcess() : ProcessGroup(0, 1)
{
    protected override void AllReduce(void* values, int count, Element element, Reduction reduction) { }

    protected override void Broadcast(void* bytes, int count, int root) { }

    protected override void AllGather(void* own, void* all, int count) => Buffer.MemoryCopy(own, all, count, count);
}
