namespace FastScnn.ML.Tests.Transforms.Ahead;

/// <summary>The two threads that make rows ahead of their reader.</summary>
public class RowsAheadTests
{
    // No test waits for it unless it fails.
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    [Test]
    public void A_row_is_taken_while_the_one_before_is_finished_and_the_one_before_that_is_read()
    {
        using var reading = new ManualResetEventSlim();
        using var taking = new ManualResetEventSlim();
        using var finishing = new ManualResetEventSlim();
        (int taken, int finished, bool met) = (0, 0, true);
        using var rows = new RowsAhead(3);
        Assert.That(rows.MoveNext(Take, Finish), Is.True);
        reading.Set();
        Assert.That(rows.MoveNext(Take, Finish) && rows.MoveNext(Take, Finish), Is.True);
        Assert.That(met, Is.True);

        bool Take(int slot)
        {
            if (taken++ == 2)
            {
                taking.Set();
                met &= reading.Wait(s_limit) && finishing.Wait(s_limit);
            }
            return true;
        }

        void Finish(int slot)
        {
            if (finished++ == 1)
            {
                finishing.Set();
                met &= reading.Wait(s_limit) && taking.Wait(s_limit);
            }
        }
    }

    [Test]
    public void All_slots_are_used_and_no_row_is_taken_before_one_is_free([Values(2, 3, 5)] int slots)
    {
        const int Count = 40;
        int[] inSlot = new int[slots], doubled = new int[slots];
        (int taken, int finished, int left, int most, int seen) = (0, 0, 0, 0, 0);
        using var takes = new SemaphoreSlim(0);
        using var rows = new RowsAhead(slots);
        for (int row = 0; rows.MoveNext(Take, Finish); row++)
        {
            // As many as there may be: the row that is read keeps its slot all the same.
            for (; seen < Math.Min(row + slots, Count); seen++)
                Assert.That(takes.Wait(s_limit), Is.True);
            Assert.That((inSlot[rows.Slot], doubled[rows.Slot]), Is.EqualTo((row, 2 * row)));
            Volatile.Write(ref left, row + 1);
        }
        Assert.That((taken, finished, left), Is.EqualTo((Count, Count, Count)));
        Assert.That(most, Is.EqualTo(slots));

        bool Take(int slot)
        {
            if (taken == Count)
                return false;
            most = Math.Max(most, taken + 1 - Volatile.Read(ref left));
            inSlot[slot] = taken++;
            takes.Release();
            return true;
        }

        void Finish(int slot)
        {
            doubled[slot] = 2 * inSlot[slot];
            finished++;
        }
    }

    [Test]
    public void A_fault_comes_after_the_rows_before_it_and_stays()
    {
        using var rows = new RowsAhead(4);
        var fault = new IOException("no more");
        int taken = 0;
        for (int row = 0; row < 3; row++)
            Assert.That(rows.MoveNext(Take, _ => { }), Is.True);
        for (int i = 0; i < 2; i++)
        {
            Assert.That(() => rows.MoveNext(Take, _ => { }), Throws.Exception.SameAs(fault));
            Assert.That(() => rows.Slot, Throws.InvalidOperationException.With.Message.Contains("no row"));
        }
        Assert.That(taken, Is.EqualTo(3));

        bool Take(int slot) => taken < 3 ? taken++ >= 0 : throw fault;
    }

    [Test]
    public void Rows_of_no_pool_thread_end_their_threads()
    {
        using var rows = new RowsAhead(2);
        Thread? taker = null, finisher = null;
        int taken = 0;
        Assert.That(rows.IsAtRow, Is.False);
        while (rows.MoveNext(Take, _ => finisher = Thread.CurrentThread))
            Assert.That(rows.IsAtRow, Is.True);
        Assert.That(rows.MoveNext(Take, _ => { }), Is.False);
        Assert.That(new[] { taker!, finisher! }, Is.Unique.And.No.Member(Thread.CurrentThread));
        foreach (Thread thread in new[] { taker!, finisher! })
        {
            Assert.That(thread.Join(s_limit), Is.True, "it ends without being disposed");
            Assert.That(taken, Is.EqualTo(3));
        }

        bool Take(int slot)
        {
            taker = Thread.CurrentThread;
            Assert.That((taker.IsThreadPoolThread, taker.IsBackground), Is.EqualTo((false, true)));
            return taken++ < 2;
        }
    }

    [Test]
    public void Disposing_ends_threads_that_wait_and_waits_for_those_at_work([Values] bool takerWorks)
    {
        using var working = new ManualResetEventSlim();
        using var disposing = new ManualResetEventSlim();
        var rows = new RowsAhead(3);
        Thread? taker = null, finisher = null;
        (int taken, int finished, bool worked) = (0, 0, false);
        Assert.That(rows.MoveNext(Take, Finish), Is.True);
        Assert.That(working.Wait(s_limit), Is.True);
        ThreadPool.UnsafeQueueUserWorkItem(_ => disposing.Set(), null);
        rows.Dispose();
        Assert.That((worked, taker!.IsAlive, finisher!.IsAlive), Is.EqualTo((true, false, false)));
        Assert.That((rows.IsAtRow, rows.MoveNext(Take, Finish)), Is.EqualTo((false, false)));
        rows.Dispose();

        bool Take(int slot)
        {
            taker = Thread.CurrentThread;
            if (++taken == 2 && takerWorks)
                Work();
            return true;
        }

        void Finish(int slot)
        {
            finisher = Thread.CurrentThread;
            if (++finished == 2 && !takerWorks)
                Work();
        }

        void Work()
        {
            working.Set();
            worked = disposing.Wait(s_limit);
        }
    }

    [Test]
    public void Rows_that_are_never_read_are_never_made()
    {
        var rows = new RowsAhead(3);
        rows.Dispose();
        Assert.That(rows.MoveNext(_ => throw new AssertionException("taken"), _ => { }), Is.False);
    }
}
