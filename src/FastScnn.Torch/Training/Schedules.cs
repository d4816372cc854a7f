using System.Diagnostics.CodeAnalysis;
using static System.FormattableString;

namespace FastScnn.Torch.Training;

/// <summary>The learning rate of each optimizer step, as a function of the step and the number of all steps alone: to
/// resume a run, nothing of it need be stored. Make one with <see cref="Polynomial"/>, <see cref="Cosine"/>,
/// <see cref="OneCycle"/> or <see cref="Constant"/>.</summary>
// A recipe names all settings, by reflection.
[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)]
public abstract record LearningRateSchedule
{
    /// <summary>Sets the base rate.</summary>
    /// <param name="baseRate">See <see cref="BaseRate"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is out of range.</exception>
    protected LearningRateSchedule(double baseRate) => BaseRate = baseRate;

    /// <summary>Gets the highest learning rate, above 0 and finite in single precision, which optimizers compute
    /// in.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double BaseRate
    {
        get;
        init => field = value is > 0 and <= float.MaxValue ? value
            : throw Throw.OutOfRange(nameof(BaseRate), value, "above 0 and finite in single precision");
    }

    /// <summary>Gets the number of steps at the start in which the rate rises linearly, 0 or more and fewer than all
    /// steps; the schedule itself takes the remaining steps. Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is below 0.</exception>
    public long WarmUpSteps { get; init => field = Check.AtLeast(value, 0); }

    /// <summary>Gets the largest fraction of all steps that <see cref="WarmUpSteps"/> may take, 0 to 1; they are cut to
    /// it. Default: 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double MaxWarmUpFraction { get; init => field = Check.Range(value, 0, 1); } = 1;

    /// <summary>Gets the rate of step 0 of the warm-up as a fraction of the rate after it, 0 to 1. Default:
    /// 0.01.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double WarmUpFactor { get; init => field = Check.Range(value, 0, 1); } = 0.01;

    /// <summary>Falls from the base to the final rate by (1 - i / (n - 1))^power at step i of n ("poly"), as in DeepLab
    /// (arXiv:1606.00915) and Tramac/Fast-SCNN-pytorch: the last step has the final rate exactly.</summary>
    /// <param name="baseRate">See <see cref="BaseRate"/>.</param>
    /// <param name="power">The exponent, above 0.</param>
    /// <param name="finalRate">The rate of the last step, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public static LearningRateSchedule Polynomial(double baseRate, double power = 0.9, double finalRate = 0) =>
        power is > 0 and < double.PositiveInfinity
            ? new PolynomialSchedule(baseRate, power, CheckFinal(finalRate))
            : throw Throw.OutOfRange(nameof(power), power, "above 0 and finite");

    /// <summary>Falls from the base to the final rate along half a cosine, once, without restarts (SGDR,
    /// arXiv:1608.03983). The last step has the final rate.</summary>
    /// <param name="baseRate">See <see cref="BaseRate"/>.</param>
    /// <param name="finalRate">The rate of the last step, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public static LearningRateSchedule Cosine(double baseRate, double finalRate = 0) =>
        new CosineSchedule(baseRate, CheckFinal(finalRate));

