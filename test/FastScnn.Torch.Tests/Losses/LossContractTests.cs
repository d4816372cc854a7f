using FastScnn.Torch.Losses;
using FastScnn.Torch.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace FastScnn.Torch.Tests.Losses;

/// <summary>What holds for every loss: ignored pixels, types, errors, ownership.</summary>
public class LossContractTests
{
    [TestCaseSource(typeof(LossInputs), nameof(LossInputs.All))]
    public void All_ignored_is_exactly_zero_and_so_is_its_gradient(SegmentationLoss loss)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = LossInputs.Logits();

        Tensor value = loss.Forward(logits, LossInputs.Ignored());
        value.backward();

        Assert.That(value.item<double>(), Is.Zero);
        Assert.That(logits.grad!.data<double>().ToArray(), Is.EqualTo(new double[96]));
    }

    [TestCaseSource(typeof(LossInputs), nameof(LossInputs.All))]
    public void One_pixel_that_counts_is_enough(SegmentationLoss loss)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = LossInputs.Logits(), labels = LossInputs.Ignored();
        labels[1, 2, 0] = tensor(2L);

        Tensor value = loss.Forward(logits, labels);
        value.backward();

        Assert.That(value.item<double>(), Is.GreaterThan(0).And.LessThan(100));
        double[] gradient = logits.grad!.data<double>().ToArray();
        Assert.That(gradient, Is.All.Not.NaN);
        Assert.That(gradient.Count(g => g != 0), Is.EqualTo(4), "the four classes of the one pixel");
    }

    [TestCaseSource(typeof(LossInputs), nameof(LossInputs.All))]
    public void Logits_of_ignored_pixels_change_nothing(SegmentationLoss loss)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = LossInputs.Logits().detach(), labels = LossInputs.Labels();
        double before = loss.Forward(logits, labels).item<double>();

        Tensor changed = logits.masked_fill(labels.eq(255).unsqueeze(1).expand(LossInputs.Shape), 30);

        Assert.That(changed.ne(logits).any().item<bool>());
        Assert.That(loss.Forward(changed, labels).item<double>(), Is.EqualTo(before));
    }

    [TestCaseSource(typeof(LossInputs), nameof(LossInputs.All))]
    public void Nothing_but_the_result_outlives_the_call(SegmentationLoss loss)
    {
        using Tensor logits = LossInputs.Logits(), labels = LossInputs.Labels(), ignored = LossInputs.Ignored();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        Tensor value = loss.Forward(logits, labels), none = loss.Forward(logits, ignored);
        Assert.That(DisposeScopeManager.Statistics.ThreadTotalLiveCount - before, Is.EqualTo(2));

        value.Dispose();
        none.Dispose();
        Assert.That(DisposeScopeManager.Statistics.ThreadTotalLiveCount, Is.EqualTo(before));
    }

    [TestCase(4, 17)]
    [TestCase(-1, 4)]
    public void Labels_that_are_no_class_are_counted_in_the_error(long first, long second)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor labels = LossInputs.Labels();
        labels[0, 0, 0] = tensor(first);
        labels[1, 0, 1] = tensor(second);

        foreach (TestCaseData<SegmentationLoss> test in LossInputs.All())
            Assert.That(
                () => ((SegmentationLoss)test.Arguments[0]!).Forward(LossInputs.Logits(), labels),
                Throws.ArgumentException.With.Message.StartsWith(
                    $"2 pixels have labels that are no class, the first of them {first}: the classes are 0 to 3, and "
                        + "255 is ignored."));
    }

    [Test]
    public void Another_ignore_index_is_ignored_and_the_default_is_then_no_class()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = LossInputs.Logits(), labels = LossInputs.Labels();
        SegmentationLoss minusOne = SegmentationLoss.CrossEntropy(ignoreIndex: -1);

        Assert.That(() => minusOne.Forward(logits, labels),
            Throws.ArgumentException.With.Message.Contains("3 pixels").And.Message.Contains("-1 is ignored"));
        Tensor value = minusOne.Forward(logits, labels.masked_fill(labels.eq(255), -1));
        Assert.That(value.item<double>(), Is.EqualTo(1.6789063408142626).Within(1e-12));
    }

    [Test]
    public void Shapes_and_types_that_do_not_fit_are_named()
    {
        using DisposeScope scope = NewDisposeScope();
        SegmentationLoss loss = SegmentationLoss.CrossEntropy();
        Tensor logits = LossInputs.Logits(), labels = LossInputs.Labels();

        Assert.That(() => loss.Forward(logits, labels.transpose(1, 2)),
            Throws.ArgumentException.With.Message.Contains("[2, 4, 3, 4]").And.Message.Contains("[2, 4, 3]"));
        Assert.That(() => loss.Forward(logits, labels.unsqueeze(1)),
            Throws.ArgumentException.With.Message.Contains("[2, 1, 3, 4]"));
        Assert.That(() => loss.Forward(logits, labels.to(ScalarType.Int32)),
            Throws.ArgumentException.With.Message.Contains("Int32"));
        Assert.That(() => loss.Forward(null!, labels), Throws.ArgumentNullException);
        Assert.That(() => loss.Forward(logits, null!), Throws.ArgumentNullException);
    }

    [Test]
    public void Settings_out_of_range_are_refused()
    {
        Assert.That(() => SegmentationLoss.Ohem(threshold: 0),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("threshold is 0"));
        Assert.That(() => SegmentationLoss.Ohem(threshold: double.NaN),
            Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => SegmentationLoss.Ohem(minKept: 0),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("minKept is 0"));
        Assert.That(() => SegmentationLoss.Dice(-1),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("smooth is -1"));
        Assert.That(() => SegmentationLoss.CrossEntropy([1, 0]),
            Throws.ArgumentException.With.Message.Contains("class 1 is 0"));
        Assert.That(() => SegmentationLoss.Ohem(classWeights: [double.PositiveInfinity]),
            Throws.ArgumentException.With.Message.Contains("class 0"));
        Assert.That(() => SegmentationLoss.Sum(), Throws.ArgumentException.With.Message.Contains("one loss or more"));
        Assert.That(() => SegmentationLoss.Sum((0, SegmentationLoss.Dice())),
            Throws.ArgumentException.With.Message.Contains("weight 0"));
        Assert.That(() => SegmentationLoss.Sum((1, SegmentationLoss.Dice()), (1, SegmentationLoss.Lovasz(-1))),
            Throws.ArgumentException.With.Message.Contains("label 255 and another -1"));
        Assert.That(() => new OutputLoss(SegmentationLoss.Dice(), double.NaN),
            Throws.ArgumentException.With.Message.Contains("NaN"));
        Assert.That(() => new OutputLoss(SegmentationLoss.Dice(), 1, SegmentationLoss.Dice(ignoreIndex: 0)),
            Throws.ArgumentException.With.Message.Contains("label 255 and another 0"));
        using Tensor logits = LossInputs.Logits(), labels = LossInputs.Labels();
        Assert.That(() => SegmentationLoss.CrossEntropy([1, 1]).Forward(logits, labels),
            Throws.ArgumentException.With.Message.Contains("2 class weights").And.Message.Contains("4 classes"));
    }

    [Test]
    public void Output_loss_adds_the_weighted_auxiliary_loss()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = LossInputs.Logits().detach(), labels = LossInputs.Labels();
        Tensor other = logits.flip(1);
        double main = SegmentationLoss.Dice().Forward(logits, labels).item<double>(),
            same = SegmentationLoss.Dice().Forward(other, labels).item<double>();
        double different = SegmentationLoss.Lovasz().Forward(other, labels).item<double>();

        Assert.That(new OutputLoss(SegmentationLoss.Dice()).Forward(new(logits, null), labels).item<double>(),
            Is.EqualTo(main));
        Assert.That(new OutputLoss(SegmentationLoss.Dice()).Forward(new(logits, other), labels).item<double>(),
            Is.EqualTo(main + 0.4 * same).Within(1e-14));
        Assert.That(new OutputLoss(SegmentationLoss.Dice(), 2, SegmentationLoss.Lovasz())
            .Forward(new(logits, other), labels)
            .item<double>(), Is.EqualTo(main + 2 * different).Within(1e-14));
        Assert.That(new OutputLoss(SegmentationLoss.Dice()).Forward(new(logits, other), LossInputs.Ignored())
            .item<double>(),
            Is.Zero);
    }

    [Test]
    public void A_label_that_only_one_head_has_is_told()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = LossInputs.Logits(), few = logits.narrow(1, 0, 2);

        foreach (FastScnnOutput output in new FastScnnOutput[] { new(logits, few), new(few, logits) })
            Assert.That(() => new OutputLoss(SegmentationLoss.CrossEntropy()).Forward(output, LossInputs.Labels()),
                Throws.ArgumentException.With.Message.Contains("the first of them 2: the classes are 0 to 1"));
    }

    [Test]
    public void Output_loss_leaves_nothing_behind()
    {
        using Tensor logits = LossInputs.Logits(), labels = LossInputs.Labels();
        using Tensor other = logits.flip(1);
        using FastScnnOutput output = new(logits, other);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        new OutputLoss(SegmentationLoss.Dice()).Forward(output, labels).Dispose();

        Assert.That(DisposeScopeManager.Statistics.ThreadTotalLiveCount, Is.EqualTo(before));
    }

    [Test]
    public void A_logit_that_is_not_a_number_shows_in_the_loss()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = LossInputs.Logits().detach();
        logits[0, 1, 0, 0] = tensor(double.NaN);

        foreach (TestCaseData<SegmentationLoss> test in LossInputs.All())
            Assert.That(((SegmentationLoss)test.Arguments[0]!).Forward(logits, LossInputs.Labels()).item<double>(),
                Is.NaN, test.TestName);
    }
}
