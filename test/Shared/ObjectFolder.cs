namespace FastScnn.Testing;

/// <summary>A data set of two classes as small as one can be: images of 128 x 96 of noise, six to train and three to
/// validate, and an object in each.</summary>
internal static class ObjectFolder
{
    public const int Width = 128, Height = 96, ObjectPixels = 50 * 50;

    /// <summary>Writes the images, the class list and, through <paramref name="mask"/>, the masks.</summary>
    /// <param name="mask">Writes one mask; told the path and whether a pixel shows the object.</param>
    /// <param name="colors">The colours of "background" and "object"; default: red and green.</param>
    /// <returns>The root.</returns>
    public static string Write(Action<string, Func<int, int, bool>> mask,
        (int[] Background, int[] Object)? colors = null)
    {
        string root = TestFiles.NewFolder();
        (int[] background, int[] foreground) = colors ?? ([255, 0, 0], [0, 255, 0]);
        File.WriteAllText(
            Path.Combine(root, "classes.json"),
            $$"""{ "classes": [ { "name": "background", "color": [{{string.Join(',', background)}}] }, { "name": "object", "color": [{{string.Join(',', foreground)}}] } ] }""");
        foreach ((string split, int count) in new[] { ("train", 6), ("val", 3) })
        {
            for (int i = 0; i < count; i++)
            {
                Random random = new(i);
                RawPng.Write(Image(root, split, i), Width, Height, RawPng.Rgb, 8,
                    (_, _) => [random.Next(256), random.Next(256), random.Next(256)]);
                mask(Mask(root, split, i), IsObject);
            }
        }
        return root;
    }

    public static string Image(string root, string split, int number) =>
        Path.Combine(root, "images", split, $"p{number}.png");

    public static string Mask(string root, string split, int number) =>
        Path.Combine(root, "masks", split, $"p{number}.png");

    /// <summary>A mask of grey values.</summary>
    public static Action<string, Func<int, int, bool>> Grey(int background, int foreground) =>
        (path, isObject) => RawPng.Write(path, Width, Height, RawPng.Grey, 8,
            (x, y) => [isObject(x, y) ? foreground : background]);

    /// <summary>A mask of pixels of several channels.</summary>
    public static Action<string, Func<int, int, bool>> Channels(byte kind, int[] background, int[] foreground,
        int depth = 8) =>
        (path, isObject) => RawPng.Write(path, Width, Height, kind, depth,
            (x, y) => isObject(x, y) ? foreground : background);

    private static bool IsObject(int x, int y) => x is >= 40 and < 90 && y is >= 20 and < 70;
}
