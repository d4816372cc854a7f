using System.IO.Hashing;
using System.Text;
using FastScnn.ML.Imaging;
using FastScnn.Torch.Data;

namespace FastScnn.Tool.Import;

/// <summary>How shapes become masks.</summary>
internal sealed record MaskRecipe
{
    /// <summary>The label of pixels that labelme has people mark so, which belong to no class.</summary>
    public const string LabelmeIgnored = "__ignore__", LabelmeBackground = "_background_";

    public required ClassList Classes { get; init; }

    /// <summary>The id of pixels without a shape.</summary>
    public required byte Unlabeled { get; init; }

    /// <summary>Whether small shapes lie above large ones; otherwise later ones above earlier ones.</summary>
    public required bool SmallAbove { get; init; }

    /// <summary>Whether images without a shape are kept, as images of the background.</summary>
    public required bool KeepEmpty { get; init; }

    /// <summary>The id of a label; null where the class list does not have it.</summary>
    public byte? IdOf(string label)
    {
        if (label == LabelmeIgnored) return Classes.IgnoreIndex;
        if (label == LabelmeBackground && !Classes.Names.Contains(label)) return Unlabeled;
        for (int id = 0; id < Classes.Count; id++)
            if (Classes[id].Name == label)
                return (byte)id;
        return null;
    }
}

/// <summary>Which split an image is in.</summary>
/// <param name="Share">The part of the images that is for validation, by a hash of the image's name.</param>
/// <param name="Listed">The names of those for validation; null where there is no list.</param>
/// <param name="AsStated">Whether a split that the tool's file states counts.</param>
internal sealed record SplitRule(double Share, IReadOnlySet<string>? Listed, bool AsStated)
{
    public const string Training = "train", Validation = "val";

    public string Of(string name, string? stated)
    {
        if (AsStated && stated is not null)
            return stated.ToLowerInvariant() is "valid" or "validation" ? Validation
                : FolderNames.Sound(stated.ToLowerInvariant());
        bool isHeld = Listed?.Contains(name)
            ?? XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(name)) < Share * 18446744073709551616.0;
        return isHeld ? Validation : Training;
    }
}

/// <summary>The names of files that images get.</summary>
internal static class FolderNames
{
    /// <summary>Gives each path a name without its extension: that of the file, and where several would have it, with
    /// the folders in front, then with the extension behind, then with a number.</summary>
    public static Dictionary<string, string> Distinct(IEnumerable<string> paths)
    {
        string[] rest = [.. paths.Distinct(StringComparer.Ordinal)];
        Dictionary<string, string> names = new(StringComparer.Ordinal);
        HashSet<string> used = new(StringComparer.OrdinalIgnoreCase);
        foreach (Func<string, string> make in new Func<string, string>[]
        {
            path => Path.GetFileNameWithoutExtension(path),
            path => Path.ChangeExtension(path, null),
            path => path,
        })
        {
            ILookup<string, string> groups = rest.ToLookup(path => Sound(make(path)), StringComparer.OrdinalIgnoreCase);
            foreach (IGrouping<string, string> group in groups.Where(group => group.Count() == 1))
                if (used.Add(group.Key))
                    names[group.Single()] = group.Key;
            rest = [.. rest.Where(path => !names.ContainsKey(path))];
        }
        foreach (string path in rest)
            for (int number = 2; !names.ContainsKey(path); number++)
                if (FormattableString.Invariant($"{Sound(path)}_{number}") is var name && used.Add(name))
                    names[path] = name;
        return names;
    }

    /// <summary>A name that every system takes and no loader skips.</summary>
    public static string Sound(string name)
    {
        StringBuilder sound = new(name.Length);
        foreach (char c in name)
            sound.Append(char.IsControl(c) || "/\\<>:\"|?*".Contains(c) ? '_' : c);
        // Windows drops dots and spaces at the end.
        string text = sound.ToString().TrimEnd('.', ' ');
        return text.Length == 0 || ImageFiles.IsIgnored(text) ? "_" + text : text;
    }
}

