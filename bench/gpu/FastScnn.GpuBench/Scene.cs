using FastScnn.ML.Imaging;
using FastScnn.Scenes;
using FastScnn.Torch;
using FastScnn.Torch.Data;
using FastScnn.Torch.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace FastScnn.GpuBench;

/// <summary>A drawn street as either graph takes it.</summary>
internal sealed class Scene
{
    private readonly byte[] _planes;
    private readonly float[] _normalized;
    private readonly long[] _shape;

    public Scene(int height, int width, int seed, Normalization normalization)
    {
        Image = StreetScene.Generate(new StreetSceneOptions { Height = height, Width = width, Seed = seed }).Image;
        _shape = [1, 3, height, width];
        int area = height * width;
        ReadOnlySpan<byte> rgb = Image.ToRgb24().Pixels.Span;
        _planes = new byte[3 * area];
        _normalized = new float[3 * area];
        for (int i = 0; i < _planes.Length; i++)
        {
            int channel = i / area;
            _planes[i] = rgb[3 * (i % area) + channel];
            _normalized[i] = (_planes[i] / 255f - normalization.Mean[channel]) / normalization.Std[channel];
        }
    }

    public PixelBuffer Image { get; }

    /// <summary>The input of a graph, in the processor's memory; the caller disposes it.</summary>
    public OrtValue Tensor(OnnxGraph graph) =>
        graph == OnnxGraph.Scoring ? OrtValue.CreateTensorValueFromMemory(_planes, _shape)
            : OrtValue.CreateTensorValueFromMemory(_normalized, _shape);
}
