namespace FastScnn.Torch.Data.Layouts;

/// <summary>What a layout found on disk: the pairs in ordinal order of their names, and a text for every file without a partner.</summary>
internal sealed record PairedFiles(IReadOnlyList<SamplePair> Samples, IReadOnlyList<string> Unpaired)
{
    /// <summary>Pairs the files of two folders, sub-folders included, whose names are equal after the suffixes are taken off.</summary>
    /// <param name="photos">The folder of the photos.</param>
    /// <param name="photoSuffix">How a photo's name ends before its extension; others are no part of the data set.</param>
    /// <param name="labels">The folder of the labels.</param>
    /// <param name="labelSuffix">How a label's name ends before its extension; others are no part of the data set.</param>
    /// <param name="allowUnpaired">Whether files without a partner are only listed.</param>
    public static PairedFiles Match(string photos, string photoSuffix, string labels, string labelSuffix, bool allowUnpaired)
    {
        SortedDictionary<string, string> photoFiles = Find(photos, photoSuffix, "photos");
        SortedDictionary<string, string> labelFiles = Find(labels, labelSuffix, "labels");
        return Checked(
            $"'{photos}' with '{labels}'",
            [.. photoFiles.Where(file => labelFiles.ContainsKey(file.Key)).Select(file => new SamplePair(file.Key, file.Value, labelFiles[file.Key]))],
            [
                .. photoFiles.Where(file => !labelFiles.ContainsKey(file.Key)).Select(file => Errors.PhotoWithoutLabel(file.Value, Path.Combine(labels, file.Key + labelSuffix) + ".png")),
                .. labelFiles.Where(file => !photoFiles.ContainsKey(file.Key)).Select(file => Errors.LabelWithoutPhoto(file.Value, Path.Combine(photos, file.Key + photoSuffix) + ".*")),
            ],
            allowUnpaired);
    }

    /// <summary>Takes the pairs that a list names.</summary>
    /// <param name="where">What an error calls the list.</param>
    /// <param name="names">The names in the order of the list.</param>
    /// <param name="photo">The photo's path by name.</param>
    /// <param name="label">The label's path by name.</param>
    /// <param name="allowUnpaired">Whether files without a partner are only listed.</param>
    public static PairedFiles Listed(string where, IEnumerable<string> names, Func<string, string> photo, Func<string, string> label, bool allowUnpaired)
    {
        List<SamplePair> samples = [];
        List<string> unpaired = [];
        foreach (string name in names)
        {
            var pair = new SamplePair(name, photo(name), label(name));
            (bool hasPhoto, bool hasLabel) = (File.Exists(pair.PhotoPath), File.Exists(pair.LabelPath));
            if (hasPhoto && hasLabel)
                samples.Add(pair);
            else
                unpaired.Add(hasPhoto ? Errors.PhotoWithoutLabel(pair.PhotoPath, pair.LabelPath)
                    : hasLabel ? Errors.LabelWithoutPhoto(pair.LabelPath, pair.PhotoPath)
                    : Errors.NeitherFile(name, pair));
        }
        return Checked(where, samples, unpaired, allowUnpaired);
    }

    /// <summary>The files of a folder by name: the path below the folder without suffix and extension, with '/' between its parts.</summary>
    public static SortedDictionary<string, string> Find(string folder, string suffix, string what)
    {
        if (!Directory.Exists(folder))
            throw Errors.NoFolder(folder, what);
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            string stem = Path.GetFileNameWithoutExtension(path);
            // Names with a dot in front are what file managers and archives leave behind.
            if (stem.StartsWith('.') || !stem.EndsWith(suffix, StringComparison.Ordinal) || !ImageFiles.IsRead(path))
                continue;
            string name = Path.Combine(Path.GetRelativePath(folder, Path.GetDirectoryName(path)!), stem[..^suffix.Length]).Replace('\\', '/');
            name = name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name;
            if (!files.TryAdd(name, path))
                throw Errors.SameStem(files[name], path);
        }
        return files;
    }

    private static PairedFiles Checked(string where, IReadOnlyList<SamplePair> samples, IReadOnlyList<string> unpaired, bool allowUnpaired)
    {
        if (unpaired.Count > 0 && (!allowUnpaired || samples.Count == 0))
            throw Errors.UnpairedFiles(where, unpaired);
        return samples.Count > 0 ? new PairedFiles(samples, unpaired) : throw Errors.EmptySplit(where);
    }
}
