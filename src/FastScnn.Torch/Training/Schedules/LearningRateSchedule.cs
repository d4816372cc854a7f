namespace FastScnn.Torch.Training.Schedules;

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
