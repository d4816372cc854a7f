using FastScnn.Torch.Data;
using FastScnn.Torch.Data.Loading;
using FastScnn.Torch.Training;

namespace FastScnn.ML;

internal static partial class Errors
{
    public static string Row(long row) => Invariant($"Row {row} (counted from 0)");

    public static ArgumentOutOfRangeException NegativeMemory(long bytes) =>
        new(nameof(FastScnnSegmentationTrainerOptions.MemoryBytes), bytes, Invariant($"{bytes} bytes of memory: expected 0 or more."));

    public static InvalidDataException NoTrainingRows(string use, long rows, long withoutLabel, long withoutPhoto) =>
        new(Invariant($"There is no {use} row with a photo and a label: of {rows} rows, {withoutLabel} have no label and {withoutPhoto} no photo."));

    public static InvalidDataException TrainingSizes(long row, int width, int height, SegmentationMap label) =>
        new(Invariant($"{Row(row)}: the photo has {width} x {height} pixels and the label {label.Width} x {label.Height}; they must be equal. ")
            + "A photo that is resized before training needs its label resized alike, without mixing ids.");

    public static InvalidDataException TrainingClasses(long row, ClassList found, ClassList expected) =>
        new(found.HasNamesOf(expected)
            ? Invariant($"{Row(row)}: the label ignores {found.IgnoreIndex} and those of the rows before ignore {expected.IgnoreIndex}; they must be equal.")
            : $"{Row(row)}: {ClassDifference("the label", found, "those of the rows before", expected)}; all rows must have the same classes.");

    public static ArgumentException FewerRowsThanBatch(int rows, int batchSize, bool single) =>
        new(rows == 1 && !single
            ? $"There is 1 training row with a photo and a label; there must be 2 or more, as batch norm needs them. Give more rows, or train on the one with {nameof(TrainingOptions.FreezeBatchNorm)}, which keeps "
              + $"the statistics of {nameof(TrainingOptions.InitialWeights)}, and {nameof(LoaderOptions.BatchSize)} 1."
            : Invariant($"There are {rows} training rows with a photo and a label, and a batch takes {batchSize}; give more rows, or {nameof(LoaderOptions.BatchSize)} ")
              + Invariant($"{(single ? 1 : 2)} to {rows}."), "input");

    public static InvalidOperationException TrainingGpuUnavailable(string reason) => new($"{reason} Set fallbackToCpu to do that by itself.");

    public static IOException RowFolderUnwritable(string folder, Exception inner) =>
        new($"Rows that do not fit into {nameof(FastScnnSegmentationTrainerOptions)}.{nameof(FastScnnSegmentationTrainerOptions.MemoryBytes)} cannot be written to '{folder}': "
            + $"{inner.Message} Allow more memory, or set MLContext.TempFilePath to a folder with room.", inner);
}
