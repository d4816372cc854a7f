namespace FastScnn.Torch.Data;

/// <summary>How often each class is labelled in a data set.</summary>
/// <param name="Pixels">The labelled pixels of each class.</param>
/// <param name="PixelsWherePresent">For each class, the labelled pixels of all classes in the masks that show the
/// class.</param>
internal sealed record ClassFrequencies(IReadOnlyList<long> Pixels, IReadOnlyList<long> PixelsWherePresent)
{
    /// <summary>Reads every mask of a data set, on all processors; images are not read.</summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="cancellationToken">Ends the work with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="InvalidDataException">A mask cannot be read; the message names the file.</exception>
    /// <exception cref="IOException">A mask cannot be opened.</exception>
    public static ClassFrequencies Count(SegmentationDataset dataset, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        MaskSurvey survey = MaskSurvey.Read(dataset, cancellationToken);
        return new ClassFrequencies(survey.ClassPixels, survey.PixelsWherePresent);
    }
}
