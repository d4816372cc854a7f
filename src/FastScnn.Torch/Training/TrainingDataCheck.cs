using FastScnn.Torch.Data;
using FastScnn.Torch.Data.Loading;

namespace FastScnn.Torch.Training;

/// <summary>Looks at all labels before a training makes a folder or a step: hours later would be late to learn that a score means nothing.</summary>
internal static class TrainingDataCheck
{
    /// <summary>Reads the labels.</summary>
    /// <returns>What bears on the scores, a text for each kind.</returns>
    /// <exception cref="InvalidDataException">A label cannot be read, or no label of the data has a pixel with a class.</exception>
    /// <exception cref="IOException">A label cannot be opened.</exception>
    public static IReadOnlyList<string> Run(SegmentationDataset training, SegmentationDataset? validation, LoaderOptions loader, CancellationToken cancellation)
    {
        List<string> warnings = [];
        LabelSurvey learned = Read(training, SplitUse.Training, warnings, cancellation);
        if (validation is not null)
        {
            LabelSurvey scored = Read(validation, SplitUse.Validation, warnings, cancellation);
            warnings.AddRange(DatasetCheck.Compare(training.Classes, learned.ClassPixels, scored.ClassPixels));
        }
        if (training.Samples.Count < loader.BatchSize)
            warnings.Add(Errors.FewerSamplesThanBatch(training.Samples.Count, loader.BatchSize));
        return warnings;
    }

    private static LabelSurvey Read(SegmentationDataset dataset, SplitUse use, List<string> warnings, CancellationToken cancellation)
    {
        LabelSurvey survey = LabelSurvey.Read(dataset, cancellation);
        if (survey.WhyUseless(use) is { } reason)
            throw Errors.NothingLabelled(reason, use == SplitUse.Validation);
        if (dataset.Unread.Count > 0)
            warnings.Add($"{use.Name}: {Errors.UnreadImages(dataset.Unread)}");
        if (dataset.Unpaired.Count > 0)
            warnings.Add(Errors.UnpairedLeftOut(use, dataset.Unpaired));
        warnings.AddRange(survey.ScoreWarnings(use));
        return survey;
    }
}
