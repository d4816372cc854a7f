using System.Runtime.InteropServices;
using FastScnn.Torch.Training;

namespace FastScnn.Tool;

/// <summary>Runs a training by itself, or as one of the processes that a launcher of MPI started.</summary>
internal static class TrainingProcesses
{
    /// <summary>Runs it until it ends, fails, or a signal asks it to save its state and stop.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> Run(bool isDistributed, CancellationToken cancellation,
        Action<MpiProcesses?, CancellationToken> train)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        // Schedulers send it before they end a job, and mpirun hands it on to its processes, which it kills a second
        // after Ctrl+C.
        using PosixSignalRegistration? user = OperatingSystem.IsWindows() ? null
            : PosixSignalRegistration.Create((PosixSignal)(OperatingSystem.IsMacOS() ? 30 : 10), context =>
            {
                context.Cancel = true;
                stop.Cancel();
            });
        MpiProcesses? processes = null;
        try
        {
            return await Failure.Guard(() =>
            {
                if (isDistributed) processes = MpiProcesses.Join();
                train(processes, stop.Token);
                return Task.FromResult(0);
            }, isMine: message => processes is null or { Rank: 0 }
                || !message.StartsWith("Process ", StringComparison.Ordinal) && message != "Cancelled.");
        }
        finally
        {
            // After the error is told: where MPI failed, this ends the process.
            processes?.Dispose();
        }
    }
}
