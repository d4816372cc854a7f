using System.Globalization;
using System.Reflection;
using FastScnn.Torch.Data;

namespace FastScnn.Torch.Training;

/// <summary>What decides the result of a training, as text by name: for the state file, the log and the metadata of the weights.</summary>
internal static class TrainingRecipe
{
    /// <summary>Entries without which the stored tensors or positions have no meaning: a resume with other values is refused.</summary>
    public static IReadOnlyList<string> Fixed { get; } = ["classes", "samples", "batch", "optimizer", "auxiliary head"];

    /// <summary>Describes a training.</summary>
    public static IReadOnlyDictionary<string, string> Describe(TrainingOptions options, SegmentationDataset dataset, long steps) => new OrderedDictionary<string, string>
    {
        ["classes"] = string.Join(", ", dataset.Classes.Select(c => c.Name)),
        ["samples"] = Text(dataset.Samples.Count),
        ["batch"] = Text(options.Loader.BatchSize) + (options.Loader.DropLast ? "" : ", last smaller batch kept"),
        ["epochs"] = Text(options.Epochs),
        ["steps"] = Text(steps),
        ["seed"] = Text(options.Loader.Seed),
        ["augmentation"] = Members(options.Augmentation),
        ["input scale"] = Text(options.InputScale),
        ["loss"] = options.Loss?.ToString() ?? "cross-entropy",
        ["loss stride"] = Text(options.LossStride),
        ["auxiliary head"] = options.AuxiliaryHead ? "yes" : "no",
        ["auxiliary loss"] = options.AuxiliaryHead ? $"{Text(options.AuxiliaryWeight)} x {options.AuxiliaryLoss ?? (object)"loss"}" : "none",
        ["dropout"] = Text(options.Dropout),
        ["optimizer"] = options.Optimizer.GetType().Name,
        ["optimizer settings"] = Members(options.Optimizer),
        ["schedule"] = $"{options.Schedule(steps).GetType().Name} {Members(options.Schedule(steps))}",
        ["average"] = options.AverageDecay is { } decay ? Text(decay) : "none",
        ["gradient norm"] = options.MaxGradientNorm is { } norm ? Text(norm) : "none",
        ["frozen batch norm"] = options.FreezeBatchNorm ? "yes" : "no",
        ["started from"] = options.InitialWeights is null ? "fresh weights" : "given weights",
    };

    // A record prints its numbers in the culture of the machine.
    private static string Members(object record) => string.Join(", ", record.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.GetIndexParameters().Length == 0)
        .OrderBy(property => property.Name, StringComparer.Ordinal)
        .Select(property => $"{property.Name} {Text(property.GetValue(record))}"));

    private static string Text(object? value) => string.Create(CultureInfo.InvariantCulture, $"{value ?? "none"}");
}
