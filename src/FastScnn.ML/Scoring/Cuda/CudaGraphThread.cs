using System.Runtime.ExceptionServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace FastScnn.ML;

/// <summary>The thread on which a <see cref="CudaGraphSession"/> lives: it makes the session, captures, replays and frees.</summary>
/// <remarks>It must not refer to the <see cref="CudaGraphSession"/>, so that one that was forgotten ends its thread.</remarks>
internal sealed class CudaGraphThread
{
    // ONNX Runtime runs the network once or twice before it captures.
    private const int WarmUpRuns = 3;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _asked = new(0), _answered = new(0);
    private readonly Thread _thread;
    private readonly int? _deviceId;
    private readonly TensorElementType _inputType;
    private readonly long[] _inputShape;
    private readonly long[] _scoresShape;
    private OrtAllocator? _device;
    private OrtAllocator? _pinned;
    private (RunOptions Options, OrtValue Photo, OrtValue Scores)? _request;
    private ExceptionDispatchInfo? _fault;
    private bool _forgotten;

    /// <summary>As <see cref="CudaGraphSession"/> is made.</summary>
    public CudaGraphThread(
        Func<InferenceSession> create, int? deviceId, string input, TensorElementType inputType, long[] inputShape, string output, long[] scoresShape)
    {
        (_deviceId, _inputType, _inputShape, _scoresShape) = (deviceId, inputType, inputShape, scoresShape);
        _thread = new Thread(() => Serve(create, input, output)) { IsBackground = true, Name = "FastScnn CUDA graph" };
        _thread.Start();
        _answered.Wait();
        if (_fault is not null)
        {
            _thread.Join();
            _fault.Throw();
        }
    }

    /// <summary>As <see cref="CudaGraphSession.Allocate"/>.</summary>
    public (OrtValue Photo, OrtValue Scores) Allocate()
    {
        using CudaCapture.Work work = CudaCapture.Working();
        return AllocateHere();
    }

    /// <summary>As <see cref="CudaGraphSession.Run"/>.</summary>
    public void Run(RunOptions options, OrtValue photo, OrtValue scores)
    {
        lock (_gate)
        {
            _request = (options, photo, scores);
            _asked.Release();
            _answered.Wait();
            _request = null;
            _fault?.Throw();
        }
    }

    /// <summary>Lets the thread free everything and end.</summary>
    /// <param name="forgotten">Whether nobody disposes the memory that was allocated for photos: finalizers do, and come first.</param>
    public void Stop(bool forgotten)
    {
        _forgotten = forgotten;
        _asked.Release();
    }

    /// <summary>Waits for the end.</summary>
    public void Join() => _thread.Join();

    private void Serve(Func<InferenceSession> create, string input, string output)
    {
        InferenceSession? session = null;
        OrtIoBinding? binding = null;
        OrtValue? image = null, scores = null;
        bool made = false;
        try
        {
            using (CudaCapture.Capturing())
            {
                session = create();
                if (_deviceId is { } id)
                {
                    using var memory = new OrtMemoryInfo(OrtMemoryInfo.allocatorCUDA, OrtAllocatorType.DeviceAllocator, id, OrtMemType.Default);
                    using var pinned = new OrtMemoryInfo(OrtMemoryInfo.allocatorCUDA_PINNED, OrtAllocatorType.DeviceAllocator, id, OrtMemType.CpuOutput);
                    _device = new OrtAllocator(session, memory);
                    _pinned = new OrtAllocator(session, pinned);
                }
                image = OrtValue.CreateAllocatedTensorValue(_device ?? OrtAllocator.DefaultInstance, _inputType, _inputShape);
                scores = OrtValue.CreateAllocatedTensorValue(_device ?? OrtAllocator.DefaultInstance, TensorElementType.Float, _scoresShape);
                binding = session.CreateIoBinding();
                binding.BindInput(input, image);
                binding.BindOutput(output, scores);
                WarmUp(session, binding, image, scores);
            }
            made = true;
            _answered.Release();
            for (_asked.Wait(); _request is { } request; _asked.Wait())
            {
                Answer(session, binding, image, scores, request.Options, request.Photo, request.Scores);
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

    private void Answer(InferenceSession session, OrtIoBinding binding, OrtValue image, OrtValue scores, RunOptions options, OrtValue photo, OrtValue found)
    {
        try
        {
            _fault = null;
            using CudaCapture.Work work = CudaCapture.Working();
            Replay(session, binding, image, scores, options, photo, found);
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

    private void WarmUp(InferenceSession session, OrtIoBinding binding, OrtValue image, OrtValue scores)
    {
        (OrtValue photo, OrtValue found) = AllocateHere();
        using (photo)
        using (found)
        using (var options = new RunOptions())
        {
            photo.GetTensorMutableRawData().Clear();
            for (int i = 0; i < WarmUpRuns; i++)
                Replay(session, binding, image, scores, options, photo, found);
        }
    }

    private (OrtValue Photo, OrtValue Scores) AllocateHere()
    {
        OrtAllocator allocator = _pinned ?? OrtAllocator.DefaultInstance;
        OrtValue photo = OrtValue.CreateAllocatedTensorValue(allocator, _inputType, _inputShape);
        try
        {
            return (photo, OrtValue.CreateAllocatedTensorValue(allocator, TensorElementType.Float, _scoresShape));
        }
        catch
        {
            photo.Dispose();
            throw;
        }
    }

    private void Replay(InferenceSession session, OrtIoBinding binding, OrtValue image, OrtValue scores, RunOptions options, OrtValue photo, OrtValue found)
    {
        Copy(photo, image);
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
