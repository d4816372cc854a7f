using System.Buffers;
using FastScnn.ML.Scoring.Cuda;
using FastScnn.ML.Scoring.Kernels;
using FastScnn.ML.Transforms;
using FastScnn.Torch.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace FastScnn.ML.Scoring;

/// <summary>What goes through the network in one run.</summary>
/// <param name="Width">Columns of each image.</param>
/// <param name="Height">Rows of each image.</param>
/// <param name="Images">How many images.</param>
internal readonly record struct InputShape(int Width, int Height, int Images = 1)
{
    public long[] Dimensions => [Images, 3, Height, Width];
}

/// <summary>What the images of one run need on their way through the network: the input, the scores and the maps'
/// geometry, in memory that the next run of the same shape uses again.</summary>
/// <remarks>For one run at a time.</remarks>
internal sealed class ScoringBuffers : IDisposable
{
    private readonly ModelDescription _model;
    private readonly StripedPlanes _planes;
    private readonly StripedArgMax _argMax;
    private readonly bool _ofDevice;
    private PlaneResize? _resize;
    private UpsampleGrid? _grid;

    /// <param name="model">The inputs and outputs of the model.</param>
    /// <param name="shape">The shape of the input.</param>
    /// <param name="threads">How many threads work on one image, 1 or more.</param>
    /// <param name="scoresShape">The shape of the scores; null where a run tells.</param>
    /// <param name="deviceAllocator">What allocates memory that a CUDA device reaches fast; null for ordinary
    /// memory.</param>
    /// <exception cref="OnnxRuntimeException">There is no memory left.</exception>
    public ScoringBuffers(
        ModelDescription model, InputShape shape, int threads, long[]? scoresShape,
        OrtAllocator? deviceAllocator = null)
    {
        (_model, Shape, _ofDevice) = (model, shape, deviceAllocator is not null);
        (_planes, _argMax) = (new StripedPlanes(threads), new StripedArgMax(threads));
        OrtAllocator allocator = deviceAllocator ?? OrtAllocator.DefaultInstance;
        Input = OrtValue.CreateAllocatedTensorValue(allocator, model.InputType, shape.Dimensions);
        try
        {
            if (scoresShape is not null)
                AllocateScores(allocator, scoresShape);
        }
        catch
        {
            Input.Dispose();
            throw;
        }
    }

    public InputShape Shape { get; }

    public OrtValue Input { get; }

    /// <summary>Where the network writes the scores; null until <see cref="TakeScores"/>, where only a run tells their
    /// shape.</summary>
    public OrtValue? Output { get; private set; }

    /// <summary>Rows of the scores.</summary>
    public int Rows { get; private set; }

    /// <summary>Columns of the scores.</summary>
    public int Columns { get; private set; }

    /// <summary>About how much memory it holds.</summary>
    public long MemoryBytes => Shape.Images * ((_model.TakesBytes ? 1L : 4L) * Length + 4L * ScoresLength);

    /// <summary>The scores of the first image, a plane for each class.</summary>
    public ReadOnlySpan<float> Scores => ScoresOf(0);

    /// <summary>The same, to be changed before <see cref="ClassIds"/>.</summary>
    public Span<float> MutableScores => Output!.GetTensorMutableDataAsSpan<float>()[..ScoresLength];

    // Of one image.
    private int Length => 3 * Shape.Width * Shape.Height;

    private int ScoresLength => _model.Classes.Count * Rows * Columns;

    /// <summary>Keeps the scores of a run that told their shape.</summary>
    /// <exception cref="InvalidDataException">They are not those of a segmentation model.</exception>
    public void TakeScores(OrtValue scores)
    {
        long[] shape = scores.GetTensorTypeAndShape().Shape;
        _model.CheckScores(shape, Shape.Images);
        AllocateScores(OrtAllocator.DefaultInstance, shape);
        scores.GetTensorDataAsSpan<float>().CopyTo(Output!.GetTensorMutableDataAsSpan<float>());
    }

