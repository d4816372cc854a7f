using System.Text;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Training;
using FastScnn.Torch.Training.Distributed;

namespace FastScnn.Torch.Tests.Training.Distributed;

/// <summary>What processes do together, and what they do when one of them fails, stops, leaves or goes another
/// way.</summary>
public unsafe class ProcessGroupTests
{
    private static readonly (string Name, Exception Thrown, Type Told, string Text)[] s_failures =
    [
        ("data", new InvalidDataException("'a.png' is cut."), typeof(InvalidDataException), "'a.png' is cut."),
        ("end of file", new EndOfStreamException("It ends early."), typeof(IOException), "It ends early."),
        ("no file", new FileNotFoundException("No file."), typeof(IOException), "No file."),
        ("access", new UnauthorizedAccessException("Not yours."), typeof(UnauthorizedAccessException), "Not yours."),
        ("checkpoint", new CheckpointException("No such key."), typeof(CheckpointException), "No such key."),
        ("diverged", new TrainingDivergedException("NaN at step 3.", []), typeof(TrainingDivergedException),
            "NaN at step 3."),
        ("state", new InvalidOperationException("Not now."), typeof(InvalidOperationException), "Not now."),
        ("argument", new ArgumentException("Not this."), typeof(InvalidOperationException), "Not this."),
        ("other", new FormatException("Not a number: ä."), typeof(InvalidOperationException),
            "FormatException: Not a number: ä."),
    ];

    private static IEnumerable<TestCaseData> Failures => s_failures.Select(failure =>
        new TestCaseData(failure.Thrown, failure.Told, failure.Text).SetArgDisplayNames(failure.Name));

    [Test]
    public void Sums_and_largest_values_are_over_all_processes([Values(1, 2, 5)] int count,
        [Values(1, 3, 1000)] int largestPart) =>
        Expect(count, group =>
        {
            float[] floats = [1, group.Rank, 0.5f, -1];
            double[] doubles = [group.Rank, 2];
            long[] sums = [group.Rank, 1L << 40, 3, 4, 5], most = [group.Rank, -group.Rank];
            group.Sum(floats);
            group.Sum(doubles);
            group.Sum(sums);
            group.Max(most);
            group.Sum(Span<float>.Empty);
            int ranks = count * (count - 1) / 2;
            Assert.That(floats, Is.EqualTo([count, ranks, 0.5f * count, -count]));
            Assert.That(doubles, Is.EqualTo([ranks, 2.0 * count]));
            Assert.That(sums, Is.EqualTo([ranks, count * (1L << 40), 3L * count, 4L * count, 5L * count]));
            Assert.That(most, Is.EqualTo([count - 1L, 0L]));
        }, largestPart: largestPart);

    [Test]
    public void Native_memory_is_summed_and_sent() => Expect(3, group =>
    {
        float[] values = [1, 2, group.Rank];
        fixed (float* first = values) group.Sum((nint)first, 2);
        Assert.That(values, Is.EqualTo([3f, 6f, group.Rank]));
        byte[] bytes = [(byte)group.Rank, 7];
        fixed (byte* first = bytes) group.Broadcast((nint)first, 1);
        Assert.That(bytes, Is.EqualTo("\0\a"u8.ToArray()));
    });

    [Test]
    public void All_get_the_bytes_of_the_first_and_those_of_each([Values(1, 3)] int count) => Expect(count, group =>
    {
        byte[] bytes = [(byte)(group.Rank + 1), (byte)(group.Rank + 1), (byte)(group.Rank + 1)];
        group.Broadcast(bytes);
        Assert.That(bytes, Is.EqualTo("\u0001\u0001\u0001"u8.ToArray()));
        Assert.That(group.FromFirst(group.IsFirst ? "first"u8.ToArray() : null), Is.EqualTo("first"u8.ToArray()));
        Assert.That(group.FromFirst(group.IsFirst ? [] : null), Is.Empty);
        byte[][] all = group.Gather(Encoding.UTF8.GetBytes(new string('a', group.Rank * 2)));
        Assert.That(all.Select(Encoding.UTF8.GetString), Is.EqualTo(new[] { "", "aa", "aaaa" }.Take(count)));
        Assert.That(group.Gather([]), Is.EqualTo(Enumerable.Repeat(Array.Empty<byte>(), count)));
        group.Barrier();
    }, largestPart: 2);

