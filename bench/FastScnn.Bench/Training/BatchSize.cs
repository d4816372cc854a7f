namespace FastScnn.Bench.Training;

/// <summary>Images in a batch, and their rows and columns.</summary>
internal readonly record struct BatchSize(int Images, int Height, int Width)
{
    public override string ToString() => $"{Images}x{Height}x{Width}";
}
