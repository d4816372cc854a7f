using System.Globalization;
using System.Text.Json;
using FastScnn.Testing;
using FastScnn.Torch.Training;

namespace FastScnn.Torch.Tests.Training;

/// <summary>Learning rates by step.</summary>
public class ScheduleTests
{
    private static readonly LearningRateSchedule[] s_all =
    [
        LearningRateSchedule.Polynomial(0.1), LearningRateSchedule.Cosine(0.1), LearningRateSchedule.OneCycle(0.1),
        LearningRateSchedule.Constant(0.1),
    ];

    [Test]
    public void Poly_equals_the_reference_implementation()
    {
        LearningRateSchedule schedule = LearningRateSchedule.Polynomial(0.01);
        JsonElement golden =
            JsonDocument.Parse(File.ReadAllText(TestFiles.Golden("golden.json"))).RootElement.GetProperty(
                "poly_lr_base0.01_100iters_power0.9");

        foreach (JsonProperty rate in golden.EnumerateObject())
            Assert.That(schedule.RateAt(long.Parse(rate.Name, CultureInfo.InvariantCulture), 100),
                Is.EqualTo(rate.Value.GetDouble()).Within(1e-17), $"step {rate.Name}");
        Assert.That(schedule.RateAt(99, 100), Is.Zero);
    }

    [Test]
    public void Poly_ends_at_its_final_rate() => Assert.That(
        new long[] { 0, 5, 10 }.Select(step =>
            LearningRateSchedule.Polynomial(0.01, power: 2, finalRate: 0.002).RateAt(step, 11)),
        Is.EqualTo(new[] { 0.01, 0.002 + 0.008 / 4, 0.002 }).Within(1e-17));

    [TestCase(0, 0.1)]
    [TestCase(33, 0.075 + 0.025 * 0.1)]
    [TestCase(66, 0.025 + 0.075 * 0.1)]
    [TestCase(99, 0.01)]
    [TestCase(1000, 0.01)]
    public void Cosine_has_its_thirds_at_three_and_one_quarters(long step, double rate) =>
        Assert.That(LearningRateSchedule.Cosine(0.1, 0.01).RateAt(step, 100), Is.EqualTo(rate).Within(1e-16));

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
        Assert.That(LearningRateSchedule.OneCycle(0.1).RateAt(step, 100), Is.EqualTo(rate).Within(1e-16));

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    [TestCase(5)]
    public void One_cycle_of_few_steps_starts_and_ends_within_its_rates(long steps)
    {
        double[] rates =
        [
            .. Enumerable.Range(0, (int)steps).Select(step => LearningRateSchedule.OneCycle(0.1).RateAt(step, steps))
        ];

        Assert.That(rates, Has.All.InRange(4e-7 * 0.999, 0.1));
        if (steps > 1) Assert.That(rates[^1], Is.EqualTo(4e-7).Within(1e-16));
    }

    [TestCaseSource(nameof(s_all))]
    public void Warm_up_rises_linearly_to_the_schedule_that_takes_the_other_steps(LearningRateSchedule schedule)
    {
        LearningRateSchedule warm = schedule with { WarmUpSteps = 10, WarmUpFactor = 0.2 };
        double start = schedule.RateAt(0, 100);

        Assert.That(warm.RateAt(0, 110), Is.EqualTo(0.2 * start).Within(1e-16));
        Assert.That(warm.RateAt(5, 110), Is.EqualTo(0.6 * start).Within(1e-16));
        Assert.That(warm.RateAt(9, 110), Is.EqualTo(0.92 * start).Within(1e-16));
        double[] rates = [.. Enumerable.Range(0, 121).Select(step => schedule.RateAt(step, 100))];
        Assert.That(Enumerable.Range(10, 121).Select(step => warm.RateAt(step, 110)), Is.EqualTo(rates));
        Assert.That(rates.Max(), Is.EqualTo(0.1).Within(1e-16));
        Assert.That(rates[100], Is.EqualTo(rates[99]), "past the end the last rate stays");
        Assert.That(schedule.RateAt(0, 1), Is.EqualTo(0.1), "one step has a rate");
    }

    [TestCase(1000, 20)]
    [TestCase(200, 20)]
    [TestCase(70, 7)]
    [TestCase(9, 0)]
    public void A_warm_up_takes_no_more_than_its_fraction_of_the_steps(long steps, long warmUp)
    {
        LearningRateSchedule schedule = LearningRateSchedule.Constant(1) with
        {
            WarmUpSteps = 20,
            MaxWarmUpFraction = 0.1
        };

        Assert.That(Enumerable.Range(0, (int)steps).Count(step => schedule.RateAt(step, steps) < 1),
            Is.EqualTo(warmUp));
    }

    [Test]
    public void Values_out_of_range_are_refused()
    {
        LearningRateSchedule one = LearningRateSchedule.Constant(1);
        (Func<object> Make, string Message)[] cases =
        [
            (() => LearningRateSchedule.Constant(0), "BaseRate is 0"),
            (() => LearningRateSchedule.Constant(double.NaN), "BaseRate is NaN"),
            (() => one with { WarmUpFactor = 1.1 }, "WarmUpFactor is 1.1"),
            (() => one with { WarmUpSteps = -1 }, "WarmUpSteps is -1"),
            (() => one with { MaxWarmUpFraction = -1 }, "MaxWarmUpFraction is -1"),
            (() => LearningRateSchedule.Polynomial(1, power: 0), "power is 0"),
            (() => LearningRateSchedule.Polynomial(1, finalRate: -1), "finalRate is -1"),
            (() => LearningRateSchedule.OneCycle(1, risingFraction: 1), "risingFraction is 1"),
            (() => one.RateAt(-1, 3), "-1"),
            (() => one.RateAt(0, 0), "steps is 0"),
        ];
        Assert.Multiple(() =>
        {
            foreach ((Func<object> make, string message) in cases)
                Assert.That(() => make(), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains(message));
            Assert.That(() => (one with { WarmUpSteps = 3 }).RateAt(0, 3),
                Throws.ArgumentException.With.Message.Contains("3 steps of 3"));
        });
    }
}
