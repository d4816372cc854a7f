namespace FastScnn.ML;

/// <summary>How cuDNN chooses the algorithm of a convolution, once for every size of photo.</summary>
public enum CudaConvolutionSearch
{
    /// <summary>Tries all of them and keeps the fastest: the first photo of a size can take seconds longer.</summary>
    Exhaustive,

    /// <summary>Asks cuDNN which should be fast; on an H100 the network is as fast as after trying all.</summary>
    Heuristic,

    /// <summary>Takes cuDNN's default; on an H100 the network takes about thirty to forty times as long.</summary>
    Default,
}
