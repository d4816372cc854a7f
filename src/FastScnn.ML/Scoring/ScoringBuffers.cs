using System.Buffers;
using FastScnn.ML.Scoring.Cuda;
using FastScnn.ML.Scoring.Kernels;
using FastScnn.ML.Transforms;
using FastScnn.Torch.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace FastScnn.ML.Scoring;

/// <summary>What one image needs on its way through the network: the input, the scores and the map's geometry, in
/// memory that the next image of the same size uses again.</summary>
/// <remarks>For one image at a time.</remarks>
internal sealed class ScoringBuffers : IDisposable
{
    private readonly ModelDescription _model;
    private readonly StripedPlanes _planes;
    private readonly StripedArgMax _argMax;
    private readonly bool _ofDevice;
    private PlaneResize? _resize;
    private UpsampleGrid? _grid;

    /// <param name="model">The inputs and outputs of the model.</param>
    /// <param name="width">Columns of the input.</param>
    /// <param name="height">Rows of the input.</param>
    /// <param name="threads">How many threads work on one image, 1 or more.</param>
    /// <param name="scoresShape">The shape of the scores; null where a run tells.</param>
    /// <param name="deviceAllocator">What allocates memory that a CUDA device reaches fast; null for ordinary
    /// memory.</param>
    /// <exception cref="OnnxRuntimeException">There is no memory left.</exception>
    public ScoringBuffers(
        ModelDescription model, int width, int height, int threads, long[]? scoresShape,
        OrtAllocator? deviceAllocator = null)
    {
        (_model, Width, Height, _ofDevice) = (model, width, height, deviceAllocator is not null);
        (_planes, _argMax) = (new StripedPlanes(threads), new StripedArgMax(threads));
        OrtAllocator allocator = deviceAllocator ?? OrtAllocator.DefaultInstance;
        Input = OrtValue.CreateAllocatedTensorValue(allocator, model.InputType,
            ModelDescription.InputShape(width, height));
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

    /// <summary>Columns of the input.</summary>
    public int Width { get; }

    /// <summary>Rows of the input.</summary>
    public int Height { get; }

    public OrtValue Input { get; }

    /// <summary>Where the network writes the scores; null until <see cref="TakeScores"/>, where only a run tells their
    /// shape.</summary>
    public OrtValue? Output { get; private set; }

    /// <summary>Rows of the scores.</summary>
    public int Rows { get; private set; }

    /// <summary>Columns of the scores.</summary>
    public int Columns { get; private set; }

    /// <summary>About how much memory it holds.</summary>
    public long MemoryBytes => (_model.TakesBytes ? 1L : 4L) * Length + 4L * _model.Classes.Count * Rows * Columns;

    /// <summary>The scores, a plane for each class.</summary>
    public ReadOnlySpan<float> Scores => Output!.GetTensorDataAsSpan<float>();

    /// <summary>The scores, to be changed before <see cref="ClassIds"/>.</summary>
    public Span<float> MutableScores => Output!.GetTensorMutableDataAsSpan<float>();

    private int Length => 3 * Width * Height;

    /// <summary>Keeps the scores of a run that told their shape.</summary>
    /// <exception cref="InvalidDataException">They are not those of a segmentation model.</exception>
    public void TakeScores(OrtValue scores)
    {
        long[] shape = scores.GetTensorTypeAndShape().Shape;
        _model.CheckScores(shape);
        AllocateScores(OrtAllocator.DefaultInstance, shape);
        scores.GetTensorDataAsSpan<float>().CopyTo(Output!.GetTensorMutableDataAsSpan<float>());
    }

    /// <summary>Fills the input: three planes, resized where the network does not see the image at its own
    /// size.</summary>
    public void Fill(PixelSpan image, bool mirrored)
    {
        int length = 3 * image.Width * image.Height;
        PlaneNormalization? normalization = _model.Normalization;
        bool resized = (Width, Height) != (image.Width, image.Height);
        byte[]? own = resized || normalization is not null ? ArrayPool<byte>.Shared.Rent(length) : null;
        byte[]? resizing = resized && normalization is not null ? ArrayPool<byte>.Shared.Rent(Length) : null;
        Span<byte> bytes = _model.TakesBytes ? Input.GetTensorMutableDataAsSpan<byte>() : [];
        Span<float> floats = _model.TakesBytes ? [] : Input.GetTensorMutableDataAsSpan<float>();
        Span<byte> planes = own is null ? bytes : own.AsSpan(0, length);
        // Rows are normalised while they are at hand, where nothing comes between.
        bool asTheyCome = !resized && !mirrored;
        _planes.Run(image, planes, asTheyCome ? normalization : null, floats);
        if (resized)
        {
            if (_resize is null || (_resize.Width, _resize.Height) != (image.Width, image.Height))
                _resize = new PlaneResize(image.Width, image.Height, Width, Height);
            Span<byte> target = resizing is null ? bytes : resizing.AsSpan(0, Length);
            _resize.Apply(planes, target);
            planes = target;
        }
        if (mirrored)
            PixelPlanes.Mirror(planes, Width);
        if (!asTheyCome)
            normalization?.Apply(planes, floats);
        if (own is not null)
            ArrayPool<byte>.Shared.Return(own);
        if (resizing is not null)
            ArrayPool<byte>.Shared.Return(resizing);
    }

    /// <summary>Brings the scores to the size of an image and chooses the best class of every pixel.</summary>
    public byte[] ClassIds(int width, int height)
    {
        if (_grid is null || (_grid.Width, _grid.Height) != (width, height))
            _grid = new UpsampleGrid(Columns, Rows, width, height, _model.AlignCorners);
        byte[] ids = GC.AllocateUninitializedArray<byte>(width * height);
        _argMax.Run(Scores, _model.Classes.Count, _grid, ids);
        return ids;
    }

    public void Dispose()
    {
        using CudaCapture.Work work = CudaCapture.Working(_ofDevice);
        Output?.Dispose();
        Input.Dispose();
    }

    private void AllocateScores(OrtAllocator allocator, long[] shape)
    {
        Output = OrtValue.CreateAllocatedTensorValue(allocator, TensorElementType.Float, shape);
        (Rows, Columns) = ((int)shape[2], (int)shape[3]);
    }
}

/// <summary>Lends buffers, and keeps those that came back last for the next images of their sizes.</summary>
/// <remarks>Safe for several threads.</remarks>
/// <param name="allocate">Makes buffers for an input of a width and a height.</param>
internal sealed class BufferPool(Func<int, int, ScoringBuffers> allocate) : IDisposable
{
    // A few images in flight of 2048 x 1024.
    private const long MaxIdleBytes = 96L << 20;
    private const int MaxIdle = 32;

    private readonly Lock _gate = new();

    // In the order in which they came back.
    private readonly List<ScoringBuffers> _idle = [];
    private long _idleBytes;

    /// <exception cref="OnnxRuntimeException">There is no memory left.</exception>
    public ScoringBuffers Rent(int width, int height)
    {
        lock (_gate)
        {
            int last = _idle.Count - 1;
            while (last >= 0 && (_idle[last].Width, _idle[last].Height) != (width, height))
                last--;
            if (last >= 0)
                return RemoveAt(last);
        }
        return allocate(width, height);
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

    /// <summary>Frees what is kept for a size.</summary>
    public void Free(int width, int height)
    {
        lock (_gate)
        {
            for (int i = _idle.Count - 1; i >= 0; i--)
                if ((_idle[i].Width, _idle[i].Height) == (width, height))
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
