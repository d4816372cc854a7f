using System.Threading.Channels;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Torch.Data;

namespace FastScnn.ML.Tests.Scoring;

/// <summary>A source of frames that the test gives one by one.</summary>
internal sealed class FrameSource : IAsyncEnumerable<PixelBuffer>, IAsyncEnumerator<PixelBuffer>
{
    private readonly Channel<PixelBuffer> _frames = Channel.CreateUnbounded<PixelBuffer>();
    private readonly List<PixelBuffer> _given = [];
    private CancellationToken _stop;
    private int _asked, _disposed;

    /// <summary>How often a frame was asked for.</summary>
    public int Asked => Volatile.Read(ref _asked);

    public int Disposed => Volatile.Read(ref _disposed);

    /// <summary>The frames that were taken, in order.</summary>
    public PixelBuffer[] Taken
    {
        get
        {
            lock (_given)
                return [.. _given];
        }
    }

    public PixelBuffer Current { get; private set; } = null!;

    /// <summary>Whether it goes on when it is told to stop.</summary>
    public bool EndsQuietly { get; init; }

    /// <summary>Gives frames and says which.</summary>
    public PixelBuffer[] Give(int count)
    {
        PixelBuffer[] frames = [.. Enumerable.Range(0, count).Select(_ => new PixelBuffer(1, 1, new byte[3]))];
        foreach (PixelBuffer frame in frames)
            _frames.Writer.TryWrite(frame);
        return frames;
    }

    public void End(Exception? fault = null) => _frames.Writer.Complete(fault);

    public IAsyncEnumerator<PixelBuffer> GetAsyncEnumerator(CancellationToken cancellationToken)
    {
        _stop = cancellationToken;
        return this;
    }

    public async ValueTask<bool> MoveNextAsync()
    {
        Interlocked.Increment(ref _asked);
        try
        {
            if (!await _frames.Reader.WaitToReadAsync(_stop))
                return false;
        }
        catch (OperationCanceledException) when (EndsQuietly)
        {
            return false;
        }
        Assert.That(_frames.Reader.TryRead(out PixelBuffer? frame), Is.True);
        Current = frame!;
        lock (_given)
            _given.Add(Current);
        return true;
    }

    public ValueTask DisposeAsync()
    {
        Interlocked.Increment(ref _disposed);
        return ValueTask.CompletedTask;
    }
}

/// <summary>A network that is busy with a frame until the test lets it go.</summary>
internal sealed class GatedNetwork
{
    private static readonly SegmentationMap s_map = new(new LabelMap(1, 1, new byte[1]), ClassList.Generic(2));

    private readonly List<PixelBuffer> _begun = [];
    private int _seen, _allowed, _ended;

    public int Ended => Volatile.Read(ref _ended);

    /// <summary>The frames that were begun.</summary>
    public PixelBuffer[] Begun
    {
        get
        {
            lock (_begun)
                return [.. _begun];
        }
    }

    /// <summary>Called with every frame when its time is over.</summary>
    public Action<PixelBuffer> Ending { get; init; } = _ => { };

    public FrameWork Begin() => frame =>
    {
        int number = _seen++;
        return _ => Segment(frame, number);
    };

    /// <summary>Lets frames go, in their order.</summary>
    public void Finish(int frames = 1)
    {
        lock (_begun)
        {
            _allowed += frames;
            Monitor.PulseAll(_begun);
        }
    }

    private SegmentationMap Segment(PixelBuffer frame, int number)
    {
        lock (_begun)
        {
            _begun.Add(frame);
            while (number >= _allowed)
                if (!Monitor.Wait(_begun, TimeSpan.FromSeconds(30)))
                    throw new TimeoutException("The test does not let the frame go.");
        }
        try
        {
            Ending(frame);
            return s_map;
        }
        finally
        {
            Interlocked.Increment(ref _ended);
        }
    }
}