/// <summary>Writes images and masks into a hidden folder of the output, and moves them to their places at the
/// end.</summary>
internal sealed class ImportedFolder : IDisposable
{
    private const string ClassesFile = "classes.json";

    private static readonly string[] s_contents = ["images", "masks", ClassesFile];

    private readonly string _output, _staging;
    private readonly bool _existed;
    private readonly MaskRecipe _recipe;
    private readonly Func<Stream, PixelBuffer> _decoder;
    private readonly HashSet<string> _files = new(StringComparer.Ordinal), _names = new(StringComparer.Ordinal);
    private readonly ImportReport _report;

    public ImportedFolder(string output, MaskRecipe recipe, ImageDecoderOptions decoding, ImportReport report)
    {
        (_output, _recipe, _report) = (output, recipe, report);
        _decoder = ImageDecoder.WithOptions(decoding);
        _existed = Directory.Exists(output);
        _staging = Path.Combine(output, ".importing");
        if (Directory.Exists(_staging)) Directory.Delete(_staging, recursive: true);
        Directory.CreateDirectory(_staging);
        (ClassImages, ClassPixels) = (new int[recipe.Classes.Count], new long[recipe.Classes.Count]);
    }

    /// <summary>How many images each split has.</summary>
    public SortedDictionary<string, int> Splits { get; } = new(StringComparer.Ordinal);

    /// <summary>In how many images each class is.</summary>
    public int[] ClassImages { get; }

    /// <summary>How many pixels each class has.</summary>
    public long[] ClassPixels { get; }

    /// <summary>Refuses a folder that has something in it.</summary>
    /// <param name="output">The value of --output.</param>
    /// <param name="overwrite">Whether images, masks and classes there may be replaced.</param>
    public static void Check(string output, bool overwrite)
    {
        if (File.Exists(output))
            throw new IOException($"--output is '{output}', which is a file; expected a folder.");
        if (overwrite || !Directory.Exists(output))
            return;
        if (Directory.EnumerateFileSystemEntries(output)
            .FirstOrDefault(entry => !ImageFiles.IsIgnored(Path.GetFileName(entry))) is { } found)
            throw new IOException($"--output is '{output}', which has '{Path.GetFileName(found)}' in it; give an empty "
                + "or a new folder, or --overwrite to replace its images, masks and classes.json.");
    }

    /// <summary>Writes an image and its mask; what cannot be written is reported.</summary>
    /// <param name="image">The image.</param>
    /// <param name="name">The name of its files without extension.</param>
    /// <param name="split">Its split.</param>
    public void Add(LabeledImage image, string name, string split)
    {
        string extension = Path.GetExtension(image.Path ?? image.Name);
        List<(Shape Shape, byte Id)> shapes = [];
        foreach (Shape shape in image.Shapes)
            if (_recipe.IdOf(shape.Label) is { } id)
                shapes.Add((shape, id));
            else
                _report.SkipShape(image.Name, shape.Number,
                    $"the class '{shape.Label}', which the class list does not have");
        string? why = image is { Path: null, Embedded: null } ? "no image file; --images names the folder that has them"
            : !ImageFiles.IsSupported("." + extension.TrimStart('.'))
                ? $"a file '{extension}', which is not read; convert it to JPEG, PNG or WebP"
            : shapes.Count == 0 && !_recipe.KeepEmpty ? "no shape"
            : !_files.Add(Path.GetFullPath(image.Path ?? image.Name)) | !_names.Add(image.Name)
                ? "labelled twice; the first counts"
            : null;
        if (why is not null)
        {
            _report.SkipImage(image.Name, why);
            return;
        }
        try
        {
            Write(image, shapes, name + extension.ToLowerInvariant(), name, split);
        }
        catch (InvalidDataException e)
        {
            _report.Fault(image.Name, Failure.Reason(e));
        }
    }

