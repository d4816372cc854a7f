using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace FastScnn.ML;

/// <summary>
/// A session for photos of one size on a CUDA device, whose kernels are captured once and then replayed together. Launching them one by
/// one takes longer than what they do.
/// </summary>
/// <remarks>
/// Safe for several threads, one photo at a time: captured kernels read the photo from one place in the device's memory and write the
/// scores to one. https://onnxruntime.ai/docs/execution-providers/CUDA-ExecutionProvider.html#using-cuda-graphs-preview.
/// </remarks>
internal sealed class CudaGraphSession : IDisposable
{
    // ONNX Runtime runs the network once or twice before it captures.
    private const int WarmUpRuns = 3;

    private readonly Lock _gate = new();
    private readonly InferenceSession _session;
    private readonly TensorElementType _inputType;
    private readonly long[] _inputShape;
    private readonly long[] _scoresShape;
    private readonly OrtAllocator? _device;
    private readonly OrtAllocator? _pinned;
    private readonly OrtValue _image;
    private readonly OrtValue _scores;
    private readonly OrtIoBinding _binding;

    /// <param name="session">The session, which is this one's from here on.</param>
    /// <param name="deviceId">The CUDA device; null for the processor, on which all works alike, without a graph.</param>
    /// <param name="input">The name of the input.</param>
    /// <param name="inputType">Bytes or floats.</param>
    /// <param name="inputShape">Of the photos.</param>
    /// <param name="output">The name of the output, of floats.</param>
    /// <param name="scoresShape">Of the scores.</param>
    /// <exception cref="OnnxRuntimeException">The network cannot be run so, or the device has no memory left.</exception>
    /// <remarks>To be made inside <see cref="CudaCapture.Capturing"/>, where there is a device.</remarks>
    public CudaGraphSession(
        InferenceSession session, int? deviceId, string input, TensorElementType inputType, long[] inputShape, string output, long[] scoresShape)
    {
        (_session, _inputType, _inputShape, _scoresShape) = (session, inputType, inputShape, scoresShape);
        OrtValue? image = null, scores = null;
        try
        {
            if (deviceId is { } id)
            {
                using var memory = new OrtMemoryInfo(OrtMemoryInfo.allocatorCUDA, OrtAllocatorType.DeviceAllocator, id, OrtMemType.Default);
                using var pinned = new OrtMemoryInfo(OrtMemoryInfo.allocatorCUDA_PINNED, OrtAllocatorType.DeviceAllocator, id, OrtMemType.CpuOutput);
                _device = new OrtAllocator(session, memory);
                _pinned = new OrtAllocator(session, pinned);
            }
            _image = image = OrtValue.CreateAllocatedTensorValue(_device ?? OrtAllocator.DefaultInstance, inputType, inputShape);
            _scores = scores = OrtValue.CreateAllocatedTensorValue(_device ?? OrtAllocator.DefaultInstance, TensorElementType.Float, scoresShape);
            _binding = session.CreateIoBinding();
            _binding.BindInput(input, image);
            _binding.BindOutput(output, scores);
            WarmUp();
        }
        catch
        {
            _binding?.Dispose();
            scores?.Dispose();
            image?.Dispose();
            _pinned?.Dispose();
            _device?.Dispose();
            throw;
        }
    }

    /// <summary>Memory for a photo and its scores that the device reaches fast; the caller disposes both, before this is disposed.</summary>
    public (OrtValue Photo, OrtValue Scores) Allocate()
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

    /// <summary>Runs the network on a photo, where <see cref="Allocate"/> put it, and copies the scores to where it said.</summary>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime cannot run it.</exception>
    public void Run(RunOptions options, OrtValue photo, OrtValue scores)
    {
        using (CudaCapture.Working())
        {
            lock (_gate)
                Replay(options, photo, scores);
        }
    }

    public void Dispose()
    {
        _binding.Dispose();
        _scores.Dispose();
        _image.Dispose();
        _pinned?.Dispose();
        _device?.Dispose();
        _session.Dispose();
    }

    private void WarmUp()
    {
        (OrtValue photo, OrtValue scores) = Allocate();
        using (photo)
        using (scores)
        using (var options = new RunOptions())
        {
            photo.GetTensorMutableRawData().Clear();
            for (int i = 0; i < WarmUpRuns; i++)
                Replay(options, photo, scores);
        }
    }

    private void Replay(RunOptions options, OrtValue photo, OrtValue scores)
    {
        Copy(photo, _image);
        _session.RunWithBinding(options, _binding);
        _binding.SynchronizeBoundOutputs();
        Copy(_scores, scores);
    }

    private void Copy(OrtValue from, OrtValue to)
    {
        if (_device is not null)
            OrtEnv.Instance().CopyTensors([from], [to], null);
        else
            from.GetTensorMutableRawData().CopyTo(to.GetTensorMutableRawData());
    }
}
