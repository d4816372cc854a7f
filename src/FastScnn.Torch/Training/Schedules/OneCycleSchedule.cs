namespace FastScnn.Torch.Training.Schedules;

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
