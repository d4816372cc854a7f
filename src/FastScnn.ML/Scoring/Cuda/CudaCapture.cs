namespace FastScnn.ML.Scoring.Cuda;

/// <summary>Keeps captures of CUDA graphs apart from everything else that scoring does on CUDA devices: memory that
/// another thread allocates meanwhile, on whichever device, would fail both.</summary>
/// <remarks>https://docs.nvidia.com/cuda/cuda-c-programming-guide/#prohibited-and-unhandled-operations
/// (cudaStreamCaptureModeGlobal).</remarks>
internal static class CudaCapture
{
    private static readonly ReaderWriterLockSlim s_lock = new();

    /// <summary>Waits for a capture under way, and keeps others from beginning until the result is disposed. Not to be
    /// nested.</summary>
    /// <param name="onCuda">Whether there is a CUDA device to work on; otherwise nothing happens.</param>
    public static Work Working(bool onCuda = true)
    {
        if (onCuda)
            s_lock.EnterReadLock();
        return new Work(onCuda);
    }

    /// <summary>Waits for all work under way, and keeps more from beginning until the result is disposed.</summary>
    public static Capture Capturing()
    {
        s_lock.EnterWriteLock();
        return default;
    }

    public readonly struct Work(bool entered) : IDisposable
    {
        public void Dispose()
        {
            if (entered)
                s_lock.ExitReadLock();
        }
    }

    public readonly struct Capture : IDisposable
    {
        public void Dispose() => s_lock.ExitWriteLock();
    }
}