    /// <summary>Moves what was written to its place.</summary>
    public void Complete()
    {
        _recipe.Classes.Save(Path.Combine(_staging, ClassesFile));
        foreach (string content in s_contents)
        {
            string target = Path.Combine(_output, content);
            if (Directory.Exists(target)) Directory.Delete(target, recursive: true);
            else File.Delete(target);
        }
        // The class list comes last: a folder without one is no data set.
        foreach (string content in s_contents)
            Directory.Move(Path.Combine(_staging, content), Path.Combine(_output, content));
    }

    public void Dispose()
    {
        if (Directory.Exists(_staging)) Directory.Delete(_staging, recursive: true);
        if (!_existed && !Directory.EnumerateFileSystemEntries(_output).Any()) Directory.Delete(_output);
    }

    private void Write(LabeledImage image, List<(Shape Shape, byte Id)> shapes, string file, string name, string split)
    {
        PixelBuffer pixels;
        byte[]? embedded = image.Path is null ? image.Embedded!() : null;
        using (Stream stream = embedded is null ? ImageFiles.OpenRead(image.Path!) : new MemoryStream(embedded))
            pixels = _decoder(stream);
        // As training does: labels were drawn on the upright image, or on the stored one where only its size fits.
        (int Width, int Height) size = pixels.UprightSize;
        if (image.Size is { } stated && stated != size)
            size = stated == (pixels.Width, pixels.Height) ? stated : throw new InvalidDataException(
                $"its labels are for {stated.Width} x {stated.Height} pixels, and the image has {size.Width} x "
                    + $"{size.Height}.");
        Position scale = image.IsRelative ? new(size.Width, size.Height) : new(1, 1);
        using MaskPainter mask = new(size.Width, size.Height, _recipe.Unlabeled);
        foreach ((Shape shape, byte id) in InOrder(shapes, scale))
        {
            if (shape.Parts.Any(part => part.Meets(size.Width, size.Height, scale)))
                foreach (ShapePart part in shape.Parts)
                    part.Paint(mask, id, scale);
            else
                _report.SkipShape(image.Name, shape.Number, "wholly outside of the image");
        }
        string images = Directory.CreateDirectory(Path.Combine(_staging, "images", split)).FullName,
            masks = Directory.CreateDirectory(Path.Combine(_staging, "masks", split)).FullName;
        if (embedded is null) File.Copy(image.Path!, Path.Combine(images, file));
        else File.WriteAllBytes(Path.Combine(images, file), embedded);
        mask.Save(Path.Combine(masks, name + ".png"), _recipe.Classes);
        Count(mask.Ids);
        Splits[split] = Splits.GetValueOrDefault(split) + 1;
    }

    // From below to above. The order of the file decides where nothing else does.
    private IEnumerable<(Shape Shape, byte Id)> InOrder(List<(Shape Shape, byte Id)> shapes, Position scale)
    {
        if (!_recipe.SmallAbove)
            return shapes.OrderBy(pair => pair.Shape.Layer);
        Dictionary<int, double> groups = shapes.Where(pair => pair.Shape.Group is not null)
            .GroupBy(pair => pair.Shape.Group!.Value)
            .ToDictionary(group => group.Key, group => group.Sum(pair => Area(pair.Shape)));
        return shapes.OrderBy(pair => pair.Shape.Layer).ThenByDescending(pair =>
            pair.Shape.Group is { } group ? groups[group] : Area(pair.Shape));

        double Area(Shape shape) => shape.Parts.Sum(part => part.Area(scale));
    }

    private void Count(ReadOnlySpan<byte> ids)
    {
        long[] counts = new long[256];
        foreach (byte id in ids) counts[id]++;
        for (int id = 0; id < ClassPixels.Length; id++)
        {
            ClassPixels[id] += counts[id];
            if (counts[id] > 0) ClassImages[id]++;
        }
    }
}
