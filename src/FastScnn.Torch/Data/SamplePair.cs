namespace FastScnn.Torch.Data;

/// <summary>A photo and its label file in a data set.</summary>
/// <param name="Name">What tells the pair from the others of its split, such as the file name without its ending.</param>
/// <param name="PhotoPath">The photo.</param>
/// <param name="LabelPath">The label.</param>
public sealed record SamplePair(string Name, string PhotoPath, string LabelPath);
