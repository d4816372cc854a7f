using System.Text;
using FastScnn.Torch.Data;
using Microsoft.ML.Data;

namespace FastScnn.ML;

/// <summary>Pictures as text that a page can hold.</summary>
internal static class DataUri
{
    /// <summary>A photo as JPEG.</summary>
    public static string Of(PixelBuffer photo)
    {
        // ML.NET encodes into files alone.
        string file = Path.Combine(Path.GetTempPath(), $"fastscnn-{Guid.NewGuid():N}.jpg");
        try
        {
            using (MLImage image = PhotoImage.Create(photo))
                image.Save(file);
            return Of("image/jpeg", File.ReadAllBytes(file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>A map in the colours of its classes, as PNG; what is no class is black.</summary>
    public static string Of(LabelMap map, ClassList classes)
    {
        using var png = new MemoryStream();
        IndexPng.Write(png, map.Width, map.Height, map.Ids.Span, classes);
        return Of("image/png", png.GetBuffer().AsSpan(0, (int)png.Length));
    }

    /// <summary>An SVG picture. As an image it can neither run scripts nor load anything.</summary>
    public static string OfSvg(string svg) => Of("image/svg+xml", Encoding.UTF8.GetBytes(svg));

    private static string Of(string type, ReadOnlySpan<byte> content) => $"data:{type};base64,{Convert.ToBase64String(content)}";
}
