using System.Runtime.ExceptionServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace FastScnn.ML.Scoring.Cuda;

/// <summary>A session for one image, or a number of them, of one size on a CUDA device, whose kernels are captured once
/// and then replayed together. Launching them one by one takes longer than what they do.</summary>
/// <remarks>Safe for several threads, one run at a time: captured kernels read the images from one place in the
/// device's memory and write the scores to one. The session lives on a thread of its own, as ONNX Runtime captures anew
/// for each thread that runs it.
/// https://onnxruntime.ai/docs/execution-providers/CUDA-ExecutionProvider.html#using-cuda-graphs-preview.</remarks>
internal sealed class CudaGraphSession : IModelRunner
{
    private readonly CudaGraphThread _thread;

    /// <param name="create">Makes the session.</param>
    /// <param name="deviceId">The CUDA device; null for the processor, on which all works alike, without a
    /// graph.</param>
    /// <param name="model">The inputs and outputs of the model.</param>
    /// <param name="shape">The shape of the input.</param>
    /// <param name="scoresShape">Of the scores.</param>
    /// <param name="threads">How many threads work on one image before and after the network.</param>
    /// <exception cref="OnnxRuntimeException">The network cannot be run so, or the device has no memory
    /// left.</exception>
    public CudaGraphSession(
        Func<InferenceSession> create, int? deviceId, ModelDescription model, InputShape shape, long[] scoresShape,
        int threads)
    {
        try
        {
            _thread = new CudaGraphThread(create, deviceId, model, shape.Dimensions, scoresShape);
            Buffers = new BufferPool(_ =>
            {
                using CudaCapture.Work work = CudaCapture.Working();
                return new ScoringBuffers(model, shape, threads, scoresShape, _thread.FastAllocator);
            });
        }
        catch
        {
            GC.SuppressFinalize(this);
            throw;
        }
    }

    // Models in ML.NET's pipelines are seldom disposed.
    ~CudaGraphSession() => _thread.Stop(forgotten: true);

    /// <summary>Buffers in memory that the device reaches fast.</summary>
    public BufferPool Buffers { get; }

    public bool IsReplay => true;

    /// <summary>Runs the network on an image, and copies the scores to the buffers.</summary>
    public void Run(ScoringBuffers buffers)
    {
        _thread.Run(buffers.Input, buffers.Output!);
        GC.KeepAlive(this);
    }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        Buffers.Dispose();
        _thread.Stop(forgotten: false);
        _thread.Join();
    }
}

/// <summary>The thread on which a <see cref="CudaGraphSession"/> lives: it makes the session, captures, replays and
/// frees.</summary>
/// <remarks>It must not refer to the <see cref="CudaGraphSession"/>, so that one that was forgotten ends its
/// thread.</remarks>
internal sealed class CudaGraphThread
{
    // ONNX Runtime runs the network once or twice before it captures.
    private const int WarmUpRuns = 3;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _asked = new(0), _answered = new(0);
    private readonly Thread _thread;
    private readonly int? _deviceId;
    private readonly ModelDescription _model;
    private readonly long[] _inputShape;
    private readonly long[] _scoresShape;
    private OrtAllocator? _device;
    private OrtAllocator? _pinned;
    private (OrtValue Image, OrtValue Scores)? _request;
    private ExceptionDispatchInfo? _fault;
    private bool _forgotten;

    /// <summary>As <see cref="CudaGraphSession"/> is made.</summary>
    public CudaGraphThread(Func<InferenceSession> create, int? deviceId, ModelDescription model, long[] inputShape,
        long[] scoresShape)
    {
        (_deviceId, _model, _inputShape, _scoresShape) = (deviceId, model, inputShape, scoresShape);
        _thread = new Thread(() => Serve(create)) { IsBackground = true, Name = "FastScnn CUDA graph" };
        _thread.Start();
        _answered.Wait();
        if (_fault is not null)
        {
            _thread.Join();
            _fault.Throw();
        }
    }

    /// <summary>Allocates memory that the device reaches fast; null for the processor.</summary>
    public OrtAllocator? FastAllocator => _pinned;

    /// <summary>As <see cref="CudaGraphSession.Run"/>.</summary>
    public void Run(OrtValue image, OrtValue scores)
    {
        lock (_gate)
        {
            _request = (image, scores);
            _asked.Release();
            _answered.Wait();
            _request = null;
            _fault?.Throw();
        }
    }

