using FastScnn.Torch.Data.Augmentation;

namespace FastScnn.Torch.Tests.Data.Augmentation;

public class AugmentationOptionsTests
{
    private static readonly TestCaseData[] s_bad =
    [
        Case("CropWidth", "31", () => new() { CropWidth = 31 }),
        Case("CropHeight", "16385", () => new() { CropHeight = 16385 }),
        Case("BaseSize", "0", () => new() { BaseSize = 0 }),
        Case("Scale", "(2, 1)", () => new() { Scale = (2, 1) }),
        Case("Scale", "(0, 1)", () => new() { Scale = (0, 1) }),
        Case("Scale", "(1, NaN)", () => new() { Scale = (1, double.NaN) }),
        Case("MaxClassFraction", "0", () => new() { MaxClassFraction = 0 }),
        Case("CropAttempts", "0", () => new() { CropAttempts = 0 }),
        Case("FlipProbability", "1.5", () => new() { FlipProbability = 1.5 }),
        Case("ColorProbability", "-1", () => new() { ColorProbability = -1 }),
        Case("Brightness", "256", () => new() { Brightness = 256 }),
        Case("Contrast", "1.25", () => new() { Contrast = 1.25 }),
        Case("Saturation", "NaN", () => new() { Saturation = double.NaN }),
        Case("HueDegrees", "181", () => new() { HueDegrees = 181 }),
        Case("BlurProbability", "2", () => new() { BlurProbability = 2 }),
        Case("MaxBlurRadius", "17", () => new() { MaxBlurRadius = 17 }),
        Case("WarpProbability", "1.5", () => new() { WarpProbability = 1.5 }),
        Case("RotationDegrees", "46", () => new() { RotationDegrees = 46 }),
        Case("Perspective", "0.25", () => new() { Perspective = 0.25 }),
        Case("GammaProbability", "-1", () => new() { GammaProbability = -1 }),
        Case("MaxGamma", "0.5", () => new() { MaxGamma = 0.5 }),
        Case("WhiteBalanceProbability", "2", () => new() { WhiteBalanceProbability = 2 }),
        Case("WhiteBalance", "1", () => new() { WhiteBalance = 1 }),
        Case("NoiseProbability", "NaN", () => new() { NoiseProbability = double.NaN }),
        Case("MaxNoise", "65", () => new() { MaxNoise = 65 }),
        Case("JpegProbability", "2", () => new() { JpegProbability = 2 }),
        Case("MinJpegQuality", "96", () => new() { MinJpegQuality = 96 }),
        Case("CopyPasteProbability", "2", () => new() { CopyPasteProbability = 2 }),
        Case("CopyPasteMaxShare", "1.5", () => new() { CopyPasteMaxShare = 1.5 }),
        Case("MosaicProbability", "-0.5", () => new() { MosaicProbability = -0.5 }),
    ];

    [TestCaseSource(nameof(s_bad))]
    public void Values_out_of_range_are_named(string name, string value, Func<AugmentationOptions> make) =>
        Assert.That(() => make(),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.StartsWith($"{name} is {value}; it must be "));

    [Test]
    public void Options_compare_by_value() =>
        Assert.That(new AugmentationOptions { Scale = (0.5, 2), CropWidth = 768 },
            Is.EqualTo(new AugmentationOptions()));

    private static TestCaseData Case(string name, string value, Func<AugmentationOptions> make) =>
        new TestCaseData(name, value, make).SetArgDisplayNames(name, value);
}
