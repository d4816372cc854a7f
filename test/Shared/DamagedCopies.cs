namespace FastScnn.Testing;

/// <summary>Gives a reader a sound file cut off at 50 places and with 200 changes of one to four bytes. Whatever it
/// makes of them, it must neither crash, hang nor fill the memory, and what it throws must be what it says it throws,
/// with the file's name.</summary>
internal static class DamagedCopies
{
    private const int Cuts = 50;
    private const int Changes = 200;
    private const long SpareMemory = 64 << 20;

    // A copy takes a moment; only a reader that never ends is caught by this. Looks are counted and not the time, which
    // goes on where the machine stands still.
    private const int MostLooks = 120;
    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromSeconds(1);

    /// <summary>Reads all copies, one after the other.</summary>
    /// <param name="sound">A good file.</param>
    /// <param name="read">Reads the bytes, and checks what comes out where that can be wrong.</param>
    /// <param name="isNamed">Whether an exception is one that the reader promises, with a message that names the
    /// file.</param>
    /// <param name="structure">Bytes at either end of the file where half of the damage goes.</param>
    /// <param name="mend">Makes checksums fit again after every second change, so that the damage reaches what lies
    /// behind them.</param>
    /// <returns>How many copies were refused, and how many were read all the same.</returns>
    public static (int Refused, int Read) Try(byte[] sound, Action<byte[]> read, Func<Exception, bool> isNamed,
        int structure = 256, Action<byte[]>? mend = null)
    {
        read([.. sound]);
        string copy = "";
        Task<(int, int)> trial =
            Task.Factory.StartNew(() =>
                TryAll(sound, read, isNamed, structure, mend, what => Volatile.Write(ref copy, what)),
                TaskCreationOptions.LongRunning);
        string seen = "";
        for (int looks = 0; Task.WaitAny([trial], s_betweenLooks) < 0; looks++)
        {
            string now = Volatile.Read(ref copy);
            (looks, seen) = (now == seen ? looks : 0, now);
            Assert.That(looks, Is.LessThan(MostLooks), $"the reader does not end, {seen}");
        }
        return trial.GetAwaiter().GetResult();
    }

    /// <summary>As the other, for a reader that refuses a file with one type of exception, exactly, whose message holds
    /// a name.</summary>
    public static (int Refused, int Read) Try<TRefusal>(byte[] sound, Action<byte[]> read, string name,
        int structure = 256, Action<byte[]>? mend = null)
        where TRefusal : Exception =>
        Try(sound, read, e => e.GetType() == typeof(TRefusal) && e.Message.Contains(name), structure, mend);

    private static (int Refused, int Read) TryAll(byte[] sound, Action<byte[]> read, Func<Exception, bool> isNamed,
        int structure, Action<byte[]>? mend, Action<string> begin)
    {
        int refused = 0, accepted = 0;
        foreach ((string what, byte[] copy) in CutOff(sound, structure).Concat(Changed(sound, structure, mend)))
        {
            begin(what);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                read(copy);
                accepted++;
            }
            catch (Exception e) when (e is not AssertionException)
            {
                Assert.That(isNamed(e), Is.True, $"{what} of {sound.Length}: {e}");
                refused++;
            }
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(SpareMemory + 20L * sound.Length),
                $"memory, {what} of {sound.Length}");
        }
        return (refused, accepted);
    }

    private static IEnumerable<(string, byte[])> CutOff(byte[] sound, int structure)
    {
        int last = sound.Length - 1, start = Math.Min(structure, sound.Length);
        // Nothing, one byte, all but one; then half in the structure and the rest evenly over the file.
        IEnumerable<int> lengths =
        [
            0, 1, last, .. Enumerable.Range(1, Cuts / 2).Select(i => start * i / (Cuts / 2)),
            .. Enumerable.Range(1, Cuts).Select(i => (int)((long)last * i / Cuts))
        ];
        return lengths.Where(length => length <= last).Distinct().Take(Cuts)
            .Select(length => ($"cut to {length} bytes", sound[..length]));
    }

    private static IEnumerable<(string, byte[])> Changed(byte[] sound, int structure, Action<byte[]>? mend)
    {
        var random = new Random(1902);
        int ends = Math.Min(structure, sound.Length);
        for (int i = 0; i < Changes; i++)
        {
            byte[] copy = [.. sound];
            int bytes = i % 3 == 0 ? 1 + random.Next(4) : 1, at = (i % 4) switch
            {
                0 => random.Next(ends),
                1 => sound.Length - 1 - random.Next(ends),
                _ => random.Next(sound.Length),
            };
            for (int b = at; b < Math.Min(at + bytes, copy.Length); b++)
                copy[b] ^= (byte)(1 + random.Next(255));
            if (i % 2 == 1)
                mend?.Invoke(copy);
            yield return ($"change {i}, {bytes} bytes at {at}", copy);
        }
    }
}