    /// <summary>Lets the thread free everything and end.</summary>
    /// <param name="forgotten">Whether nobody disposes the memory that was allocated for images: finalizers do, and
    /// come first.</param>
    public void Stop(bool forgotten)
    {
        _forgotten = forgotten;
        _asked.Release();
    }

    /// <summary>Waits for the end.</summary>
    public void Join() => _thread.Join();

    private void Serve(Func<InferenceSession> create)
    {
        InferenceSession? session = null;
        OrtIoBinding? binding = null;
        OrtValue? image = null, scores = null;
        using var options = new RunOptions();
        bool made = false;
        try
        {
            using (CudaCapture.Capturing())
            {
                session = create();
                if (_deviceId is { } id)
                {
                    using var memory = new OrtMemoryInfo(OrtMemoryInfo.allocatorCUDA, OrtAllocatorType.DeviceAllocator,
                        id, OrtMemType.Default);
                    using var pinned = new OrtMemoryInfo(OrtMemoryInfo.allocatorCUDA_PINNED,
                        OrtAllocatorType.DeviceAllocator, id, OrtMemType.CpuOutput);
                    _device = new OrtAllocator(session, memory);
                    _pinned = new OrtAllocator(session, pinned);
                }
                image = OrtValue.CreateAllocatedTensorValue(_device ?? OrtAllocator.DefaultInstance, _model.InputType,
                    _inputShape);
                scores = OrtValue.CreateAllocatedTensorValue(_device ?? OrtAllocator.DefaultInstance,
                    TensorElementType.Float, _scoresShape);
                binding = session.CreateIoBinding();
                binding.BindInput(_model.InputName, image);
                binding.BindOutput(_model.OutputName, scores);
                WarmUp(session, binding, image, scores, options);
            }
            made = true;
            _answered.Release();
            for (_asked.Wait(); _request is { } request; _asked.Wait())
            {
                Answer(session, binding, image, scores, options, request.Image, request.Scores);
                _answered.Release();
            }
        }
        catch (Exception e)
        {
            _fault = ExceptionDispatchInfo.Capture(e);
        }
        finally
        {
            if (_forgotten)
                GC.WaitForPendingFinalizers();
            Free(session, binding, image, scores);
            if (!made)
                _answered.Release();
        }
    }

    private void Answer(
        InferenceSession session, OrtIoBinding binding, OrtValue image, OrtValue scores, RunOptions options,
        OrtValue given, OrtValue found)
    {
        try
        {
            _fault = null;
            using CudaCapture.Work work = CudaCapture.Working();
            Replay(session, binding, image, scores, options, given, found);
        }
        catch (Exception e)
        {
            _fault = ExceptionDispatchInfo.Capture(e);
        }
    }

    private void Free(InferenceSession? session, OrtIoBinding? binding, OrtValue? image, OrtValue? scores)
    {
        using CudaCapture.Work work = CudaCapture.Working();
        binding?.Dispose();
        scores?.Dispose();
        image?.Dispose();
        _pinned?.Dispose();
        _device?.Dispose();
        session?.Dispose();
    }

    private void WarmUp(InferenceSession session, OrtIoBinding binding, OrtValue image, OrtValue scores,
        RunOptions options)
    {
        OrtAllocator allocator = _pinned ?? OrtAllocator.DefaultInstance;
        using OrtValue given = OrtValue.CreateAllocatedTensorValue(allocator, _model.InputType, _inputShape);
        using OrtValue found = OrtValue.CreateAllocatedTensorValue(allocator, TensorElementType.Float, _scoresShape);
        given.GetTensorMutableRawData().Clear();
        for (int i = 0; i < WarmUpRuns; i++)
            Replay(session, binding, image, scores, options, given, found);
    }

    private void Replay(
        InferenceSession session, OrtIoBinding binding, OrtValue image, OrtValue scores, RunOptions options,
        OrtValue given, OrtValue found)
    {
        Copy(given, image);
        session.RunWithBinding(options, binding);
        binding.SynchronizeBoundOutputs();
        Copy(scores, found);
    }

    private void Copy(OrtValue from, OrtValue to)
    {
        if (_deviceId is not null)
            OrtEnv.Instance().CopyTensors([from], [to], null);
        else
            from.GetTensorMutableRawData().CopyTo(to.GetTensorMutableRawData());
    }
}
