using System.Runtime.InteropServices;
using FastScnn.Torch.Network;

namespace FastScnn.Torch.Tests.Network;

/// <summary>What is set of malloc and OpenMP, on Linux with glibc.</summary>
[Platform("Linux")]
[NonParallelizable]
public sealed unsafe partial class NativeSettingsTests
{
    // Above the threshold to which glibc goes by itself, below what a thread's own heap can hold.
    private const int Block = 40 << 20;

    // What is free in the heap is taken whatever the threshold. Enough to use up what earlier tests left there, and then
    // to use up these blocks too.
    private const int Blocks = 40, MoreBlocks = 160;

    [Test]
    public void Large_blocks_come_from_the_heap_until_the_memory_is_given_back()
    {
        Action? giveBack = NativeSettings.KeepFreedMemory();
        Assert.That(giveBack is not null, "no MALLOC_ variable is set in this process");
        long kept = MappedBy(Blocks);
        giveBack!();
        Assert.Multiple(() =>
        {
            Assert.That(kept, Is.Zero, "bytes that are mapped for the blocks");
            Assert.That(MappedBy(MoreBlocks), Is.GreaterThanOrEqualTo(Block), "afterwards");
        });
    }

    [TestCase("MALLOC_TOP_PAD_", "0")]
    [TestCase("GLIBC_TUNABLES", "glibc.malloc.check=0")]
    public void A_setting_of_the_user_stays(string variable, string value)
    {
        string? before = Environment.GetEnvironmentVariable(variable);
        Environment.SetEnvironmentVariable(variable, value);
        try
        {
            Assert.That(NativeSettings.KeepFreedMemory() is null);
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, before);
        }
    }

    [Test]
    public void OpenMP_waits_passively_once_libtorch_is_loaded()
    {
        Libtorch.Load(nameof(NativeSettingsTests));
        Assert.That(Marshal.PtrToStringUTF8(GetEnvironmentVariable("OMP_WAIT_POLICY")), Is.EqualTo("PASSIVE"));
    }

    private static long MappedBy(int count)
    {
        nuint before = MallocInfo().MappedBytes;
        IntPtr[] blocks = [.. Enumerable.Range(0, count).Select(_ => (IntPtr)NativeMemory.Alloc(Block))];
        nuint after = MallocInfo().MappedBytes;
        foreach (IntPtr block in blocks) NativeMemory.Free((void*)block);
        return (long)after - (long)before;
    }

    [LibraryImport("libc.so.6", EntryPoint = "mallinfo2")]
    private static partial Info MallocInfo();

    [LibraryImport("libc.so.6", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial IntPtr GetEnvironmentVariable(string name);

    // struct mallinfo2 of malloc.h
    private readonly record struct Info(
        nuint Arena, nuint FreeBlocks, nuint FastBlocks, nuint MappedBlocks, nuint MappedBytes,
        nuint Unused, nuint FastBytes, nuint Used, nuint Free, nuint Top);
}
