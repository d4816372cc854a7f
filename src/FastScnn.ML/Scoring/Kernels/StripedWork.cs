using System.Runtime.ExceptionServices;
using FastScnn.Torch.Data;

namespace FastScnn.ML.Scoring.Kernels;

/// <summary>Does an image's rows on several threads, strip by strip, without allocating anything.</summary>
/// <remarks>One image at a time, any number after each other. The calling thread works too, and takes all strips when
/// the pool has no thread to spare, so waiting for others never waits for work that has not begun. Every image has the
/// same number of strips: a thread that was called for one image and comes when the next is under way finds either a
/// strip of that one or none.</remarks>
/// <param name="threads">How many threads may work, 1 or more.</param>
internal abstract class StripedWork(int threads) : IThreadPoolWorkItem
{
    // Several a thread, as strips with many borders between classes take longer.
    private const int StripsPerThread = 4;

    private const int MinRows = 8;

    private readonly int _strips = threads * StripsPerThread;
    private Exception? _fault;
    private int _rows;
    private int _next;
    private int _left;

    /// <summary>Takes strips until there are none left.</summary>
    public void Execute()
    {
        for (int strip = Interlocked.Increment(ref _next) - 1; strip < _strips;
            strip = Interlocked.Increment(ref _next) - 1)
        {
            try
            {
                Do((int)((long)_rows * strip / _strips), (int)((long)_rows * (strip + 1) / _strips));
            }
            catch (Exception e)
            {
                _fault = e;
            }
            Interlocked.Decrement(ref _left);
        }
    }

    /// <summary>Does all rows and returns when they are done; what <see cref="Do"/> needs lies in fields by
    /// then.</summary>
    protected void DoAll(int rows)
    {
        if (threads == 1 || rows < 2 * MinRows)
        {
            Do(0, rows);
            return;
        }
        (_rows, _fault) = (rows, null);
        Volatile.Write(ref _left, _strips);
        // From here on a thread that was called for the last image may help with this one.
        Volatile.Write(ref _next, 0);
        for (int i = 1; i < threads; i++)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        Execute();
        var wait = new SpinWait();
        while (Volatile.Read(ref _left) > 0)
            // Left to itself it sleeps for a millisecond, as long as an image takes.
            wait.SpinOnce(sleep1Threshold: -1);
        if (_fault is { } fault)
            ExceptionDispatchInfo.Throw(fault);
    }

    /// <summary>Does some rows, which are no other thread's.</summary>
    protected abstract void Do(int firstRow, int endRow);
}

/// <summary>Splits pixels (<see cref="PixelPlanes"/>), and where the network takes floats normalises them
/// (<see cref="PlaneNormalization"/>), on several threads.</summary>
/// <param name="threads">How many threads may work, 1 or more.</param>
internal sealed unsafe class StripedPlanes(int threads) : StripedWork(Math.Min(threads, MaxThreads))
{
    // More of them wait for the memory.
    private const int MaxThreads = 4;

    private byte* _pixels;
    private byte* _planes;
    private float* _floats;
    private int _length;
    private int _width;
    private int _height;
    private int _stride;
    private PixelLayout _layout;
    private PlaneNormalization? _normalization;

    /// <param name="image">The pixels.</param>
    /// <param name="planes">Three planes of bytes.</param>
    /// <param name="normalization">The values of <paramref name="floats"/>; null where only bytes are wanted.</param>
    /// <param name="floats">Three planes of floats; empty where only bytes are wanted.</param>
    public void Run(PixelSpan image, Span<byte> planes, PlaneNormalization? normalization, Span<float> floats)
    {
        (int width, int height) = (image.Width, image.Height);
        ArgumentOutOfRangeException.ThrowIfLessThan(planes.Length, 3 * width * height);
        if (normalization is not null)
            ArgumentOutOfRangeException.ThrowIfLessThan(floats.Length, 3 * width * height);
        fixed (byte* from = image.Pixels, to = planes)
        fixed (float* normalized = floats)
        {
            _pixels = from;
            _planes = to;
            _floats = normalized;
            _length = image.Pixels.Length;
            (_width, _height, _stride, _layout, _normalization) = (width, height, image.Stride, image.Layout,
                normalization);
            DoAll(height);
        }
    }

    protected override void Do(int firstRow, int endRow)
    {
        int plane = _width * _height, start = firstRow * _width, length = (endRow - firstRow) * _width;
        var image = new PixelSpan(new ReadOnlySpan<byte>(_pixels, _length), _width, _height, _layout, _stride);
        PixelPlanes.Split(image, new Span<byte>(_planes, 3 * plane), firstRow, endRow);
        for (int c = 0; c < 3 && _normalization is not null; c++)
            _normalization.Apply(c, new ReadOnlySpan<byte>(_planes + c * plane + start, length),
                new Span<float>(_floats + c * plane + start, length));
    }
}

/// <summary>Runs <see cref="UpsampleArgMax"/> on several threads.</summary>
/// <param name="threads">How many threads may work, 1 or more.</param>
internal sealed unsafe class StripedArgMax(int threads) : StripedWork(threads)
{
    private float* _logits;
    private byte* _ids;
    private int _length;
    private int _classes;
    private UpsampleGrid? _grid;

    /// <param name="logits">Scores, as <see cref="UpsampleArgMax.Rows"/> takes them.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="grid">Where the pixels lie between the scores.</param>
    /// <param name="ids">The map to fill.</param>
    public void Run(ReadOnlySpan<float> logits, int classes, UpsampleGrid grid, Span<byte> ids)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ids.Length, grid.Width * grid.Height);
        fixed (float* from = logits)
        fixed (byte* to = ids)
        {
            _logits = from;
            _ids = to;
            (_length, _classes, _grid) = (logits.Length, classes, grid);
            DoAll(grid.Height);
        }
    }

    protected override void Do(int firstRow, int endRow) => UpsampleArgMax.Rows(
        new ReadOnlySpan<float>(_logits, _length), _classes, _grid!, new Span<byte>(_ids, _grid!.Width * _grid.Height),
        firstRow, endRow);
}
