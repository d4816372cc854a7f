using Microsoft.ML.OnnxRuntime;

namespace FastScnn.ML;

/// <summary>
/// Lends frames, and keeps those of the last few sizes. A size that comes again and again gets a session of its own; folders of mixed
/// sizes go through the one that takes any.
/// </summary>
/// <remarks>Safe for several threads.</remarks>
/// <param name="anySize">The session that takes any size; it stays the caller's.</param>
/// <param name="createForSize">
/// Makes a session for one size, whose scores have a shape that is known by then, or null; null where there is nothing to gain, as for a model of one size on the processor.
/// </param>
internal sealed class FramePool(InferenceSession anySize, Func<FrameSize, SizedSession?>? createForSize) : IDisposable
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

    /// <summary>Whether binding an input copies it to a device.</summary>
    public required bool BindsCopies { get; init; }

    /// <summary>Whether that device is a CUDA device.</summary>
    public required bool OnCuda { get; init; }

    /// <summary>
    /// Held while the network runs on a CUDA device. Runs of one session at the same time are allowed, but not safe in all versions
    /// (https://github.com/microsoft/onnxruntime/issues/32342), and a device does one after the other anyhow.
    /// </summary>
    public Lock DeviceGate { get; } = new();

    public required string InputName { get; init; }

    public required string OutputName { get; init; }

    /// <summary>What to throw when the network gives scores of another shape than it should.</summary>
    public required Func<long[], Exception> UnexpectedScores { get; init; }

    /// <summary>Sizes with a session of their own.</summary>
    public int Sessions { get; private set; }

    /// <summary>Why photos of the size that came last do not replay a CUDA graph, where that was tried.</summary>
    public string? WhyNoGraph
    {
        get
        {
            lock (_gate)
                return _sizes.FirstOrDefault()?.WhyNoGraph;
        }
    }

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
                Use(size, TryCreate(size));
            return MakeFrame(size, last);
        }
        catch
        {
            lock (_gate)
            {
                size.InUse--;
                FreeUnused(size);
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
            if (current && frame.IsFaulty && size.Session?.Graph is not null)
                Retire(size);
            else if (!size.Dropped && current && !frame.IsFaulty && _idleBytes + frame.MemoryBytes <= MaxIdleBytes)
            {
                size.Idle.Push(frame);
                _idleBytes += frame.MemoryBytes;
                return;
            }
            frame.Free();
            FreeUnused(size);
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

    private Frame MakeFrame(FrameSize size, bool last)
    {
        SizedSession? sized = size.Session;
        try
        {
            return new Frame(this, size, sized, anySize, TakesBytes) { IsLastOfSession = last };
        }
        catch (OnnxRuntimeException) when (sized?.Graph is not null)
        {
            // The memory that the device reaches fast has an end; this photo goes through the session for any size.
            return new Frame(this, size, null, anySize, TakesBytes);
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
        catch
        {
            Use(size, null);
            throw;
        }
    }

    private void Use(FrameSize size, SizedSession? session)
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

    // What was captured may be of no use any more: later photos of the size go through the session for any.
    private void Retire(FrameSize size)
    {
        FreeIdle(size);
        (size.Retired, size.Session) = (size.Session, null);
    }

    private void Drop(FrameSize size)
    {
        _sizes.Remove(size);
        size.Dropped = true;
        FreeIdle(size);
        FreeUnused(size);
    }

    private void FreeIdle(FrameSize size)
    {
        while (size.Idle.TryPop(out Frame? frame))
        {
            _idleBytes -= frame.MemoryBytes;
            frame.Free();
        }
    }

    private void FreeUnused(FrameSize size)
    {
        if (size.InUse > 0)
            return;
        size.Retired = Close(size.Retired);
        if (size.Dropped)
            size.Session = Close(size.Session);
    }

    private SizedSession? Close(SizedSession? session)
    {
        if (session is not null)
        {
            using (CudaCapture.Working(OnCuda && session.Graph is null))
                session.Dispose();
            Sessions--;
        }
        return null;
    }
}
