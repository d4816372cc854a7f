namespace FastScnn.Torch.Training.Schedules;

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
