using TorchSharp;
using static TorchSharp.torch;

namespace FastScnn.Torch.Tests.TorchSharpFacts;

/// <summary>What belongs to a thread and what to the process.</summary>
public class ThreadTests
{
    // Losses/SegmentationLoss.cs makes a scope, and says that several threads may use it.
    [Test]
    public void A_scope_takes_in_the_tensors_of_its_own_thread_alone()
    {
        Tensor own, other;
        using (NewDisposeScope())
        {
            own = ones(1);
            other = OnAnotherThread(() => ones(1));
        }

        Assert.That(own.IsInvalid, Is.True);
        Assert.That(other.IsInvalid, Is.False);
        other.Dispose();
    }

    // Losses/OhemCrossEntropyLoss.cs and Losses/LovaszSoftmaxLoss.cs turn gradients off amid a loss of which several
    // threads may compute one.
    [Test]
    public void Gradients_are_turned_off_for_one_thread_and_as_before_at_the_end()
    {
        using (no_grad())
        {
            using (no_grad())
                Assert.That(is_grad_enabled(), Is.False);
            Assert.That(is_grad_enabled(), Is.False);
            Assert.That(OnAnotherThread(is_grad_enabled), Is.True);
        }
        Assert.That(is_grad_enabled(), Is.True);
    }

    // Losses/SegmentationLoss.cs and Network/FastScnnNetwork.cs hand over what they made, wherever they are called.
    [Test]
    public void What_is_moved_out_of_the_outermost_scope_stays()
    {
        Tensor moved = OnAnotherThread(() =>
        {
            using DisposeScope scope = NewDisposeScope();
            return ones(1).MoveToOuterDisposeScope();
        });

        Assert.That(moved.IsInvalid, Is.False);
        moved.Dispose();
    }

    // Training/Learner.cs disposes it.
    [Test]
    public void The_generator_that_seeding_gives_may_be_disposed()
    {
        float[] first = Draw();
        Assert.That(Draw(), Is.EqualTo(first));

        static float[] Draw()
        {
            manual_seed(5).Dispose();
            using Tensor numbers = rand(3);
            return numbers.data<float>().ToArray();
        }
    }

    private static T OnAnotherThread<T>(Func<T> make) =>
        Task.Factory.StartNew(make, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
            .GetAwaiter().GetResult();
}
