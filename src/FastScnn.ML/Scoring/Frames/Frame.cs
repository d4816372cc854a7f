using System.Buffers;
using Microsoft.ML.OnnxRuntime;

namespace FastScnn.ML;

/// <summary>
/// What one photo needs on its way through the network: the input, the scores and the map's geometry, in memory that the next photo of
/// the same size uses again.
/// </summary>
/// <remarks>For one thread at a time. It comes from a <see cref="FramePool"/>; disposing gives it back.</remarks>
internal sealed class Frame : IDisposable
{
    private readonly FramePool _pool;
    private readonly byte[]? _bytes;
    private readonly float[]? _floats;
    private readonly InferenceSession _session;
    private readonly CudaGraphSession? _graph;
    private readonly OrtValue _input;
    private readonly StripedArgMax _argMax;
    private PlaneResize? _resize;
    private UpsampleGrid? _grid;
    private OrtIoBinding? _binding;
    private OrtValue? _output;
    private float[]? _logits;

    /// <param name="pool">Where it goes back to.</param>
    /// <param name="size">The size of its photos.</param>
    /// <param name="sized">The session for that size; null while there is none.</param>
    /// <param name="anySize">The session that is used then.</param>
    /// <param name="takesBytes">Whether the network takes bytes; otherwise it takes floats.</param>
    public Frame(FramePool pool, FrameSize size, SizedSession? sized, InferenceSession anySize, bool takesBytes)
    {
        (_argMax, Planes) = (new StripedArgMax(pool.Threads), new StripedPlanes(pool.Threads));
        (_pool, Size, Sized, _session, _graph, TakesBytes) = (pool, size, sized, sized?.Session ?? anySize, sized?.Graph, takesBytes);
        Length = 3 * size.Height * size.Width;
        long[] shape = [1, 3, size.Height, size.Width];
        if (_graph is not null)
        {
            (Rows, Columns) = ((int)size.ScoresShape![2], (int)size.ScoresShape[3]);
            (_input, _output) = _graph.Allocate();
        }
        else if (takesBytes)
        {
            _bytes = ArrayPool<byte>.Shared.Rent(Length);
            _input = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, _bytes.AsMemory(0, Length), shape);
        }
        else
        {
            _floats = ArrayPool<float>.Shared.Rent(Length);
            _input = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, _floats.AsMemory(0, Length), shape);
        }
    }

    /// <summary>The input size that it is made for.</summary>
    public FrameSize Size { get; }

    /// <summary>The session for that size; null where it goes through the one for any.</summary>
    public SizedSession? Sized { get; }

    /// <summary>Whether the network takes bytes; otherwise it takes floats.</summary>
    public bool TakesBytes { get; }

    /// <summary>Whether the next photo of the size goes through another session.</summary>
    public bool IsLastOfSession { get; set; }

    /// <summary>Whether the last run failed, so that what the frame holds may be half made.</summary>
    public bool IsFaulty { get; private set; }

    /// <summary>What brings a photo's pixels into planes.</summary>
    public StripedPlanes Planes { get; }

    /// <summary>Three planes of the input's size.</summary>
    public int Length { get; }

    /// <summary>The input of a network that takes bytes; empty for one that takes floats.</summary>
    public Span<byte> Bytes => !TakesBytes ? [] : _bytes is null ? _input.GetTensorMutableDataAsSpan<byte>() : _bytes.AsSpan(0, Length);

    /// <summary>The input of a network that takes floats; empty for one that takes bytes.</summary>
    public Span<float> Floats => TakesBytes ? [] : _floats is null ? _input.GetTensorMutableDataAsSpan<float>() : _floats.AsSpan(0, Length);

    /// <summary>About how much memory it holds.</summary>
    public long MemoryBytes => (TakesBytes ? 1L : 4L) * Length + 4L * _pool.Classes * Rows * Columns;

    /// <summary>Rows of the scores, once the network has run.</summary>
    public int Rows { get; private set; }

    /// <summary>Columns of the scores, once the network has run.</summary>
    public int Columns { get; private set; }

    /// <summary>The scores, a plane for each class.</summary>
    public ReadOnlySpan<float> Logits => _graph is null ? _logits.AsSpan(0, _pool.Classes * Rows * Columns) : _output!.GetTensorDataAsSpan<float>();

    /// <summary>What brings the planes of a photo of another size to the input's.</summary>
    public PlaneResize Resize(int width, int height)
    {
        if (_resize is null || (_resize.Width, _resize.Height) != (width, height))
            _resize = new PlaneResize(width, height, Size.Width, Size.Height);
        return _resize;
    }

    /// <summary>Runs the network on the input.</summary>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime cannot run it.</exception>
    public void Run(RunOptions options)
    {
        IsFaulty = true;
        if (_graph is not null)
            _graph.Run(options, _input, _output!);
        else if (_pool.OnCuda)
            RunOnCuda(options);
        else
            RunSession(options);
        IsFaulty = false;
    }

    /// <summary>Brings the scores to the size of a photo and chooses the best class of every pixel.</summary>
    public byte[] ClassIds(int width, int height, bool alignCorners)
    {
        if (_grid is null || (_grid.Width, _grid.Height) != (width, height))
            _grid = new UpsampleGrid(Columns, Rows, width, height, alignCorners);
        byte[] ids = GC.AllocateUninitializedArray<byte>(width * height);
        _argMax.Run(Logits, _pool.Classes, _grid, ids);
        return ids;
    }

    public void Dispose() => _pool.Return(this);

    /// <summary>Frees what it holds, instead of giving it back.</summary>
    public void Free()
    {
        using CudaCapture.Work work = CudaCapture.Working(_pool.OnCuda);
        _binding?.Dispose();
        _output?.Dispose();
        _input.Dispose();
        if (_bytes is not null)
            ArrayPool<byte>.Shared.Return(_bytes);
        if (_floats is not null)
            ArrayPool<float>.Shared.Return(_floats);
        if (_logits is not null)
            ArrayPool<float>.Shared.Return(_logits);
    }

    private void RunOnCuda(RunOptions options)
    {
        using (CudaCapture.Working())
        {
            lock (_pool.DeviceGate)
                RunSession(options);
        }
    }

    private void RunSession(RunOptions options)
    {
        if (_binding is null)
            RunUnbound(options);
        else
            RunBound(options, _binding);
    }

    private void RunBound(RunOptions options, OrtIoBinding binding)
    {
        // A device copies the input when it is bound, so that the next photo must be bound again; the processor reads it where it lies.
        if (_pool.BindsCopies)
            binding.BindInput(_pool.InputName, _input);
        binding.SynchronizeBoundInputs();
        _session.RunWithBinding(options, binding);
        binding.SynchronizeBoundOutputs();
    }

    // The first run tells how large the scores are; later ones write them where the first ones lie.
    private void RunUnbound(RunOptions options)
    {
        using IDisposableReadOnlyCollection<OrtValue> outputs = _session.Run(options, [_pool.InputName], [_input], [_pool.OutputName]);
        long[] shape = outputs[0].GetTensorTypeAndShape().Shape;
        if (shape is not [1, var planes, var rows, var columns] || planes != _pool.Classes)
            throw _pool.UnexpectedScores(shape);
        ReadOnlySpan<float> scores = outputs[0].GetTensorDataAsSpan<float>();
        float[] logits = ArrayPool<float>.Shared.Rent(scores.Length);
        scores.CopyTo(logits);
        (_logits, Rows, Columns, Size.ScoresShape) = (logits, (int)rows, (int)columns, shape);
        _output = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, logits.AsMemory(0, scores.Length), shape);
        _binding = _session.CreateIoBinding();
        _binding.BindInput(_pool.InputName, _input);
        _binding.BindOutput(_pool.OutputName, _output);
    }
}
