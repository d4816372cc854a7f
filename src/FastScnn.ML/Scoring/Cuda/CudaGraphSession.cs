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
    private readonly CudaGraphThread _thread;

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
        try
        {
            _thread = new CudaGraphThread(create, deviceId, input, inputType, inputShape, output, scoresShape);
        }
        catch
        {
            GC.SuppressFinalize(this);
            throw;
        }
    }

    // Models in ML.NET's pipelines are seldom disposed.
    ~CudaGraphSession() => _thread.Stop(forgotten: true);

    /// <summary>Memory for a photo and its scores that the device reaches fast; the caller disposes both, before this is disposed.</summary>
    /// <exception cref="OnnxRuntimeException">There is no memory left.</exception>
    public (OrtValue Photo, OrtValue Scores) Allocate() => _thread.Allocate();

    /// <summary>Runs the network on a photo, where <see cref="Allocate"/> put it, and copies the scores to where it said.</summary>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime cannot run it.</exception>
    public void Run(RunOptions options, OrtValue photo, OrtValue scores)
    {
        _thread.Run(options, photo, scores);
        GC.KeepAlive(this);
    }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _thread.Stop(forgotten: false);
        _thread.Join();
    }
}
