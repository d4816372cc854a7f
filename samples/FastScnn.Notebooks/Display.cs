using Microsoft.ML.Data;

namespace FastScnn.Notebooks;

/// <summary>What the cells can call beside the libraries.</summary>
public sealed class Display
{
    internal List<Output> Outputs { get; } = [];

    /// <summary>Shows an image, an image file (.svg, .png or .jpg as a FileInfo), or anything else as text.</summary>
    public void display(object value)
    {
        switch (value)
        {
            case MLImage image:
                string file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.jpg");
                image.Save(file);
                Outputs.Add(new Output("image/jpeg", Convert.ToBase64String(File.ReadAllBytes(file))));
                File.Delete(file);
                break;
            case FileInfo { Extension: ".svg" } image:
                Outputs.Add(new Output("image/svg+xml", File.ReadAllText(image.FullName)));
                break;
            case FileInfo { Extension: ".png" or ".jpg" } image:
                Outputs.Add(new Output(image.Extension == ".png" ? "image/png" : "image/jpeg",
                    Convert.ToBase64String(File.ReadAllBytes(image.FullName))));
                break;
            default:
                Outputs.Add(new Output("text/plain", value + "\n"));
                break;
        }
    }
}
