using FastScnn.ML.Scoring;
using FastScnn.Torch.Data;

namespace FastScnn.Tool;

/// <summary>Masks to train on, made by a model: <c>segment --confidence-threshold</c>.</summary>
internal static class PseudoLabels
{
    /// <summary>The option that asks for them.</summary>
    public const string Option = "--confidence-threshold";

    /// <summary>Loads the model, to write ids as the data set of the masks means them, and writes the data set's class
    /// list where it has none yet.</summary>
    /// <param name="model">The model's file.</param>
    /// <param name="options">How it runs.</param>
    /// <param name="output">The folder of the masks, such as <c>data/masks/photos</c>.</param>
    /// <exception cref="InvalidDataException">The data set has other classes than the model.</exception>
    public static FastScnnSegmenter Load(string model, FastScnnSegmenterOptions options, string output)
    {
        string file = ClassesFile(output);
        FastScnnSegmenter segmenter = FastScnnSegmenter.Load(model, options);
        try
        {
            if (!File.Exists(file))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                segmenter.Classes.Save(file);
                return segmenter;
            }
            ClassList data = ClassList.Load(file);
            if (!data.HasSameNames(segmenter.Classes))
                throw new InvalidDataException($"'{model}' has the classes {Names(segmenter.Classes)}, and '{file}' "
                    + $"{Names(data)}; masks to train on need the same classes in the same order.");
            if (data.Equals(segmenter.Classes))
                return segmenter;
        }
        catch
        {
            segmenter.Dispose();
            throw;
        }
        // The data set may ignore another id.
        segmenter.Dispose();
        return FastScnnSegmenter.Load(model, options with { Classes = ClassList.Load(file) });
    }

    // Masks in {root}/masks/{split} are those of the data set {root}; others are by themselves.
    private static string ClassesFile(string output)
    {
        string folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(output));
        string? parent = Path.GetDirectoryName(folder);
        bool isOfDataset = Path.GetFileName(parent) == new FolderDatasetOptions().MasksFolder;
        return Path.Combine(isOfDataset ? Path.GetDirectoryName(parent)! : folder, "classes.json");
    }

    private static string Names(ClassList classes) => $"{classes.Count} ({string.Join(", ", classes.Names)})";
}
