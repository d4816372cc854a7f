namespace FastScnn.ML;

/// <summary>How cuDNN chooses the algorithm of a convolution, once for every size of photo.</summary>
public enum CudaConvolutionSearch
{
    /// <summary>Tries all of them and keeps the fastest: the first photo of a size takes longer.</summary>
    Exhaustive,

    /// <summary>Asks cuDNN which should be fast: for photos of many sizes.</summary>
    Heuristic,

    /// <summary>Takes cuDNN's default.</summary>
    Default,
}
