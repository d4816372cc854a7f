namespace FastScnn.Torch.Training;

/// <summary>
/// The learning rate of each optimizer step, as a function of the step alone: to resume a run, nothing of it need be stored.
/// </summary>
public abstract record LearningRateSchedule
{
    /// <summary>The highest learning rate, above 0 and finite in single precision, which optimizers compute in.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public required double BaseRate
    {
        get;
        init => field = value is > 0 and <= float.MaxValue ? value : throw Errors.Option(nameof(BaseRate), value, "above 0 and finite in single precision");
    }

    /// <summary>The number of steps of the whole training, 1 or more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public required long Steps
    {
        get;
        init => field = value >= 1 ? value : throw Errors.Option(nameof(Steps), value, "1 or more");
    }

    /// <summary>
    /// For how many of the <see cref="Steps"/> the rate first rises linearly, 0 or more and fewer than <see cref="Steps"/>; the
    /// schedule itself takes the steps that are left. Default: 0.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is below 0.</exception>
    public long WarmUpSteps
    {
        get;
        init => field = value >= 0 ? value : throw Errors.Option(nameof(WarmUpSteps), value, "0 or more");
    }

    /// <summary>The rate of step 0 of the warm-up as a share of the rate after it, 0 to 1. Default: 0.01.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double WarmUpFactor
    {
        get;
        init => field = value is >= 0 and <= 1 ? value : throw Errors.Option(nameof(WarmUpFactor), value, "0 to 1");
    } = 0.01;

    /// <summary>The learning rate of a step.</summary>
    /// <param name="step">The number of steps done before, from 0; from <see cref="Steps"/> on the rate stays that of the last step.</param>
    /// <returns>The rate, 0 or more.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="step"/> is below 0.</exception>
    /// <exception cref="ArgumentException">The warm-up leaves no step.</exception>
    public double RateAt(long step)
    {
        if (step < 0) throw Errors.NegativeStep(step);
        if (WarmUpSteps >= Steps) throw Errors.WarmUpTooLong(WarmUpSteps, Steps);
        long last = Steps - WarmUpSteps - 1;
        if (step >= WarmUpSteps) return MainRate(Math.Min(step - WarmUpSteps, last), last);
        return MainRate(0, last) * (WarmUpFactor + (1 - WarmUpFactor) * step / WarmUpSteps);
    }

    /// <summary>The learning rate without warm-up.</summary>
    /// <param name="step">The step, 0 to <paramref name="last"/>.</param>
    /// <param name="last">The last step, 0 or more.</param>
    /// <returns>The rate.</returns>
    protected abstract double MainRate(long step, long last);

    /// <summary>How much of the steps is done, 0 to 1; 0 for a training of one step.</summary>
    private protected static double Progress(long step, long last) => last == 0 ? 0 : (double)step / last;
}

/// <summary>
/// Falls from the base to the final rate by (1 - i / (n - 1))^power at step i of n ("poly"), as DeepLab (arXiv:1606.00915) and
/// Tramac/Fast-SCNN-pytorch have it: the last step has the final rate exactly.
/// </summary>
public sealed record PolynomialSchedule : LearningRateSchedule
{
    /// <summary>The exponent, above 0. Default: 0.9.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double Power
    {
        get;
        init => field = value is > 0 and < double.PositiveInfinity ? value : throw Errors.Option(nameof(Power), value, "above 0 and finite");
    } = 0.9;

    /// <summary>The rate of the last step, 0 or more. Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double FinalRate
    {
        get;
        init => field = value is >= 0 and < double.PositiveInfinity ? value : throw Errors.Option(nameof(FinalRate), value, "0 or more and finite");
    }

    /// <inheritdoc/>
    protected override double MainRate(long step, long last) => FinalRate + (BaseRate - FinalRate) * Math.Pow(1 - Progress(step, last), Power);
}

/// <summary>
/// Falls from the base to the final rate along half a cosine, once, without restarts (SGDR, arXiv:1608.03983). The last step has the final rate.
/// </summary>
public sealed record CosineSchedule : LearningRateSchedule
{
    /// <summary>The rate of the last step, 0 or more. Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double FinalRate
    {
        get;
        init => field = value is >= 0 and < double.PositiveInfinity ? value : throw Errors.Option(nameof(FinalRate), value, "0 or more and finite");
    }

    /// <inheritdoc/>
    protected override double MainRate(long step, long last) =>
        FinalRate + (BaseRate - FinalRate) * (1 + Math.Cos(Math.PI * Progress(step, last))) / 2;
}

/// <summary>
/// Rises from a low rate to the base rate and falls to a far lower one, each along half a cosine (Smith, Topin: "Super-Convergence",
/// arXiv:1708.07120); the rates of PyTorch's <c>OneCycleLR</c>. A warm-up comes before it and ends at its low first rate.
/// </summary>
public sealed record OneCycleSchedule : LearningRateSchedule
{
    /// <summary>The share of the steps in which the rate rises, above 0 and below 1. Default: 0.3.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double RisingShare
    {
        get;
        init => field = value is > 0 and < 1 ? value : throw Errors.Option(nameof(RisingShare), value, "above 0 and below 1");
    } = 0.3;

    /// <summary>How many times the first rate goes into the base rate, 1 or more. Default: 25.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double StartDivisor
    {
        get;
        init => field = value is >= 1 and < double.PositiveInfinity ? value : throw Errors.Option(nameof(StartDivisor), value, "1 or more and finite");
    } = 25;

    /// <summary>How many times the last rate goes into the first, 1 or more. Default: 10,000.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double FinalDivisor
    {
        get;
        init => field = value is >= 1 and < double.PositiveInfinity ? value : throw Errors.Option(nameof(FinalDivisor), value, "1 or more and finite");
    } = 10_000;

    /// <inheritdoc/>
    protected override double MainRate(long step, long last)
    {
        double first = BaseRate / StartDivisor;
        // PyTorch's count: the share is of all steps, and the peak one step earlier. It may fall between two steps.
        double peak = Math.Clamp(RisingShare * (last + 1) - 1, 0, last);
        return step <= peak && peak > 0
            ? Between(first, BaseRate, step / peak)
            : Between(BaseRate, first / FinalDivisor, last == peak ? 0 : (step - peak) / (last - peak));
    }

    private static double Between(double from, double to, double share) => to + (from - to) * (1 + Math.Cos(Math.PI * share)) / 2;
}

/// <summary>The base rate at every step after the warm-up.</summary>
public sealed record ConstantSchedule : LearningRateSchedule
{
    /// <inheritdoc/>
    protected override double MainRate(long step, long last) => BaseRate;
}
