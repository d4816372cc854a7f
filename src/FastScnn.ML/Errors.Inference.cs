namespace FastScnn.ML;

internal static partial class Errors
{
    public static ArgumentException NoScales() =>
        new("No scale: expected one or more, such as 0.75, 1 and 1.25.", nameof(InferenceOptions.Scales));

    public static ArgumentOutOfRangeException Scale(double scale) =>
        new(nameof(InferenceOptions.Scales), Invariant($"Scale {scale}: expected {InferenceOptions.MinScale} to {InferenceOptions.MaxScale}."));

    public static ArgumentOutOfRangeException TileSide(string name, int side) =>
        new(name, Invariant($"A tile side of {side} pixels: expected {InferenceOptions.MinTileSide} or more, or null for the photo's side."));

    public static ArgumentOutOfRangeException TileOverlap(double overlap) =>
        new(nameof(InferenceOptions.TileOverlap),
            Invariant($"A tile overlap of {overlap}: expected a share of the tile, 0 to {InferenceOptions.MaxTileOverlap}."));

    public static ArgumentOutOfRangeException UnknownSegmentationSize(SegmentationSize size) =>
        new(nameof(InferenceOptions.OutputSize), size, $"Expected {SegmentationSize.Photo} or {SegmentationSize.Model}.");

    public static ArgumentOutOfRangeException UnknownScoreKind(string name, ScoreKind kind) =>
        new(name, kind, $"Expected {ScoreKind.Probabilities} or {ScoreKind.Logits}.");

    public static ArgumentException ScoresTooLarge(int classes, int width, int height) =>
        new(Invariant($"The scores of {classes} classes at {width} x {height} pixels are more than one array holds ({Array.MaxLength}); shrink the photo, or set ")
            + $"{nameof(InferenceOptions)}.{nameof(InferenceOptions.OutputSize)} to {nameof(SegmentationSize.Model)}.");

    public static InvalidOperationException ScalesOfFixedSize(string name, int[] inputShape, IReadOnlyList<double> scales) =>
        new($"'{name}' takes photos of one size, {Shape(inputShape)}, so that it cannot see them at the scales "
            + $"{Shape(scales.Select(scale => Invariant($"{scale}")))}; expected [1]. Export the model for any size, or leave {nameof(InferenceOptions)}.{nameof(InferenceOptions.Scales)} out.");

    public static ArgumentOutOfRangeException NegativePhotosInFlight(int count) =>
        new("photosInFlight", count, "Photos in flight must be 0 (the default number) or more.");
}
