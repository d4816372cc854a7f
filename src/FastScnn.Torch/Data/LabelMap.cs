namespace FastScnn.Torch.Data;

/// <summary>One class id for every pixel of an image, row by row from the top left.</summary>
public sealed class LabelMap
{
    private readonly byte[] _ids;

    /// <summary>Wraps an array of ids without copying it.</summary>
    /// <param name="width">Columns, 1 or more.</param>
    /// <param name="height">Rows, 1 or more.</param>
    /// <param name="ids"><paramref name="width"/> x <paramref name="height"/> ids, row-major. The map owns the array
    /// from now on.</param>
    /// <exception cref="ArgumentException">A side is less than 1, or the number of ids is not width x
    /// height.</exception>
    public LabelMap(int width, int height, byte[] ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        if (width < 1 || height < 1 || ids.LongLength != (long)width * height)
            throw Throw.LabelMapSize(width, height, ids.LongLength);
        (Width, Height, _ids) = (width, height, ids);
    }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>The ids, <see cref="Width"/> x <see cref="Height"/>, row-major.</summary>
    public ReadOnlyMemory<byte> Ids => _ids;

    /// <summary>The id of one pixel.</summary>
    /// <param name="x">Column, 0..<see cref="Width"/>-1.</param>
    /// <param name="y">Row, 0..<see cref="Height"/>-1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The pixel is outside the map.</exception>
    public byte this[int x, int y]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)x, (uint)Width, nameof(x));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)y, (uint)Height, nameof(y));
            return _ids[y * Width + x];
        }
    }
}
