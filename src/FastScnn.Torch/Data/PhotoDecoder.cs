namespace FastScnn.Torch.Data;

/// <summary>Decodes an image file. This project knows no photo format; its caller brings the codec.</summary>
/// <param name="encoded">The file from its first byte; the decoder does not close it.</param>
/// <returns>
/// The pixels as the file stores them, with the orientation that it tells: the data set turns the photo where its label was drawn on the
/// upright picture (<see cref="SegmentationDataset.ReadPhoto"/>).
/// </returns>
/// <remarks>Called from several threads at once.</remarks>
public delegate PixelBuffer PhotoDecoder(Stream encoded);
