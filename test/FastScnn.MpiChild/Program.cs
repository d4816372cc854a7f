// FastScnn.MpiChild <scenario> [arguments]: one process of a job of MPI. Each line says which process wrote it.
using System.Diagnostics;
using System.Runtime.CompilerServices;
using FastScnn.Torch.Training;
using FastScnn.Torch.Training.Distributed;

var scenarios = new Dictionary<string, Func<MpiProcesses, int>>
{
    ["calls"] = Calls,
    ["agree"] = Agree,
    ["fail"] = Fail,
    ["leave"] = Leave,
    ["break"] = Break,
    ["null"] = NullReference,
    ["again"] = Again,
    ["time"] = Time,
};
MpiProcesses processes;
try
{
    processes = MpiProcesses.Join();
}
catch (Exception e) when (e is DllNotFoundException or InvalidOperationException)
{
    Console.WriteLine($"join: {e.GetType().Name}: {e.Message}");
    return 3;
}
try
{
    using (processes)
        try
        {
            return scenarios[args[0]](processes);
        }
        // The error must be written before this process leaves: the launcher kills the job when the first has ended.
        catch (Exception e) when (e is not FormatException)
        {
            Say(processes, e);
            return 2;
        }
}
catch (FormatException e)
{
    Say(processes, e);
    return 2;
}

static void Say(MpiProcesses processes, object what) => Console.WriteLine(
    $"{processes.Rank}: {(what is Exception e ? $"{e.GetType().Name}: {e.Message}" : what)}");

static void Expect(bool isTrue, [CallerArgumentExpression(nameof(isTrue))] string what = "")
{
    if (!isTrue) throw new InvalidOperationException($"not so: {what}");
}

static int Calls(MpiProcesses processes)
{
    ProcessGroup group = processes.Group;
    (int rank, int count) = (processes.Rank, processes.Count);
    int ranks = Enumerable.Range(0, count).Sum(), squares = Enumerable.Range(0, count).Sum(r => r * r);

    // More than the libraries send at once, as the gradients are.
    var floats = new float[1_200_000];
    for (int i = 0; i < floats.Length; i++) floats[i] = rank + i % 100;
    group.Sum(floats);
    Expect(floats.Select((value, i) => value == ranks + count * (i % 100)).All(same => same));
    double[] doubles = [rank, 0.5, rank * rank];
    group.Sum(doubles);
    Expect(doubles.SequenceEqual([ranks, 0.5 * count, squares]));
    long[] sums = [rank, 1L << 40], most = [rank, -rank, long.MinValue + rank];
    group.Sum(sums);
    Expect(sums.SequenceEqual([ranks, (1L << 40) * count]));
    group.Max(most);
    Expect(most.SequenceEqual([count - 1, 0, long.MinValue + count - 1]));

    // Sums are the same bytes on all ranks, also where the order of additions matters.
    float[] uneven =
        [.. Enumerable.Range(0, 1000).Select(i => MathF.Sin((1000 * rank) + i) * MathF.Pow(10, i % 9))];
    group.Sum(uneven);
    byte[][] all = group.Gather(System.Runtime.InteropServices.MemoryMarshal.AsBytes(uneven.AsSpan()));
    Expect(all.All(bytes => bytes.AsSpan().SequenceEqual(all[0])));

    byte[] buffer = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * (rank == 0 ? 7 : 1)))];
    group.Broadcast(buffer);
    Expect(buffer.Select((value, i) => value == (byte)(i * 7)).All(same => same));
    Expect(group.FromFirst(rank == 0 ? "from the first"u8.ToArray() : null).AsSpan()
        .SequenceEqual("from the first"u8));
    Expect(group.FromFirst(rank == 0 ? [] : null).Length == 0);
    byte[][] gathered = group.Gather(Enumerable.Repeat((byte)(rank + 1), rank * 3).ToArray());
    Expect(gathered.Select((bytes, r) => bytes.Length == r * 3 && bytes.All(b => b == r + 1)).All(same => same));
    group.Barrier();

    // What each step calls allocates nothing.
    long before = 0;
    for (int i = 0; i < 20; i++)
    {
        if (i == 10) before = GC.GetAllocatedBytesForCurrentThread();
        group.Agree();
        group.Max(most);
        group.Sum(uneven);
        group.Broadcast(buffer);
    }
    Expect(GC.GetAllocatedBytesForCurrentThread() == before);
    Say(processes,
        $"{rank} of {count}, local {processes.LocalRank} of {processes.LocalCount}, {processes.Library}, ok");
    return 0;
}

static int Agree(MpiProcesses processes)
{
    ProcessGroup group = processes.Group;
    bool isLast = processes.Rank == processes.Count - 1;
    group.Agree();
    try
    {
        group.Agree(isLast ? new InvalidDataException("'a.png' is cut short.") : null);
    }
    catch (InvalidDataException e)
    {
        Say(processes, e);
    }
    using var stop = new CancellationTokenSource();
    if (isLast) stop.Cancel();
    try
    {
        group.Agree(null, stop.Token);
    }
    catch (OperationCanceledException e)
    {
        Say(processes, $"stopped, by its own token: {e.CancellationToken == stop.Token}");
    }
    // The processes are still in step.
    long[] one = [1];
    group.Sum(one);
    Expect(one[0] == processes.Count);
    return 0;
}

static int Fail(MpiProcesses processes)
{
    ProcessGroup group = processes.Group;
    try
    {
        group.Sum(new float[3]);
        if (group.IsFirst) throw new IOException("The disk is full.");
        group.Sum(new float[4]);
        return 0;
    }
    catch (Exception e)
    {
        group.Fail(e);
        throw;
    }
}

static int Leave(MpiProcesses processes)
{
    if (processes.Rank == 1) throw new FormatException("of the caller's code");
    processes.Group.Sum(new double[5]);
    return 0;
}

static int Break(MpiProcesses processes)
{
    if (processes.Rank == 1)
    {
        processes.Group.MarkBroken();
        return 0;
    }
    processes.Group.Barrier();
    return 0;
}

static int NullReference(MpiProcesses processes)
{
    processes.Group.Barrier();
    try
    {
        string? none = processes.Rank < 0 ? "" : null;
        _ = none!.Length;
    }
    catch (NullReferenceException)
    {
        Say(processes, "caught");
    }
    processes.Group.Barrier();
    return 0;
}

static int Again(MpiProcesses processes)
{
    for (int i = 0; i < 2; i++)
    {
        try
        {
            MpiProcesses.Join().Dispose();
        }
        catch (InvalidOperationException e)
        {
            Say(processes, e);
        }
        processes.Dispose();
    }
    return 0;
}

// What a meeting adds to a call.
static int Time(MpiProcesses processes)
{
    ProcessGroup group = processes.Group;
    var gradients = new float[1_157_174];
    foreach ((string name, Action call) in new (string, Action)[]
    {
        ("a barrier", group.Barrier), ("a sum of 1157174 floats", () => group.Sum(gradients)),
    })
    {
        for (int i = 0; i < 20; i++) call();
        var clock = Stopwatch.StartNew();
        for (int i = 0; i < 200; i++) call();
        if (processes.Rank == 0) Say(processes, $"{name}: {clock.Elapsed.TotalMicroseconds / 200:F0} us");
    }
    return 0;
}
