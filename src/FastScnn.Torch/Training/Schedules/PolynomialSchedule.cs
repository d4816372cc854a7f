namespace FastScnn.Torch.Training.Schedules;

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
