using FastScnn.Torch.Data;

namespace FastScnn.ML;

/// <summary>Splits pixels (<see cref="PixelPlanes"/>), and where the network takes floats normalises them (<see cref="PlaneNormalization"/>), on several threads.</summary>
/// <param name="threads">How many threads may work, 1 or more.</param>
internal sealed unsafe class StripedPlanes(int threads) : StripedWork(Math.Min(threads, MaxThreads))
{
    // More of them wait for the memory.
    private const int MaxThreads = 4;

    private byte* _pixels;
    private byte* _planes;
    private float* _floats;
    private int _length;
    private int _width;
    private int _height;
    private int _stride;
    private PixelLayout _layout;
    private PlaneNormalization? _normalization;

    /// <param name="image">The pixels.</param>
    /// <param name="planes">Three planes of bytes.</param>
    /// <param name="normalization">The values of <paramref name="floats"/>; null where only bytes are wanted.</param>
    /// <param name="floats">Three planes of floats; empty where only bytes are wanted.</param>
    public void Run(PixelSpan image, Span<byte> planes, PlaneNormalization? normalization, Span<float> floats)
    {
        (int width, int height) = (image.Width, image.Height);
        ArgumentOutOfRangeException.ThrowIfLessThan(planes.Length, 3 * width * height);
        if (normalization is not null)
            ArgumentOutOfRangeException.ThrowIfLessThan(floats.Length, 3 * width * height);
        fixed (byte* from = image.Pixels, to = planes)
        fixed (float* normalized = floats)
        {
            _pixels = from;
            _planes = to;
            _floats = normalized;
            _length = image.Pixels.Length;
            (_width, _height, _stride, _layout, _normalization) = (width, height, image.Stride, image.Layout, normalization);
            DoAll(height);
        }
    }

    protected override void Do(int firstRow, int endRow)
    {
        int plane = _width * _height, start = firstRow * _width, length = (endRow - firstRow) * _width;
        var image = new PixelSpan(new ReadOnlySpan<byte>(_pixels, _length), _width, _height, _layout, _stride);
        PixelPlanes.Split(image, new Span<byte>(_planes, 3 * plane), firstRow, endRow);
        for (int c = 0; c < 3 && _normalization is not null; c++)
            _normalization.Apply(c, new ReadOnlySpan<byte>(_planes + c * plane + start, length), new Span<float>(_floats + c * plane + start, length));
    }
}
