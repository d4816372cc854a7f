using FastScnn.Torch.Data;
using FastScnn.Torch.Metrics;

namespace FastScnn.ML;

/// <summary>An image as a report shows it, its pictures made small enough.</summary>
/// <param name="Name">What the report calls it.</param>
/// <param name="Scores">The scores of this image alone.</param>
/// <param name="Photo">The photo.</param>
/// <param name="Label">The true classes.</param>
/// <param name="Prediction">The predicted classes.</param>
/// <param name="Errors">For each pixel <see cref="Right"/>, <see cref="Wrong"/> or <see cref="NotLabelled"/>.</param>
internal sealed record ReportedImage(string Name, SegmentationScores Scores, PixelBuffer Photo, LabelMap Label, LabelMap Prediction, LabelMap Errors)
{
    public const byte Right = 0, Wrong = 1, NotLabelled = 2;

    /// <summary>The meaning of <see cref="Errors"/>, in colours that differ in brightness too.</summary>
    public static ClassList ErrorClasses { get; } =
        [new SegmentationClass("right", 222, 227, 234), new SegmentationClass("wrong", 205, 32, 44), new SegmentationClass("not labelled", 96, 102, 112)];

    public static ReportedImage Create(string name, PixelBuffer photo, SegmentationMap label, SegmentationMap prediction, SegmentationScores scores, int maxSide)
    {
        (int width, int height) = PictureScaling.Fit(photo.Width, photo.Height, maxSide);
        byte[] truth = PictureScaling.Shrink(label, width, height), predicted = PictureScaling.Shrink(prediction, width, height);
        byte ignored = label.Classes.IgnoreIndex;
        byte[] errors = [.. truth.Zip(predicted, (t, p) => t == ignored ? NotLabelled : t == p ? Right : Wrong)];
        return new ReportedImage(
            name, scores, PictureScaling.Shrink(photo, width, height), new LabelMap(width, height, truth), new LabelMap(width, height, predicted), new LabelMap(width, height, errors));
    }
}
