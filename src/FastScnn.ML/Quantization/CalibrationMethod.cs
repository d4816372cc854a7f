namespace FastScnn.ML;

/// <summary>How <see cref="FastScnnQuantizer"/> chooses the range of values that 8 bits cover.</summary>
public enum CalibrationMethod
{
    /// <summary>Leaves out the few most extreme values; see <see cref="QuantizationOptions.Percentile"/>.</summary>
    Percentile,

    /// <summary>From the smallest to the largest value that was seen.</summary>
    MinMax,
}
