using TorchSharp;
using static TorchSharp.torch;

namespace FastScnn.Offline.Tests.TorchSharp;

/// <summary>Who owns a tensor, and for how long.</summary>
[TestFixture]
public class DisposeScopeTests
{
    [Test]
    public void AScopeDisposesWhatItsThreadMade()
    {
        Tensor inner, moved, detached;
        using (var outer = NewDisposeScope())
        {
            using (var scope = NewDisposeScope())
            {
                inner = ones(1);
                moved = ones(1).MoveToOuterDisposeScope();
                detached = ones(1).DetachFromDisposeScope();
                Assert.That(scope.DisposablesCount, Is.EqualTo(1));
                Assert.That(outer.Contains(moved), Is.True);
            }
            Assert.That(inner.IsInvalid, Is.True);
            Assert.That(moved.IsInvalid, Is.False);
        }
        Assert.That(moved.IsInvalid, Is.True);
        Assert.That(detached.IsInvalid, Is.False);
        detached.Dispose();
        Assert.That(CurrentDisposeScope, Is.Null);
    }

    [Test]
    public void AScopeBelongsToItsThread()
    {
        using var scope = NewDisposeScope();
        using var other = Task.Run(() => ones(1)).Result;
        Assert.That(scope.Contains(other), Is.False);
        Assert.That(scope.MoveToOuter(ones(1), ones(2)).second.IsInvalid, Is.False);
    }

    [Test]
    public void StepsInScopesLeaveNothing()
    {
        using var weight = rand(8, 3, 3, 3).requires_grad_();
        using var input = rand(1, 3, 16, 16);
        void Step()
        {
            using var scope = NewDisposeScope();
            var output = nn.functional.conv2d(input, weight);
            nn.functional.relu(output).mean().backward();
            using var gradient = weight.grad;
            weight.grad = null;
        }
        Step();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (int i = 0; i < 20; i++) Step();
        Assert.That(DisposeScopeManager.Statistics.ThreadTotalLiveCount, Is.EqualTo(before));
    }
}
