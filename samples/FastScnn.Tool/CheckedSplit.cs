using FastScnn.Torch.Data;

namespace FastScnn.Cli;

/// <summary>What was found in a split.</summary>
/// <param name="Split">Its name.</param>
/// <param name="Classes">Its classes; null where it could not be opened.</param>
/// <param name="Report">What was counted; null where it could not be opened.</param>
/// <param name="Fault">Why it could not be opened; null where it was.</param>
internal sealed record CheckedSplit(string Split, ClassList? Classes, DatasetReport? Report, string? Fault)
{
    public IReadOnlyList<string> Faults => Fault is not null ? [Fault] : Report!.Faults;

    /// <param name="warnings">What shows only by this split and another together, or by the options of training.</param>
    public object ToJson(IReadOnlyList<string> warnings) => new
    {
        split = Split,
        samples = Report?.SampleCount ?? 0,
        sound = Report?.SoundCount ?? 0,
        classPixels = Classes?.Select((one, id) => (one.Name, Pixels: Report!.ClassPixels[id])).ToDictionary(pair => pair.Name, pair => pair.Pixels),
        ignoredPixels = Report?.IgnoredPixels ?? 0,
        warnings = Warnings.Translate([.. Report?.Warnings ?? [], .. warnings]),
        faults = Warnings.Translate(Faults),
    };
}
