using System.Buffers;
using Microsoft.ML.OnnxRuntime;

namespace FastScnn.ML;

/// <summary>A photo as the network takes it: three planes in pooled memory, resized where the network cannot take the photo's own size.</summary>
internal sealed class PhotoInput : IDisposable
{
    private readonly List<byte[]> _bytes = [];
    private float[]? _floats;

    /// <param name="pixels">The first pixel, and what follows it.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="stride">Bytes from row to row.</param>
    /// <param name="layout">What the bytes of a pixel mean.</param>
    /// <param name="model">What takes the photo.</param>
    /// <param name="scale">How much larger than the photo the network is to see it.</param>
    /// <param name="mirrored">Whether left and right are exchanged.</param>
    public PhotoInput(
        ReadOnlySpan<byte> pixels, int width, int height, int stride, PixelLayout layout, SegmentationModel model, double scale = 1, bool mirrored = false)
    {
        (int inputWidth, int inputHeight) = model.InputSize(Scaled(width, scale), Scaled(height, scale));
        long[] shape = [1, 3, inputHeight, inputWidth];
        int size = 3 * inputWidth * inputHeight;

        byte[] planes = Rent(3 * width * height);
        PixelPlanes.Split(pixels, width, height, stride, layout, planes);
        if ((inputWidth, inputHeight) != (width, height))
        {
            byte[] resized = Rent(size);
            PlaneResize.Bilinear(planes, width, height, resized, inputWidth, inputHeight);
            planes = resized;
        }
        if (mirrored)
            PixelPlanes.Mirror(planes.AsSpan(0, size), inputWidth);
        if (model.Normalization is { } normalization)
        {
            _floats = ArrayPool<float>.Shared.Rent(size);
            PixelPlanes.Normalize(planes.AsSpan(0, size), normalization, _floats);
            Tensor = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, _floats.AsMemory(0, size), shape);
        }
        else
        {
            Tensor = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, planes.AsMemory(0, size), shape);
        }
    }

    public OrtValue Tensor { get; }

    /// <summary>The length of a scaled side, in pixels.</summary>
    public static int Scaled(int side, double scale) => Math.Max(1, (int)Math.Round(side * scale));

    public void Dispose()
    {
        Tensor.Dispose();
        foreach (byte[] array in _bytes)
            ArrayPool<byte>.Shared.Return(array);
        _bytes.Clear();
        if (_floats is not null)
            ArrayPool<float>.Shared.Return(_floats);
        _floats = null;
    }

    private byte[] Rent(int size)
    {
        byte[] array = ArrayPool<byte>.Shared.Rent(size);
        _bytes.Add(array);
        return array;
    }
}
