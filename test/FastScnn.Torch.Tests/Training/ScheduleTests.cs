using System.Globalization;
using System.Text.Json;
using FastScnn.Testing;
using FastScnn.Torch.Training;

namespace FastScnn.Torch.Tests.Training;

/// <summary>Learning rates by step.</summary>
public class ScheduleTests
{
    private static readonly LearningRateSchedule[] All =
    [
        new PolynomialSchedule { BaseRate = 0.1, Steps = 100 },
        new CosineSchedule { BaseRate = 0.1, Steps = 100 },
        new OneCycleSchedule { BaseRate = 0.1, Steps = 100 },
        new ConstantSchedule { BaseRate = 0.1, Steps = 100 },
    ];

    [Test]
    public void Poly_equals_the_seed()
    {
        PolynomialSchedule schedule = new() { BaseRate = 0.01, Steps = 100 };
        JsonElement golden = JsonDocument.Parse(File.ReadAllText(TestFiles.Golden("golden.json"))).RootElement.GetProperty("poly_lr_base0.01_100iters_power0.9");

        foreach (JsonProperty rate in golden.EnumerateObject())
            Assert.That(schedule.RateAt(long.Parse(rate.Name, CultureInfo.InvariantCulture)), Is.EqualTo(rate.Value.GetDouble()).Within(1e-17), $"step {rate.Name}");
        Assert.That(schedule.RateAt(99), Is.Zero);
    }

    [Test]
    public void Poly_ends_at_its_final_rate()
    {
        PolynomialSchedule schedule = new() { BaseRate = 0.01, FinalRate = 0.002, Power = 2, Steps = 11 };

        Assert.That(schedule.RateAt(0), Is.EqualTo(0.01).Within(1e-17));
        Assert.That(schedule.RateAt(5), Is.EqualTo(0.002 + 0.008 / 4).Within(1e-17));
        Assert.That(schedule.RateAt(10), Is.EqualTo(0.002));
    }

    [TestCase(0, 0.1)]
    [TestCase(33, 0.075 + 0.025 * 0.1)]
    [TestCase(66, 0.025 + 0.075 * 0.1)]
    [TestCase(99, 0.01)]
    [TestCase(1000, 0.01)]
    public void Cosine_has_its_thirds_at_three_and_one_quarters(long step, double rate) =>
        Assert.That(new CosineSchedule { BaseRate = 0.1, FinalRate = 0.01, Steps = 100 }.RateAt(step), Is.EqualTo(rate).Within(1e-16));

    // torch.optim.lr_scheduler.OneCycleLR(max_lr=0.1, total_steps=100)
    [TestCase(0, 0.0040000000000000036)]
    [TestCase(1, 0.004281378056590748)]
    [TestCase(10, 0.029516394846410082)]
    [TestCase(28, 0.09971862194340926)]
    [TestCase(29, 0.1)]
    [TestCase(30, 0.09994965352845243)]
    [TestCase(50, 0.0793893450575732)]
    [TestCase(98, 5.07464715475788e-05)]
    [TestCase(99, 4e-07)]
    public void One_cycle_equals_PyTorch(long step, double rate) =>
        Assert.That(new OneCycleSchedule { BaseRate = 0.1, Steps = 100 }.RateAt(step), Is.EqualTo(rate).Within(1e-16));

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    [TestCase(5)]
    public void One_cycle_of_few_steps_starts_and_ends_within_its_rates(long steps)
    {
        OneCycleSchedule schedule = new() { BaseRate = 0.1, Steps = steps };

        for (long step = 0; step < steps; step++)
            Assert.That(schedule.RateAt(step), Is.InRange(4e-7 * 0.999, 0.1));
        if (steps > 1) Assert.That(schedule.RateAt(steps - 1), Is.EqualTo(4e-7).Within(1e-16));
    }

    [TestCaseSource(nameof(All))]
    public void Warm_up_rises_linearly_to_the_schedule_that_takes_the_other_steps(LearningRateSchedule schedule)
    {
        LearningRateSchedule warm = schedule with { Steps = 110, WarmUpSteps = 10, WarmUpFactor = 0.2 };
        double start = schedule.RateAt(0);

        Assert.That(warm.RateAt(0), Is.EqualTo(0.2 * start).Within(1e-16));
        Assert.That(warm.RateAt(5), Is.EqualTo(0.6 * start).Within(1e-16));
        Assert.That(warm.RateAt(9), Is.EqualTo(0.92 * start).Within(1e-16));
        for (long step = 0; step <= 120; step++)
            Assert.That(warm.RateAt(step + 10), Is.EqualTo(schedule.RateAt(step)), $"step {step}");
    }

    [TestCaseSource(nameof(All))]
    public void Rates_do_not_depend_on_what_was_asked_before(LearningRateSchedule schedule)
    {
        double[] forth = [.. Enumerable.Range(0, 100).Select(step => schedule.RateAt(step))];
        double[] back = [.. Enumerable.Range(0, 100).Reverse().Select(step => schedule.RateAt(step)).Reverse()];

        Assert.That(back, Is.EqualTo(forth));
        Assert.That(forth.Max(), Is.EqualTo(0.1).Within(1e-16));
        Assert.That(schedule.RateAt(100), Is.EqualTo(forth[99]));
    }

    [Test]
    public void Constant_stays() => Assert.That(new ConstantSchedule { BaseRate = 0.3, Steps = 5 }.RateAt(4), Is.EqualTo(0.3));

    [TestCaseSource(nameof(All))]
    public void One_step_has_a_rate(LearningRateSchedule schedule) =>
        Assert.That((schedule with { Steps = 1 }).RateAt(0), Is.EqualTo(0.1));

    [Test]
    public void Values_out_of_range_are_refused()
    {
        Assert.That(() => new ConstantSchedule { BaseRate = 0, Steps = 1 }, Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("BaseRate is 0"));
        Assert.That(() => new ConstantSchedule { BaseRate = double.NaN, Steps = 1 }, Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new ConstantSchedule { BaseRate = 1, Steps = 0 }, Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("Steps is 0"));
        Assert.That(() => new ConstantSchedule { BaseRate = 1, Steps = 1, WarmUpFactor = 1.1 }, Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("WarmUpFactor is 1.1"));
        Assert.That(() => new ConstantSchedule { BaseRate = 1, Steps = 3, WarmUpSteps = -1 }, Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("WarmUpSteps is -1"));
        Assert.That(() => new PolynomialSchedule { BaseRate = 1, Steps = 3, Power = 0 }, Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("Power is 0"));
        Assert.That(() => new PolynomialSchedule { BaseRate = 1, Steps = 3, FinalRate = -1 }, Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("FinalRate is -1"));
        Assert.That(() => new OneCycleSchedule { BaseRate = 1, Steps = 3, RisingShare = 1 }, Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("RisingShare is 1"));
        Assert.That(() => new ConstantSchedule { BaseRate = 1, Steps = 3, WarmUpSteps = 3 }.RateAt(0), Throws.ArgumentException.With.Message.Contains("3 steps of 3"));
        Assert.That(() => new ConstantSchedule { BaseRate = 1, Steps = 3 }.RateAt(-1), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("-1"));
    }
}
