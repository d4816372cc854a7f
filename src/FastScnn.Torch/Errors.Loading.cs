using FastScnn.Torch.Data;
using FastScnn.Torch.Data.Loading;

namespace FastScnn.Torch;

internal static partial class Errors
{
    public static ArgumentException AugmentedSizes(PixelBuffer photo, LabelMap labels) =>
        new($"The photo is {photo.Width} x {photo.Height} and its label {labels.Width} x {labels.Height}; they must have the same size.", "labels");

    public static ArgumentException CropBuffer(string name, int length, int expected) =>
        new($"{name} holds {length} bytes; the crop has {expected}.", name);

    public static ArgumentException NoSamples() => new("The data set has no samples to load.", "dataset");

    public static ArgumentException NoFullBatch(int samples, int batchSize) =>
        new($"{samples} samples make no batch of {batchSize}, and a last, smaller batch is dropped: give a {nameof(LoaderOptions.BatchSize)} of {samples} or less.", "options");

    public static ArgumentException WholePhotosInBatches(int batchSize) =>
        new($"Without augmentation photos keep their sizes, which may differ, so {nameof(LoaderOptions.BatchSize)} must be 1, not {batchSize}.", "options");

    public static ArgumentException BatchTooLarge(int batchSize, int width, int height) =>
        new($"{batchSize} crops of {width} x {height} pixels need {3L * batchSize * width * height} bytes in one array, whose limit is {Array.MaxLength}.", "options");

    public static ArgumentOutOfRangeException SkippedBatches(int skip, int batches) =>
        new("skipBatches", skip, $"skipBatches is {skip}; the epoch has {batches} batches, so it must be 0 to {batches}.");

    public static InvalidDataException SampleFailed(SamplePair sample, Exception inner) =>
        new($"The sample '{sample.Name}' (photo '{sample.PhotoPath}', label '{sample.LabelPath}') cannot be loaded: {inner.Message}", inner);
}
