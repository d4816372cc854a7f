using TorchSharp;
using static TorchSharp.torch;

namespace FastScnn.Torch.Tests.TorchSharpFacts;

/// <summary>Whether steps leave tensors behind.</summary>
internal static class TensorLeaks
{
    /// <summary>Takes one step, which may start caches, and then ten that must leave no tensor. Each has a dispose scope
    /// of its own.</summary>
    public static void AssertNone(Action step)
    {
        Step();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long before = Tensor.TotalCount;

        for (int i = 0; i < 10; i++) Step();

        Assert.That(Tensor.TotalCount - before, Is.LessThanOrEqualTo(0));

        void Step()
        {
            using DisposeScope scope = NewDisposeScope();
            step();
        }
    }
}
