using FastScnn.Torch.Data;
using static System.FormattableString;

namespace FastScnn.Torch.Training;

/// <summary>Looks at all masks before a training makes a folder or a step: hours later would be late to learn that a
/// score means nothing.</summary>
internal static class TrainingDataCheck
{
    /// <summary>Reads the masks.</summary>
    /// <param name="training">What is learned from.</param>
    /// <param name="validation">What is scored; null for nothing.</param>
    /// <param name="batchSize">The samples of a step.</param>
    /// <param name="taught">Whether a teacher can do without labels.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Warnings that bear on the scores.</returns>
    /// <exception cref="InvalidDataException">A mask cannot be read, or no mask of the data has a pixel with a
    /// class, and no teacher makes up for that.</exception>
    /// <exception cref="IOException">A mask cannot be opened.</exception>
    public static IReadOnlyList<string> Run(SegmentationDataset training, SegmentationDataset? validation,
        int batchSize, bool taught, CancellationToken cancellationToken)
    {
        List<string> warnings = [];
        MaskSurvey learned = Read(training, SplitUse.Training, taught, warnings, cancellationToken);
        if (validation is not null)
        {
            MaskSurvey scored = Read(validation, SplitUse.Validation, taught: false, warnings,
                cancellationToken);
            warnings.AddRange(DatasetCheck.Compare(training.Classes, learned.ClassPixels, scored.ClassPixels));
            if (SharedImages(training, validation) is { Length: > 0 } shared)
                warnings.Add(Invariant($"{shared.Length} of the {validation.Samples.Count} images of the validation data ")
                    + "are learned from too, so the scores show what is remembered: "
                    + $"{ErrorText.List(shared, 3)}.");
        }
        if (DatasetCheck.FewerThanBatch(training.Samples.Count, batchSize) is { } few) warnings.Add(few);
        return warnings;
    }

    private static string[] SharedImages(SegmentationDataset training, SegmentationDataset validation)
    {
        HashSet<string> learned = [.. training.Samples.Select(sample => sample.ImagePath)];
        // Images of an IDataView may carry a name that is no file's, and not theirs alone.
        return [.. validation.Samples.Select(sample => sample.ImagePath)
            .Where(path => learned.Contains(path) && File.Exists(path))];
    }

    private static MaskSurvey Read(SegmentationDataset dataset, SplitUse use, bool taught, List<string> warnings,
        CancellationToken cancellationToken)
    {
        MaskSurvey survey = MaskSurvey.Read(dataset, cancellationToken);
        string? useless = survey.WhyUseless(use);
        if (useless is not null && taught)
            warnings.Add(useless + " The teacher alone is learned from.");
        else if (useless is not null)
            throw new InvalidDataException(useless + (use == SplitUse.Validation ? " Its scores would be undefined: "
                + "give other data, or train without validation." : " Nothing can be learned from it."));
        if (dataset.Unsupported.Count > 0)
            warnings.Add($"{use.Name}: {ImageFiles.DescribeUnsupported(dataset.Unsupported)}");
        if (dataset.Unpaired.Count > 0)
            warnings.Add(Invariant($"{use.Name}: {dataset.Unpaired.Count} files have no partner and are left out: ")
                + Invariant($"{ErrorText.List(dataset.Unpaired, 10)}."));
        warnings.AddRange(survey.ScoreWarnings(use));
        return survey;
    }
}
