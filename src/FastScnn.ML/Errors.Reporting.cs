using FastScnn.Torch.Data;

namespace FastScnn.ML;

internal static partial class Errors
{
    public static ArgumentOutOfRangeException ReportImageCount(int count, int most) =>
        new(nameof(SegmentationReportOptions.ImageCount), Invariant($"{count} images at either end of a report: expected 0 to {most}."));

    public static ArgumentOutOfRangeException ReportPictureSide(int side, int least, int most) =>
        new(nameof(SegmentationReportOptions.MaxPictureSide), Invariant($"Pictures of at most {side} pixels in a report: expected {least} to {most}."));

    public static ArgumentException ReportSizes(string image, int width, int height, SegmentationMap label, SegmentationMap prediction) =>
        new(Invariant($"'{image}': the photo has {width} x {height} pixels, the label {label.Width} x {label.Height} and the prediction {prediction.Width} x {prediction.Height}; ")
            + "they must be equal. Give the photo that was segmented and the label at its size.");

    public static ArgumentException ReportClasses(string image, string what, ClassList found, ClassList expected) =>
        new($"'{image}': {ClassDifference(what, found, "the report", expected)}; both must be over the same classes, in the same order.");

    public static ArgumentException ReportLabel(string image, ArgumentException inner) => new($"'{image}': {inner.Message}", inner);

    public static InvalidDataException ReportRow(long row, ArgumentException inner) => new($"{Row(row)}: {inner.Message}", inner);

    public static InvalidOperationException ReportEmpty() => new("The report has no images; add at least one.");

    public static IOException ReportIsFolder(string path) => new($"'{path}' is a folder; expected the name of a file for the report.");
}
