namespace FastScnn.ML;

/// <summary>The size of what a segmentation gives.</summary>
public enum SegmentationSize
{
    /// <summary>One class a pixel of the photo.</summary>
    Photo,

    /// <summary>
    /// The size of the model's own scores for the whole photo, an eighth of each side for the scoring graph of FastScnn.Torch: smaller, and
    /// nothing is interpolated where one run scores the photo.
    /// </summary>
    Model,
}
