using Microsoft.ML.OnnxRuntime;

namespace FastScnn.ML;

/// <summary>A session for photos of one size: one of the two.</summary>
/// <param name="Session">A session that runs photos as they come.</param>
/// <param name="Graph">A session that replays a CUDA graph.</param>
internal sealed record SizedSession(InferenceSession? Session, CudaGraphSession? Graph) : IDisposable
{
    public void Dispose()
    {
        Session?.Dispose();
        Graph?.Dispose();
    }
}
