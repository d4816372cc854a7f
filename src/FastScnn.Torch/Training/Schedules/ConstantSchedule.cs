namespace FastScnn.Torch.Training.Schedules;

/// <summary>The base rate at every step after the warm-up.</summary>
public sealed record ConstantSchedule : LearningRateSchedule
{
    /// <inheritdoc/>
    protected override double MainRate(long step, long last) => BaseRate;
}
