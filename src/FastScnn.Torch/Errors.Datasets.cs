using FastScnn.Torch.Data;

namespace FastScnn.Torch;

internal static partial class Errors
{
    public static ArgumentException PhotoSize(int width, int height, long bytes) =>
        new(Invariant($"A photo of {width} x {height} pixels needs sides of 1 or more and {Photo.Channels} bytes a pixel, not {bytes} bytes."));

    public static ArgumentOutOfRangeException SampleIndex(int index, int count) =>
        new(nameof(index), index, Invariant($"The data set has {count} samples, numbered from 0; there is no sample {index}."));

    public static InvalidDataException PhotoUnreadable(string path, Exception inner) => new($"'{path}' cannot be decoded as a photo: {inner.Message}", inner);

    public static InvalidOperationException DecoderGaveNothing() => new("The decoder returned null instead of a photo.");

    public static InvalidDataException SampleSizes(SamplePair sample, Photo photo, LabelMap labels) =>
        new(Invariant($"The photo '{sample.PhotoPath}' has {photo.Width} x {photo.Height} pixels, but its label '{sample.LabelPath}' has {labels.Width} x {labels.Height}; they must be equal."));

    public static InvalidDataException LabelValues(string path, IReadOnlyDictionary<byte, long> counts, ClassList classes) =>
        new(Invariant($"'{path}' holds values that stand for no class: {NameList([.. counts.Select(pair => Invariant($"{pair.Key} on {pair.Value} pixels"))])}. ")
            + Invariant($"There are {classes.Count} classes; {classes.IgnoreIndex} is ignored. Is this the label of another data set, or another ignore index?"));

    public static ArgumentException ReduceZeroIgnoreIndex(byte ignoreIndex, string last) =>
        new(Invariant($"The ignore index {ignoreIndex} is also the stored value of class '{last}' when 0 is ignored and ids shift down by one; choose a higher ignore index, such as 255."));

    public static ArgumentException LabelMappingId(byte value, byte id, ClassList classes) =>
        new(Invariant($"The label map gives the stored value {value} the id {id}; ids are 0 to {classes.Count - 1}, or {classes.IgnoreIndex} for ignored."));
}
