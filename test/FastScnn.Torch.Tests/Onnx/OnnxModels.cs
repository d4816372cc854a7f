using FastScnn.Testing;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace FastScnn.Torch.Tests.Onnx;

/// <summary>Exports the golden checkpoint and runs the result in ONNX Runtime.</summary>
internal static class OnnxModels
{
    private static readonly Lazy<Checkpoint> s_goldenCheckpoint =
        new(() => Checkpoint.Load(TestFiles.Golden("ref19.pth")));

    private static readonly Lazy<Checkpoint> s_camVidCheckpoint =
        new(() => Checkpoint.Load(TestFiles.Shared("reference", "camvid-pytorch-60ep.pth")));

    public static Checkpoint Golden => s_goldenCheckpoint.Value;

    /// <summary>Trained weights.</summary>
    public static Checkpoint CamVid => s_camVidCheckpoint.Value;

    public static byte[] Export(OnnxExportOptions options, Checkpoint? checkpoint = null)
    {
        using var stream = new MemoryStream();
        OnnxExporter.Export(checkpoint ?? Golden, stream, options);
        return stream.ToArray();
    }

    /// <summary>A session on the CPU; dimensions are fixed by name, as <c>("H", 128)</c>.</summary>
    public static InferenceSession Open(byte[] model, params (string Name, int Value)[] dimensions)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 2 };
        foreach ((string name, int value) in dimensions)
            options.AddFreeDimensionOverrideByName(name, value);
        return new InferenceSession(model, options);
    }

    public static (float[] Values, long[] Shape) Run<T>(InferenceSession session, T[] image, long[] shape)
        where T : unmanaged
    {
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(image, shape);
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(options, [session.InputNames[0]], [input],
            [session.OutputNames[0]]);
        return (outputs[0].GetTensorDataAsSpan<float>().ToArray(), outputs[0].GetTensorTypeAndShape().Shape);
    }

    /// <summary>Asserts that no value is further away than 1e-4 x max(1, max|expected|).</summary>
    public static void AssertClose(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected, string what = "logits")
    {
        Assert.That(actual.Length, Is.EqualTo(expected.Length), what);
        float largest = 1, difference = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs(expected[i]));
            float d = Math.Abs(actual[i] - expected[i]);
            difference = float.IsNaN(d) ? float.PositiveInfinity : Math.Max(difference, d);
        }
        Assert.That(difference, Is.LessThanOrEqualTo(1e-4f * largest),
            $"{what}: largest difference, where values reach {largest}");
    }

    /// <summary>Every <paramref name="step"/>th row and column of an NCHW tensor.</summary>
    public static float[] Every(int step, float[] values, long[] shape)
    {
        int height = (int)shape[2], width = (int)shape[3];
        var taken = new List<float>();
        for (int plane = 0; plane < shape[0] * shape[1]; plane++)
            for (int y = 0; y < height; y += step)
                for (int x = 0; x < width; x += step)
                    taken.Add(values[(plane * height + y) * width + x]);
        return [.. taken];
    }

    /// <summary>The lowest channel with the largest value, for every pixel of an NCHW tensor.</summary>
    public static byte[] ArgMax(float[] values, long[] shape)
    {
        int area = (int)(shape[2] * shape[3]), channels = (int)shape[1];
        var winners = new byte[shape[0] * area];
        for (int i = 0; i < winners.Length; i++)
        {
            int first = i / area * channels * area + i % area;
            for (int channel = 1; channel < channels; channel++)
                if (values[first + channel * area] > values[first + winners[i] * area])
                    winners[i] = (byte)channel;
        }
        return winners;
    }

    /// <summary>Asserts that two arg-max maps agree in more than 99.99 % of the pixels.</summary>
    public static void AssertAgree(byte[] actual, byte[] expected)
    {
        Assert.That(actual, Has.Length.EqualTo(expected.Length));
        int different = actual.Zip(expected).Count(pair => pair.First != pair.Second);
        Assert.That((double)different / expected.Length, Is.LessThanOrEqualTo(1e-4),
            $"{different} of {expected.Length} pixels differ");
    }
}
