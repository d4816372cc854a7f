using FastScnn.Torch.Training;

namespace FastScnn.Torch.Tests.Training;

public class TrainingOptionsTests
{
    private static readonly TestCaseData[] s_bad =
    [
        Case("BatchSize", "0", "1 to 4096", () => new() { BatchSize = 0 }),
        Case("Workers", "257", "1 to 256", () => new() { Workers = 257 }),
        Case("QueuedBatches", "0", "1 to 1024", () => new() { QueuedBatches = 0 }),
        Case("CacheBytes", "-1", "0 or more", () => new() { CacheBytes = -1 }),
        Case("Epochs", "0", "1 to 1000000", () => new() { Epochs = 0 }),
        Case("MaxSteps", "0", "1 or more, or null", () => new() { MaxSteps = 0 }),
        Case("InputScale", "8.5", "0.25 to 8", () => new() { InputScale = 8.5 }),
        Case("LossStride", "9", "1 to 8", () => new() { LossStride = 9 }),
        Case("Dropout", "1", "0 up to but not including 1", () => new() { Dropout = 1 }),
        Case("AuxiliaryWeight", "0", "above 0 and finite", () => new() { AuxiliaryWeight = 0 }),
        Case("AverageDecay", "1", "0 up to but not including 1, or null", () => new() { AverageDecay = 1 }),
        Case("MaxGradientNorm", "NaN", "above 0 and finite, or null", () => new() { MaxGradientNorm = double.NaN }),
        Case("GpuDeviceId", "-1", "0 or more, or null", () => new() { GpuDeviceId = -1 }),
    ];

    [TestCaseSource(nameof(s_bad))]
    public void Values_out_of_range_are_named(string name, string value, string range, Func<TrainingOptions> make) =>
        Assert.That(() => make(),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.StartsWith(
                $"{name} is {value}; it must be {range}."));

    private static TestCaseData Case(string name, string value, string range, Func<TrainingOptions> make) =>
        new TestCaseData(name, value, range, make).SetArgDisplayNames(name, value);
}