    [Test]
    public void Processors_are_shared_with_those_that_may_use_the_same()
    {
        var found = new int[5];
        Assert.That(ThreadGroup.Run(5, group => found[group.Rank] = group.ProcessorSharers,
            machines: ["a", "a", "a", "b", "b"], processors: ["0-7", "0-7", "8-15", "0-3", "4-7"]), Is.All.Null);
        Assert.That(found, Is.EqualTo(new[] { 2, 2, 1, 1, 1 }));
    }

    [Test]
    public void Local_ranks_are_counted_on_each_machine()
    {
        var found = new (int, int, string)[5];
        Exception?[] thrown = ThreadGroup.Run(5,
            group => found[group.Rank] = (group.LocalRank, group.LocalCount, group.NameOf(2)),
            ["a", "b", "a", "b", "a"]);
        Assert.That(thrown, Has.All.Null);
        Assert.That(found.Select(f => f.Item1), Is.EqualTo([0, 0, 1, 1, 2]));
        Assert.That(found.Select(f => f.Item2), Is.EqualTo([3, 2, 3, 2, 3]));
        Assert.That(found.Select(f => f.Item3), Has.All.EqualTo("Process 3 of 5 (a)"));
    }

    [TestCaseSource(nameof(Failures))]
    public void A_failure_is_thrown_by_all(Exception failure, Type told, string text)
    {
        Exception?[] thrown = ThreadGroup.Run(3, group =>
        {
            group.Agree();
            Exception caught = Assert.Catch(() => group.Agree(group.Rank == 1 ? failure : null))!;
            // The processes are in step, and can go on.
            group.Barrier();
            throw caught;
        }, ["a", "b", "a"]);
        Assert.That(thrown[1], Is.SameAs(failure));
        foreach (int rank in new[] { 0, 2 })
        {
            Assert.That(thrown[rank], Is.TypeOf(told));
            Assert.That(thrown[rank]!.Message, Is.EqualTo("Process 2 of 3 (b): " + text));
        }
    }

    [Test]
    public void Of_several_failures_each_process_throws_its_own_and_the_others_that_of_the_highest()
    {
        Exception?[] thrown = ThreadGroup.Run(4, group => group.Agree(group.Rank is 1 or 2
            ? new InvalidDataException($"of {group.Rank}") : null));
        Assert.That(thrown.Select(e => e!.Message),
            Is.EqualTo(["Process 3 of 4 (here): of 2", "of 1", "of 2", "Process 3 of 4 (here): of 2"]));
    }

    [Test]
    public void A_stop_stops_all_and_a_failure_comes_first()
    {
        using var stopped = new CancellationTokenSource();
        stopped.Cancel();
        Exception?[] thrown = ThreadGroup.Run(3, group =>
        {
            Assert.That(Assert.Catch(() => group.Agree(group.Rank == 0 ? new IOException("full") : null,
                group.Rank == 2 ? stopped.Token : default)), Is.TypeOf<IOException>());
            group.Agree(null, group.Rank == 2 ? stopped.Token : default);
        });
        Assert.That(thrown, Has.All.TypeOf<OperationCanceledException>());
        Assert.That(thrown.Select(e => ((OperationCanceledException)e!).CancellationToken),
            Is.EqualTo([default, default, stopped.Token]));
        Assert.That(thrown[0]!.Message, Is.EqualTo("Process 3 of 3 (here) was told to stop."));
    }

