using Microsoft.ML.OnnxRuntime;

namespace FastScnn.ML;

/// <summary>Shows that a session really runs on its device: ONNX Runtime looks for cuDNN only when the first convolution runs.</summary>
internal static class TrialRun
{
    // Large enough for the network whatever it does to the size inside.
    private const int Side = 128;

    /// <summary>Runs the model on a small picture; one that no photo fits is left to who loads it.</summary>
    /// <exception cref="OnnxRuntimeException">It cannot be run.</exception>
    public static void Run(InferenceSession session)
    {
        if (session.InputMetadata.Count != 1)
            return;
        (string name, NodeMetadata input) = session.InputMetadata.First();
        if (!input.IsTensor || input.Dimensions is not [var batch, var planes, var rows, var columns])
            return;
        long[] shape = [Known(batch, 1), Known(planes, 3), Known(rows, Side), Known(columns, Side)];
        using OrtValue image = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, input.ElementDataType, shape);
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> scores = session.Run(options, [name], [image], session.OutputNames);
    }

    private static int Known(int dimension, int other) => dimension > 0 ? dimension : other;
}
