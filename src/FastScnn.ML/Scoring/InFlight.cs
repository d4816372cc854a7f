using System.Runtime.CompilerServices;

namespace FastScnn.ML;

/// <summary>Works on several items at once and gives the results in the items' order.</summary>
internal static class InFlight
{
    /// <summary>
    /// At most <paramref name="count"/> items are being worked on or wait to be fetched, however slowly the caller fetches. An item that
    /// fails throws when its turn comes. Leaving early, by a fault, by cancellation or by the caller, first waits for what is under way.
    /// </summary>
    public static async IAsyncEnumerable<TResult> Each<T, TResult>(
        IEnumerable<T> items, Func<T, TResult> work, int count, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var running = new Queue<Task<TResult>>();
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        CancellationToken stop = leaving.Token;
        try
        {
            foreach (T item in items)
            {
                cancellation.ThrowIfCancellationRequested();
                running.Enqueue(Task.Run(
                    () =>
                    {
                        stop.ThrowIfCancellationRequested();
                        return work(item);
                    },
                    CancellationToken.None));
                if (running.Count == count)
                    yield return await Next().ConfigureAwait(false);
            }
            while (running.Count > 0)
                yield return await Next().ConfigureAwait(false);
        }
        finally
        {
            await leaving.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(running).ContinueWith(all => _ = all.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).ConfigureAwait(false);
        }

        // It stays in the queue while it is waited for, as it must not be left behind when the wait is cancelled.
        async Task<TResult> Next()
        {
            TResult result = await running.Peek().WaitAsync(cancellation).ConfigureAwait(false);
            _ = running.Dequeue();
            return result;
        }
    }
}
