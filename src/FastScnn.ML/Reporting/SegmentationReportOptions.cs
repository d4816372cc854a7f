namespace FastScnn.ML;

/// <summary>What a <see cref="SegmentationReport"/> shows beside the scores.</summary>
public sealed record SegmentationReportOptions
{
    private const int MostImages = 1000;
    private const int LeastPictureSide = 16;
    private const int MostPictureSide = 4096;

    /// <summary>The heading. Default: "Segmentation report".</summary>
    public string Title
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            field = value;
        }
    } = "Segmentation report";

    /// <summary>Facts under the heading, such as the model and the data, in this order. Default: none.</summary>
    public IReadOnlyList<(string Name, string Value)> Details
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            field = value;
        }
    } = [];

    /// <summary>How many of the worst and how many of the best images are shown, 0..1000. Default: 5.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is out of range.</exception>
    public int ImageCount
    {
        get;
        init
        {
            if (value is < 0 or > MostImages) throw Errors.ReportImageCount(value, MostImages);
            field = value;
        }
    } = 5;

    /// <summary>The longer side of pictures in pixels, 16..4096; larger ones are made smaller. Default: 480, about 0.2 MB an image.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is out of range.</exception>
    public int MaxPictureSide
    {
        get;
        init
        {
            if (value is < LeastPictureSide or > MostPictureSide) throw Errors.ReportPictureSide(value, LeastPictureSide, MostPictureSide);
            field = value;
        }
    } = 480;

    /// <summary>An SVG picture of the training, as <see cref="FastScnn.Torch.Training.TrainingFolder.DrawCurves()"/> gives it. Default: null, none.</summary>
    public string? LearningCurves { get; init; }
}
