using FastScnn.Torch.Onnx;

namespace FastScnn.ML;

internal static partial class Errors
{
    public static ArgumentOutOfRangeException UnknownCalibrationMethod(CalibrationMethod method) =>
        new(nameof(QuantizationOptions.Method), method, "There is no such method; there are Percentile and MinMax.");

    public static ArgumentOutOfRangeException CalibrationPercentile(double percentile) =>
        new(nameof(QuantizationOptions.Percentile), Invariant($"A percentile of {percentile}; expected above 50 and up to 100."));

    public static ArgumentException NoCalibrationPhotos() =>
        new("No photos to measure on; expected one or more like those that the model will see.", "photos");

    public static InvalidDataException CalibrationPhotoSmall(string name, int width, int height, double inputScale) =>
        new(Invariant($"'{name}' has {width} x {height} pixels; the network (which sees it at {inputScale} times its size) needs {FastScnn.Torch.Network.FastScnnNetwork.MinimumSize} or more on a side."));

    public static InvalidDataException CalibrationNotFinite(string layer, string name) =>
        new($"The layer '{layer}' gives values that are not finite for '{name}', so its range cannot be measured; expected weights that were trained without faults.");
}
