namespace FastScnn.ML;

/// <summary>
/// Keeps captures of CUDA graphs apart from everything else that this library does on CUDA devices: memory that another thread allocates
/// meanwhile, on whichever device, would fail both.
/// </summary>
/// <remarks>https://docs.nvidia.com/cuda/cuda-c-programming-guide/#prohibited-and-unhandled-operations (cudaStreamCaptureModeGlobal).</remarks>
internal static class CudaCapture
{
    private static readonly ReaderWriterLockSlim s_lock = new();

    /// <summary>Waits for a capture under way, and keeps others from beginning until the result is disposed. Not to be nested.</summary>
    public static Work Working()
    {
        s_lock.EnterReadLock();
        return default;
    }

    /// <summary>Waits for all work under way, and keeps more from beginning until the result is disposed.</summary>
    public static Capture Capturing()
    {
        s_lock.EnterWriteLock();
        return default;
    }

    public readonly struct Work : IDisposable
    {
        public void Dispose() => s_lock.ExitReadLock();
    }

    public readonly struct Capture : IDisposable
    {
        public void Dispose() => s_lock.ExitWriteLock();
    }
}