    [Test]
    public void A_failure_anywhere_reaches_the_others_at_their_next_call([Values] bool isStop)
    {
        Exception failure = isStop ? new OperationCanceledException("stop") : new IOException("The disk is full.");
        Exception?[] thrown = ThreadGroup.Run(3, group =>
        {
            try
            {
                group.Sum(new float[4]);
                if (group.IsFirst) throw failure;
                group.Sum(new double[2]);
            }
            catch (Exception exception)
            {
                group.Fail(exception);
                // Twice is as once.
                group.Fail(exception);
                throw;
            }
        });
        Assert.That(thrown[0], Is.SameAs(failure));
        Assert.That(thrown.Skip(1), Has.All.TypeOf(failure.GetType()));
        Assert.That(thrown[1]!.Message, Is.EqualTo(isStop ? "Process 1 of 3 (here) was told to stop."
            : "Process 1 of 3 (here): The disk is full."));
    }

    [Test]
    public void One_that_leaves_early_leaves_no_other_waiting()
    {
        Exception?[] thrown = ThreadGroup.Run(3, group =>
        {
            if (group.Rank == 2) throw new FormatException("of the caller");
            Exception first = Assert.Throws<InvalidOperationException>(() => group.Sum(new float[6]))!;
            // Nothing can follow, and nothing waits.
            Assert.That(() => group.Barrier(),
                Throws.InvalidOperationException.With.Message.EqualTo("Process 3 of 3 (here) has left the job."));
            group.Fail(new IOException("late"));
            throw first;
        });
        Assert.That(thrown[2], Is.TypeOf<FormatException>());
        Assert.That(thrown[0]!.Message, Does.Contain("Process 3 of 3 (here) left the job")
            .And.Contain("Process 1 of 3 (here), was at SumOfSingle with 6 values"));
    }

    [Test]
    public void Processes_out_of_step_are_told_so([Values] bool isLength)
    {
        Exception?[] thrown = ThreadGroup.Run(2, group =>
        {
            if (group.Rank == 0) group.Sum(new float[5]);
            else if (isLength) group.Sum(new float[6]);
            else group.Barrier();
        });
        string other = isLength ? "SumOfSingle with 6 values" : "Barrier";
        Assert.That(thrown[0], Is.TypeOf<InvalidOperationException>().With.Message.EqualTo(
            "The processes of the job are out of step: this one, Process 1 of 2 (here), is at SumOfSingle with 5 "
            + $"values, another at {other}. All must do the same."));
        Assert.That(thrown[1]!.Message, Does.Contain($"is at {other}, another at SumOfSingle with 5 values"));
    }

    [Test]
    public void A_broken_process_waits_for_nobody()
    {
        Exception?[] thrown = ThreadGroup.Run(1, group =>
        {
            group.MarkBroken();
            Assert.That(group.IsBroken);
        });
        Assert.That(thrown, Has.All.Null);
        using var others = new ManualResetEventSlim();
        thrown = ThreadGroup.Run(2, group =>
        {
            if (group.Rank == 0)
            {
                group.MarkBroken();
                Assert.That(() => group.Barrier(), Throws.InvalidOperationException);
                group.Fail(new IOException());
                group.Leave();
                others.Set();
            }
            else
            {
                others.Wait();
                group.MarkBroken();
            }
        });
        Assert.That(thrown, Has.All.Null);
    }

    [Test]
    public void A_process_alone_needs_no_other()
    {
        var group = new SingleProcess();
        Assert.That((group.Rank, group.Count, group.LocalRank, group.LocalCount, group.IsFirst),
            Is.EqualTo((0, 1, 0, 1, true)));
        float[] values = [1, 2];
        group.Sum(values);
        Assert.That(values, Is.EqualTo([1f, 2f]));
        Assert.That(group.FromFirst([3]), Is.EqualTo("\u0003"u8.ToArray()));
        Assert.That(group.Gather("ab"u8), Is.EqualTo(new[] { "ab"u8.ToArray() }));
        var failure = new FormatException();
        Assert.That(Assert.Catch(() => group.Agree(failure)), Is.SameAs(failure));
        Assert.That(() => group.Agree(null, new CancellationToken(true)), Throws.TypeOf<OperationCanceledException>());
        group.Fail(failure);
        group.Leave();
    }

    private static void Expect(int count, Action<ProcessGroup> body, int largestPart = 1 << 20) =>
        Assert.That(ThreadGroup.Run(count, body, largestPart: largestPart), Has.All.Null);
}
