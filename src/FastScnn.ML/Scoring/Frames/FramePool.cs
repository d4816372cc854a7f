using Microsoft.ML.OnnxRuntime;

namespace FastScnn.ML;

/// <summary>
/// Lends frames, and keeps those of the last few sizes. A size that comes again and again gets a session of its own; folders of mixed
/// sizes go through the one that takes any.
/// </summary>
/// <remarks>Safe for several threads.</remarks>
/// <param name="anySize">The session that takes any size; it stays the caller's.</param>
/// <param name="createForSize">
/// Makes a session for one size, whose scores have a shape that is known by then; null where there is nothing to gain, as for a model of one size.
/// </param>
internal sealed class FramePool(InferenceSession anySize, Func<FrameSize, SizedSession>? createForSize) : IDisposable
{
    /// <summary>How often a size must come before it gets a session: making one takes as long as it saves in about that many photos.</summary>
    public const int UsesForSession = 16;

    /// <summary>How many sizes get sessions of their own; each holds weights and working memory.</summary>
    public const int MaxSessions = 2;

    private const int MaxSizes = 4;

    // In bytes; a few photos in flight of 2048 x 1024.
    private const long MaxIdleBytes = 96L << 20;

    private readonly Lock _gate = new();
    private readonly List<FrameSize> _sizes = [];
    private long _idleBytes;

    public required int Classes { get; init; }

    /// <summary>How many threads work on one photo, 1 or more.</summary>
    public required int Threads { get; init; }

    public required bool TakesBytes { get; init; }

    /// <summary>Whether the network runs on a device, to which binding an input copies it.</summary>
    public required bool OnDevice { get; init; }

    /// <summary>
    /// Held while the network runs on a device. Runs of one session at the same time are allowed, but not safe in all versions
    /// (https://github.com/microsoft/onnxruntime/issues/32342), and a device does one after the other anyhow.
    /// </summary>
    public Lock DeviceGate { get; } = new();

    public required string InputName { get; init; }

    public required string OutputName { get; init; }

    /// <summary>What to throw when the network gives scores of another shape than it should.</summary>
    public required Func<long[], Exception> UnexpectedScores { get; init; }

    /// <summary>Sizes with a session of their own.</summary>
    public int Sessions { get; private set; }

    /// <summary>Lends a frame for photos of one size.</summary>
    public Frame Rent(int width, int height)
    {
        FrameSize size;
        bool create, last;
        lock (_gate)
        {
            size = Find(width, height);
            size.InUse++;
            size.Uses++;
            bool free = createForSize is not null && Sessions < MaxSessions && !size.SessionTried && size.ScoresShape is not null;
            (create, last) = (free && size.Uses >= UsesForSession, free && size.Uses == UsesForSession - 1);
            if (create)
            {
                size.SessionTried = true;
                Sessions++;
            }
            else if (size.Idle.TryPop(out Frame? idle))
            {
                _idleBytes -= idle.MemoryBytes;
                idle.IsLastOfSession = last;
                return idle;
            }
        }
        try
        {
            if (create)
                UseSession(size, TryCreate(size));
            return new Frame(this, size, size.Session, anySize, TakesBytes) { IsLastOfSession = last };
        }
        catch
        {
            lock (_gate)
            {
                size.InUse--;
                FreeDropped(size);
            }
            throw;
        }
    }

    /// <summary>Takes a frame back.</summary>
    public void Return(Frame frame)
    {
        lock (_gate)
        {
            FrameSize size = frame.Size;
            size.InUse--;
            bool current = ReferenceEquals(frame.Sized, size.Session);
            if (!size.Dropped && current && !frame.IsFaulty && _idleBytes + frame.MemoryBytes <= MaxIdleBytes)
            {
                size.Idle.Push(frame);
                _idleBytes += frame.MemoryBytes;
                return;
            }
            frame.Free();
            FreeDropped(size);
        }
    }

    /// <summary>Frees what is kept; nothing may be in use any more.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (FrameSize size in _sizes.ToArray())
                Drop(size);
        }
    }

    // The sizes lie in the order of their last use.
    private FrameSize Find(int width, int height)
    {
        int index = _sizes.FindIndex(size => (size.Width, size.Height) == (width, height));
        FrameSize found = index < 0 ? new FrameSize(width, height) : _sizes[index];
        if (index >= 0)
            _sizes.RemoveAt(index);
        else if (_sizes.Count == MaxSizes)
            Drop(_sizes[^1]);
        _sizes.Insert(0, found);
        return found;
    }

    // It only saves time: where there is no memory for one more, or the graph takes no fixed shapes, photos go on as they did.
    private SizedSession? TryCreate(FrameSize size)
    {
        try
        {
            return createForSize!(size);
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException)
        {
            return null;
        }
    }

    private void UseSession(FrameSize size, SizedSession? session)
    {
        lock (_gate)
        {
            if (session is null)
            {
                Sessions--;
                return;
            }
            size.Session = session;
            FreeIdle(size);
        }
    }

    private void Drop(FrameSize size)
    {
        _sizes.Remove(size);
        size.Dropped = true;
        FreeIdle(size);
        FreeDropped(size);
    }

    private void FreeIdle(FrameSize size)
    {
        while (size.Idle.TryPop(out Frame? frame))
        {
            _idleBytes -= frame.MemoryBytes;
            frame.Free();
        }
    }

    private void FreeDropped(FrameSize size)
    {
        if (!size.Dropped || size.InUse > 0 || size.Session is null)
            return;
        size.Session.Dispose();
        size.Session = null;
        Sessions--;
    }
}
