using System.Buffers;
using Microsoft.ML.OnnxRuntime;

namespace FastScnn.ML;

/// <summary>A photo as the network takes it: three planes in pooled memory, resized where the network cannot take the photo's own size.</summary>
internal sealed class PhotoInput : IDisposable
{
    private readonly List<byte[]> _bytes = [];
    private float[]? _floats;

    public PhotoInput(ReadOnlySpan<byte> pixels, int width, int height, int stride, PixelLayout layout, SegmentationModel model)
    {
        (int inputWidth, int inputHeight) = model.InputSize(width, height);
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
