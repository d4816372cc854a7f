namespace FastScnn.Torch.Onnx;

/// <summary>The kinds of ONNX file that <see cref="OnnxExporter"/> writes. Both hold the same network.</summary>
public enum OnnxGraph
{
    /// <summary>
    /// For scoring in this library: input <c>image</c>, uint8 [N, 3, H, W], planar RGB as photos hold it;
    /// output <c>logits</c>, float32 [N, K, h, w] at an eighth of the size. The normalization is folded
    /// into the first convolution; who scores enlarges the logits and takes the largest.
    /// </summary>
    Scoring,

    /// <summary>
    /// For other tools: input <c>image</c>, float32 [N, 3, H, W], RGB scaled to 0..1 and normalized
    /// (or as pixels are, with <see cref="OnnxExportOptions.RawPixels"/>); <c>logits</c>, float32 [N, K, H, W] at the size of the image.
    /// </summary>
    Interop,
}
