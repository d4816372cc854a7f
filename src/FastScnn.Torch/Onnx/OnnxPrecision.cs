namespace FastScnn.Torch.Onnx;

/// <summary>The numbers that the layers of an ONNX file work with. What goes in and comes out is the same for all.</summary>
public enum OnnxPrecision
{
    /// <summary>Single precision, for every device.</summary>
    Float32,

    /// <summary>
    /// Half precision (IEEE binary16) between the image and the logits, for graphics processors: half the memory traffic. ONNX Runtime
    /// turns it back into single precision on the processor, where it gains nothing.
    /// </summary>
    Float16,

    /// <summary>8-bit integers in most convolutions, for processors; see <see cref="OnnxQuantization"/>.</summary>
    Int8,
}
