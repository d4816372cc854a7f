namespace FastScnn.ML;

/// <summary>What <see cref="FastScnnQuantizer"/> has done so far.</summary>
/// <param name="Photos">How many photos were measured.</param>
public readonly record struct QuantizationProgress(int Photos);
