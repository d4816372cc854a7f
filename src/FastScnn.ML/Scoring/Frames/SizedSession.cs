using Microsoft.ML.OnnxRuntime;

namespace FastScnn.ML;

/// <summary>A session for photos of one size, which runs them as they come or replays a CUDA graph.</summary>
/// <param name="Session">The session.</param>
/// <param name="Graph">What owns and runs it as a graph; null where it runs as any other.</param>
internal sealed record SizedSession(InferenceSession Session, CudaGraphSession? Graph) : IDisposable
{
    public void Dispose()
    {
        if (Graph is null)
            Session.Dispose();
        else
            Graph.Dispose();
    }
}
