using System.Runtime.ExceptionServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace FastScnn.ML;

/// <summary>
/// A session for photos of one size on a CUDA device, whose kernels are captured once and then replayed together. Launching them one by
/// one takes longer than what they do.
/// </summary>
/// <remarks>
/// Safe for several threads, one photo at a time: captured kernels read the photo from one place in the device's memory and write the
/// scores to one. The session lives on a thread of its own, as ONNX Runtime captures anew for each thread that runs it.
/// https://onnxruntime.ai/docs/execution-providers/CUDA-ExecutionProvider.html#using-cuda-graphs-preview.
/// </remarks>
internal sealed class CudaGraphSession : IDisposable
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

    /// <param name="create">Makes the session.</param>
    /// <param name="deviceId">The CUDA device; null for the processor, on which all works alike, without a graph.</param>
    /// <param name="input">The name of the input.</param>
    /// <param name="inputType">Bytes or floats.</param>
    /// <param name="inputShape">Of the photos.</param>
    /// <param name="output">The name of the output, of floats.</param>
    /// <param name="scoresShape">Of the scores.</param>
    /// <exception cref="OnnxRuntimeException">The network cannot be run so, or the device has no memory left.</exception>
    public CudaGraphSession(
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

    /// <summary>Memory for a photo and its scores that the device reaches fast; the caller disposes both, before this is disposed.</summary>
    /// <exception cref="OnnxRuntimeException">There is no memory left.</exception>
    public (OrtValue Photo, OrtValue Scores) Allocate()
    {
        using CudaCapture.Work work = CudaCapture.Working();
        return AllocateHere();
    }

    /// <summary>Runs the network on a photo, where <see cref="Allocate"/> put it, and copies the scores to where it said.</summary>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime cannot run it.</exception>
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

    public void Dispose()
    {
        _asked.Release();
        _thread.Join();
        _asked.Dispose();
        _answered.Dispose();
    }

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
