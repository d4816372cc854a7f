namespace FastScnn.Torch.Scenes;

/// <summary>What a generated street scene is like.</summary>
public sealed record StreetSceneOptions
{
    /// <summary>The smallest side, in pixels.</summary>
    public const int MinSide = 32;

    /// <summary>The largest side, in pixels.</summary>
    public const int MaxSide = 4096;

    /// <summary>Columns, <see cref="MinSide"/>..<see cref="MaxSide"/>; default 480.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int Width
    {
        get;
        init => field = value is >= MinSide and <= MaxSide ? value : throw Errors.SceneSide(nameof(Width), value);
    } = 480;

    /// <summary>Rows, <see cref="MinSide"/>..<see cref="MaxSide"/>; default 360.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int Height
    {
        get;
        init => field = value is >= MinSide and <= MaxSide ? value : throw Errors.SceneSide(nameof(Height), value);
    } = 360;

    /// <summary>Chooses the street, everything in it, the light and the sensor noise; default 0. Any number is good, and neighbours have nothing in common.</summary>
    public long Seed { get; init; }
}
