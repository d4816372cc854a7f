namespace FastScnn.Torch.Data;

/// <summary>Decodes an image file. This project knows no photo format; its caller brings the codec.</summary>
/// <param name="encoded">The file from its first byte; the decoder does not close it.</param>
/// <returns>The pixels as the file stores them: a decoder for training must not turn the image by its EXIF orientation, as label files are not turned either.</returns>
/// <remarks>Called from several threads at once.</remarks>
public delegate Photo PhotoDecoder(Stream encoded);
