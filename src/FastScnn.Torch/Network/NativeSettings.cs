using System.Runtime.InteropServices;

namespace FastScnn.Torch.Network;

/// <summary>Settings of the C library (glibc) and of OpenMP that make training on the CPU faster and change no result.
/// A setting that the user made, by an environment variable, stays. On other systems nothing is set.</summary>
internal static unsafe class NativeSettings
{
    // Of malloc.h.
    private const int TrimThreshold = -1, TopPad = -2, MmapThreshold = -3;

    // What glibc arrives at by itself when a program frees ever larger blocks.
    private const int LargestOwnThreshold = 32 << 20;

    // What glibc has by default.
    private const int DefaultTopPad = 128 << 10;

    private static readonly string[] s_mallocVariables =
        ["MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_", "MALLOC_TOP_PAD_"];

    private static readonly string[] s_waitVariables = ["OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME"];

    /// <summary>Lets OpenMP's threads sleep while they wait, where libtorch is not loaded yet: OpenMP reads the variable
    /// when it loads. Threads that spin keep others from their processor; on two of them a step with other load took ten
    /// times as long.</summary>
    public static void WaitPassively()
    {
        if (s_waitVariables.All(IsUnset)) SetWhereUnset("OMP_WAIT_POLICY\0"u8, "PASSIVE\0"u8);
    }

    /// <summary>Sets an environment variable for native code, where it is not set:
    /// Environment.SetEnvironmentVariable does not reach native code on Unix.</summary>
    /// <param name="name">Ends in 0.</param>
    /// <param name="value">Ends in 0.</param>
    public static void SetWhereUnset(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (Glibc("setenv") is not { } address) return;
        fixed (byte* nameBytes = name, valueBytes = value)
            _ = ((delegate* unmanaged<byte*, byte*, int, int>)address)(nameBytes, valueBytes, 0);
    }

    /// <summary>Lets malloc keep the memory of a step for the next one: by default every tensor of some size is mapped
    /// afresh, and its pages are cleared.</summary>
    /// <returns>Gives freed memory back to the system, and sets the thresholds to what glibc arrives at by itself; null
    /// where nothing was set.</returns>
    public static Action? KeepFreedMemory()
    {
        bool isUnset = s_mallocVariables.All(IsUnset)
            && Environment.GetEnvironmentVariable("GLIBC_TUNABLES")?.Contains("malloc") != true;
        if (!isUnset || Glibc("mallopt") is not { } option || Glibc("malloc_trim") is not { } trim)
            return null;
        var set = (delegate* unmanaged<int, int, int>)option;
        // Some versions take no more than 32 MiB.
        if (set(MmapThreshold, 1 << 30) == 0)
            _ = set(MmapThreshold, LargestOwnThreshold);
        _ = set(TrimThreshold, int.MaxValue);
        _ = set(TopPad, 1 << 28);
        return () =>
        {
            _ = set(MmapThreshold, LargestOwnThreshold);
            _ = set(TrimThreshold, 2 * LargestOwnThreshold);
            _ = set(TopPad, DefaultTopPad);
            _ = ((delegate* unmanaged<nint, int>)trim)(0);
        };
    }

    private static bool IsUnset(string variable) => string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable));

    private static nint? Glibc(string function) =>
        OperatingSystem.IsLinux() && NativeLibrary.TryLoad("libc.so.6", out nint libc)
        && NativeLibrary.TryGetExport(libc, "gnu_get_libc_version", out _)
        && NativeLibrary.TryGetExport(libc, function, out nint address) ? address : null;
}
