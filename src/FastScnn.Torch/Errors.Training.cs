using FastScnn.Torch.Checkpoints;

namespace FastScnn.Torch;

internal static partial class Errors
{
    public static ArgumentException WarmUpTooLong(long warmUpSteps, long steps) =>
        new(Invariant($"The warm-up takes {warmUpSteps} steps of {steps}; it must leave one step or more."));

    public static ArgumentOutOfRangeException NegativeStep(long step) =>
        new(nameof(step), step, Invariant($"Steps are counted from 0; {step} is none."));

    public static ArgumentException NothingToTrain() =>
        new("No parameter of the module asks for a gradient, so there is nothing to train.", "module");

    public static ArgumentException AverageMismatch(IReadOnlyCollection<string> missing, IReadOnlyCollection<string> unexpected, IReadOnlyCollection<string> different)
    {
        string[] parts =
        [
            .. missing.Count > 0 ? [Invariant($"{missing.Count} missing: {NameList(missing)}")] : Array.Empty<string>(),
            .. unexpected.Count > 0 ? [Invariant($"{unexpected.Count} unexpected: {NameList(unexpected)}")] : Array.Empty<string>(),
            .. different.Count > 0 ? [Invariant($"{different.Count} of another shape or type: {NameList(different)}")] : Array.Empty<string>(),
        ];
        return new($"The average does not fit the module; nothing was changed. {string.Join("; ", parts)}.");
    }

    public static CheckpointException AverageUpdates(string key, string found) =>
        new($"The checkpoint holds no moving average: its metadata '{key}' is '{found}' instead of a number of updates.");

    public static string EntryMismatch(string key, string foundType, IEnumerable<long> found, string expectedType, IEnumerable<long> expected) =>
        $"'{key}' is {foundType} {ShapeText(found)} instead of {expectedType} {ShapeText(expected)}";
}
