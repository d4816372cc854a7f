using FastScnn.Torch.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace FastScnn.Torch.Tests.Losses;

/// <summary>A small batch in double precision: 2 x 3 x 4 pixels, 3 of them ignored (255), 4 classes of which the last
/// is not labelled.</summary>
internal static class LossInputs
{
    public static readonly long[] Shape = [2, 4, 3, 4];

    public static readonly long[] Ids = [0, 255, 2, 0, 1, 0, 1, 2, 0, 1, 0, 1, 255, 0, 1, 0, 1, 2, 0, 1, 0, 1, 2, 255];

    public static readonly double[] Weights = [0.5, 1, 2, 4];

    /// <summary>One of each kind of loss, and one with several.</summary>
    public static IEnumerable<TestCaseData<SegmentationLoss>> All()
    {
        yield return new(SegmentationLoss.CrossEntropy()) { TestName = "cross-entropy" };
        yield return new(SegmentationLoss.CrossEntropy(Weights)) { TestName = "weighted cross-entropy" };
        yield return new(SegmentationLoss.Ohem(0.1, 3)) { TestName = "OHEM by threshold" };
        yield return new(SegmentationLoss.Ohem(0.1, 12, Weights)) { TestName = "weighted OHEM by count" };
        yield return new(SegmentationLoss.Ohem()) { TestName = "OHEM of everything" };
        yield return new(SegmentationLoss.Dice()) { TestName = "Dice" };
        yield return new(SegmentationLoss.Lovasz()) { TestName = "Lovasz" };
        yield return new(SegmentationLoss.Sum((1, SegmentationLoss.CrossEntropy()), (0.5, SegmentationLoss.Dice()),
            (2, SegmentationLoss.Lovasz())))
        { TestName = "sum" };
    }

    // No two errors of a class are alike: the Lovasz loss has a kink where they are.
    public static double[] Values() =>
    [
        .. Enumerable.Range(0, 96).Select(i => (i * i * 37 + i * 11) % 1009 / 250.0 - 2)
    ];

    public static Tensor Logits() => tensor(Values(), Shape).requires_grad_();

    public static Tensor Labels() => tensor(Ids, [2, 3, 4]);

    public static Tensor Ignored() => full([2, 3, 4], 255, ScalarType.Int64);
}