    /// <summary>Rises from a low rate to the base rate and falls to a far lower one, each along half a cosine (Smith,
    /// Topin: "Super-Convergence", arXiv:1708.07120); the rates of PyTorch's <c>OneCycleLR</c>. A warm-up comes before
    /// it and ends at its low first rate.</summary>
    /// <param name="baseRate">See <see cref="BaseRate"/>.</param>
    /// <param name="risingFraction">The fraction of the steps in which the rate rises, above 0 and below 1.</param>
    /// <param name="startDivisor">The base rate divided by the first rate, 1 or more.</param>
    /// <param name="finalDivisor">The first rate divided by the last rate, 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public static LearningRateSchedule OneCycle(double baseRate, double risingFraction = 0.3, double startDivisor = 25,
        double finalDivisor = 10_000)
    {
        if (risingFraction is not (> 0 and < 1))
            throw Throw.OutOfRange(nameof(risingFraction), risingFraction, "above 0 and below 1");
        if (startDivisor is not (>= 1 and < double.PositiveInfinity))
            throw Throw.OutOfRange(nameof(startDivisor), startDivisor, "1 or more and finite");
        if (finalDivisor is not (>= 1 and < double.PositiveInfinity))
            throw Throw.OutOfRange(nameof(finalDivisor), finalDivisor, "1 or more and finite");
        return new OneCycleSchedule(baseRate, risingFraction, startDivisor, finalDivisor);
    }

    /// <summary>Has the base rate at every step after the warm-up.</summary>
    /// <param name="baseRate">See <see cref="BaseRate"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public static LearningRateSchedule Constant(double baseRate) => new ConstantSchedule(baseRate);

    /// <summary>Computes the learning rate of a step.</summary>
    /// <param name="step">The number of steps done before, from 0; from <paramref name="steps"/> on the rate stays that
    /// of the last step.</param>
    /// <param name="steps">The number of steps of the whole training, 1 or more.</param>
    /// <returns>The rate, 0 or more.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    /// <exception cref="ArgumentException">The warm-up leaves no step.</exception>
    public double RateAt(long step, long steps)
    {
        if (steps < 1) throw Throw.OutOfRange(nameof(steps), steps, "1 or more");
        if (step < 0) throw new ArgumentOutOfRangeException(nameof(step), step,
            Invariant($"Steps are counted from 0; {step} is none."));
        long warmUp = MaxWarmUpFraction < 1 ? Math.Min(WarmUpSteps, (long)(MaxWarmUpFraction * steps)) : WarmUpSteps;
        if (warmUp >= steps)
            throw new ArgumentException(Invariant($"The warm-up takes {warmUp} steps of {steps}; it must leave one ")
                + "step or more.");
        long last = steps - warmUp - 1;
        return step >= warmUp
            ? MainRate(Math.Min(step - warmUp, last), last)
            : MainRate(0, last) * (WarmUpFactor + (1 - WarmUpFactor) * step / warmUp);
    }

    /// <summary>Computes the learning rate without warm-up.</summary>
    /// <param name="step">The step, 0 to <paramref name="last"/>.</param>
    /// <param name="last">The last step, 0 or more.</param>
    protected abstract double MainRate(long step, long last);

    // How much of the steps is done, 0 to 1; 0 for a training of one step.
    private static double Progress(long step, long last) => last == 0 ? 0 : (double)step / last;

    private static double CheckFinal(double finalRate) =>
        finalRate is >= 0 and < double.PositiveInfinity ? finalRate
            : throw Throw.OutOfRange(nameof(finalRate), finalRate, "0 or more and finite");

    private sealed record PolynomialSchedule(double BaseRate, double Power,
        double FinalRate) : LearningRateSchedule(BaseRate)
    {
        protected override double MainRate(long step, long last) =>
            FinalRate + (BaseRate - FinalRate) * Math.Pow(1 - Progress(step, last), Power);
    }

    private sealed record CosineSchedule(double BaseRate, double FinalRate) : LearningRateSchedule(BaseRate)
    {
        protected override double MainRate(long step, long last) =>
            FinalRate + (BaseRate - FinalRate) * (1 + Math.Cos(Math.PI * Progress(step, last))) / 2;
    }

    private sealed record OneCycleSchedule(double BaseRate, double RisingFraction, double StartDivisor,
        double FinalDivisor) : LearningRateSchedule(BaseRate)
    {
        protected override double MainRate(long step, long last)
        {
            double first = BaseRate / StartDivisor;
            // PyTorch's count: the fraction is of all steps, and the peak one step earlier. It may fall between two
            // steps.
            double peak = Math.Clamp(RisingFraction * (last + 1) - 1, 0, last);
            return step <= peak && peak > 0
                ? Between(first, BaseRate, step / peak)
                : Between(BaseRate, first / FinalDivisor, last == peak ? 0 : (step - peak) / (last - peak));
        }

        private static double Between(double from, double to, double share) =>
            to + (from - to) * (1 + Math.Cos(Math.PI * share)) / 2;
    }

    private sealed record ConstantSchedule(double BaseRate) : LearningRateSchedule(BaseRate)
    {
        protected override double MainRate(long step, long last) => BaseRate;
    }
}
