namespace FastScnn.ML;

/// <summary>How the bytes of one pixel follow each other in memory, 8 bits a channel.</summary>
public enum PixelLayout
{
    /// <summary>Blue, green, red, alpha: 4 bytes; the usual layout of decoded images. Alpha is not looked at.</summary>
    Bgra32,

    /// <summary>Red, green, blue, alpha: 4 bytes. Alpha is not looked at.</summary>
    Rgba32,

    /// <summary>Blue, green, red: 3 bytes, as OpenCV keeps images.</summary>
    Bgr24,

    /// <summary>Red, green, blue: 3 bytes.</summary>
    Rgb24,

    /// <summary>One grey value: 1 byte, taken for red, green and blue.</summary>
    Gray8,
}
