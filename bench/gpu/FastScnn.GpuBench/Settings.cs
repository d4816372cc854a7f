namespace FastScnn.GpuBench;

/// <summary>What to run, and where.</summary>
internal sealed record Settings
{
    public required bool Cpu { get; init; }

    public required int Device { get; init; }

    public required int Height { get; init; }

    public required int Width { get; init; }

    public required int Rounds { get; init; }

    /// <summary>In TB/s.</summary>
    public required double Bandwidth { get; init; }

    public required string Weights { get; init; }

    /// <summary>A regular expression that the names of the ways must match.</summary>
    public required string Only { get; init; }

    /// <summary>Folder for the image and its mask, which PyTorch then also makes; null for none.</summary>
    public required string? Exchange { get; init; }

    public required string? Output { get; init; }
}