    /// <summary>Fills the place of an image in the input: three planes, resized where the network does not see the
    /// image at its own size.</summary>
    /// <param name="image">The pixels.</param>
    /// <param name="mirrored">Whether left and right are exchanged.</param>
    /// <param name="index">Which of the images of the run it is.</param>
    public void Fill(PixelSpan image, bool mirrored, int index = 0)
    {
        int length = 3 * image.Width * image.Height;
        (int width, int height) = (Shape.Width, Shape.Height);
        PlaneNormalization? normalization = _model.Normalization;
        bool resized = (width, height) != (image.Width, image.Height);
        byte[]? own = resized || normalization is not null ? ArrayPool<byte>.Shared.Rent(length) : null;
        byte[]? resizing = resized && normalization is not null ? ArrayPool<byte>.Shared.Rent(Length) : null;
        Span<byte> bytes = _model.TakesBytes
            ? Input.GetTensorMutableDataAsSpan<byte>().Slice(index * Length, Length) : [];
        Span<float> floats = _model.TakesBytes ? []
            : Input.GetTensorMutableDataAsSpan<float>().Slice(index * Length, Length);
        Span<byte> planes = own is null ? bytes : own.AsSpan(0, length);
        // Rows are normalised while they are at hand, where nothing comes between.
        bool asTheyCome = !resized && !mirrored;
        _planes.Run(image, planes, asTheyCome ? normalization : null, floats);
        if (resized)
        {
            if (_resize is null || (_resize.Width, _resize.Height) != (image.Width, image.Height))
                _resize = new PlaneResize(image.Width, image.Height, width, height);
            Span<byte> target = resizing is null ? bytes : resizing.AsSpan(0, Length);
            _resize.Apply(planes, target);
            planes = target;
        }
        if (mirrored)
            PixelPlanes.Mirror(planes, width);
        if (!asTheyCome)
            normalization?.Apply(planes, floats);
        if (own is not null)
            ArrayPool<byte>.Shared.Return(own);
        if (resizing is not null)
            ArrayPool<byte>.Shared.Return(resizing);
    }

    /// <summary>Brings the scores to the size of an image and chooses the best class of every pixel.</summary>
    /// <param name="width">Columns of the image.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="index">Which of the images of the run it is.</param>
    public byte[] ClassIds(int width, int height, int index = 0)
    {
        if (_grid is null || (_grid.Width, _grid.Height) != (width, height))
            _grid = new UpsampleGrid(Columns, Rows, width, height, _model.AlignCorners);
        byte[] ids = GC.AllocateUninitializedArray<byte>(width * height);
        _argMax.Run(ScoresOf(index), _model.Classes.Count, _grid, ids);
        return ids;
    }

    public void Dispose()
    {
        using CudaCapture.Work work = CudaCapture.Working(_ofDevice);
        Output?.Dispose();
        Input.Dispose();
    }

    private ReadOnlySpan<float> ScoresOf(int index) =>
        Output!.GetTensorDataAsSpan<float>().Slice(index * ScoresLength, ScoresLength);

    private void AllocateScores(OrtAllocator allocator, long[] shape)
    {
        Output = OrtValue.CreateAllocatedTensorValue(allocator, TensorElementType.Float, shape);
        (Rows, Columns) = ((int)shape[2], (int)shape[3]);
    }
}

/// <summary>Lends buffers, and keeps those that came back last for the next runs of their shapes.</summary>
/// <remarks>Safe for several threads.</remarks>
/// <param name="allocate">Makes buffers for an input of a shape.</param>
internal sealed class BufferPool(Func<InputShape, ScoringBuffers> allocate) : IDisposable
{
    // A few images in flight of 2048 x 1024.
    private const long MaxIdleBytes = 96L << 20;
    private const int MaxIdle = 32;

    private readonly Lock _gate = new();

    // In the order in which they came back.
    private readonly List<ScoringBuffers> _idle = [];
    private long _idleBytes;

    /// <exception cref="OnnxRuntimeException">There is no memory left.</exception>
    public ScoringBuffers Rent(InputShape shape)
    {
        lock (_gate)
        {
            int last = _idle.Count - 1;
            while (last >= 0 && _idle[last].Shape != shape)
                last--;
            if (last >= 0)
                return RemoveAt(last);
        }
        return allocate(shape);
    }

    public void Return(ScoringBuffers buffers)
    {
        lock (_gate)
        {
            _idle.Add(buffers);
            _idleBytes += buffers.MemoryBytes;
            while (_idleBytes > MaxIdleBytes || _idle.Count > MaxIdle)
                RemoveAt(0).Dispose();
        }
    }

    /// <summary>Frees what is kept for a shape.</summary>
    public void Free(InputShape shape)
    {
        lock (_gate)
        {
            for (int i = _idle.Count - 1; i >= 0; i--)
                if (_idle[i].Shape == shape)
                    RemoveAt(i).Dispose();
        }
    }

    /// <summary>Frees what is kept; nothing may be lent any more.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            while (_idle.Count > 0)
                RemoveAt(_idle.Count - 1).Dispose();
        }
    }

    private ScoringBuffers RemoveAt(int index)
    {
        ScoringBuffers buffers = _idle[index];
        _idle.RemoveAt(index);
        _idleBytes -= buffers.MemoryBytes;
        return buffers;
    }
}
