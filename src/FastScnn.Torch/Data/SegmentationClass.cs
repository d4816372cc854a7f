namespace FastScnn.Torch.Data;

/// <summary>One class of a segmentation task: its name and the colour it is drawn in.</summary>
/// <param name="Name">The name shown to people, such as <c>road</c>.</param>
/// <param name="Red">Red of the colour, 0..255.</param>
/// <param name="Green">Green of the colour, 0..255.</param>
/// <param name="Blue">Blue of the colour, 0..255.</param>
public sealed record SegmentationClass(string Name, byte Red, byte Green, byte Blue);
