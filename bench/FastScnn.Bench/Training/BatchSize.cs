using System.Globalization;

namespace FastScnn.Bench.Training;

/// <summary>Images in a batch, and their rows and columns.</summary>
internal readonly record struct BatchSize(int Images, int Height, int Width)
{
    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    public static BatchSize Parse(string text) =>
        text.Split('x').Select(part => int.Parse(part, CultureInfo.InvariantCulture)).ToArray()
            is [var images, var height, var width] ? new(images, height, width)
            : throw new FormatException($"'{text}' is no batch size, such as 8x320x416.");

    public override string ToString() => $"{Images}x{Height}x{Width}";
}
