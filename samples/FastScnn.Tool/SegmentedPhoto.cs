namespace FastScnn.Cli;

/// <summary>What came of a photo.</summary>
/// <param name="Photo">The file.</param>
/// <param name="Name">What the files of its results are called, without their endings.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="Shares">The part of it that each class covers.</param>
/// <param name="Inference">How long the network took.</param>
/// <param name="Fault">Why there is no result; null where there is one.</param>
internal sealed record SegmentedPhoto(string Photo, string Name, int Width, int Height, IReadOnlyList<double> Shares, TimeSpan Inference, string? Fault);
