using FastScnn.Torch.Data;
using FastScnn.Torch.Data.Layouts;
using FastScnn.Torch.Data.Loading;

namespace FastScnn.Torch;

internal static partial class Errors
{
    public static ArgumentException PhotoSize(int width, int height, long bytes) =>
        new(Invariant($"A photo of {width} x {height} pixels needs sides of 1 or more and {PixelBuffer.Channels} bytes a pixel, not {bytes} bytes."));

    public static ArgumentOutOfRangeException UnknownOrientation(PhotoOrientation orientation) =>
        new(nameof(PixelBuffer.Orientation), orientation, "Expected an orientation of EXIF, 1 to 8.");

    public static FileNotFoundException FileMissing(string path) => new($"There is no file '{path}'.", path);

    public static FileNotFoundException FileIsFolder(string path) => new($"'{path}' is a folder; expected a file.", path);

    public static InvalidDataException FileWithoutContent(string path) =>
        new($"'{path}' is empty, or it is not a regular file (a named pipe or a device, which is not read).");

    public static ArgumentOutOfRangeException SampleIndex(int index, int count) =>
        new(nameof(index), index, Invariant($"The data set has {count} samples, numbered from 0; there is no sample {index}."));

    public static InvalidDataException PhotoUnreadable(string path, Exception inner) => new($"'{path}' cannot be decoded as a photo: {inner.Message}", inner);

    public static InvalidOperationException DecoderGaveNothing() => new("The decoder returned null instead of a photo.");

    public static InvalidDataException SampleSizes(SamplePair sample, PixelBuffer photo, (int Width, int Height) label) =>
        new(Invariant($"The photo '{sample.PhotoPath}' has {photo.Width} x {photo.Height} pixels, but its label '{sample.LabelPath}' has {label.Width} x {label.Height}; they must be equal.")
            + ((photo.Width, photo.Height) == (label.Height, label.Width)
                ? " Was one of them turned? The photo has no EXIF orientation that says so, or it is not applied."
                : ""));

    public static InvalidDataException LabelValues(string path, IReadOnlyDictionary<int, long> counts, ClassList classes, string? softEdges, string? hint, bool equalChannels = false) =>
        new(Invariant($"'{path}' holds values that stand for no class{(equalChannels ? ", as the values of three equal channels" : "")}: ")
            + Invariant($"{NameList([.. counts.OrderBy(pair => pair.Key).Select(pair => Invariant($"{pair.Key} on {pair.Value} pixels"))])}. ")
            + Invariant($"There are {classes.Count} classes; {classes.IgnoreIndex} is ignored. {Hints(softEdges, hint)}"));

    public static string PaletteHint => $"All colours of its palette are those of classes: to read them give {nameof(LabelEncoding)}.{nameof(LabelEncoding.Colors)}.";

    public static string OtherOfTwo(int value, string name) =>
        $"Does {value} mean '{name}'? Then give {nameof(FolderDatasetOptions)}.{nameof(FolderDatasetOptions.LabelRanges)} {new LabelRange(0, 0)},{new LabelRange(value, 1)}.";

    private static string Hints(params string?[] hints) =>
        hints.Any(hint => hint is not null) ? string.Join(" ", hints.Where(hint => hint is not null)) : "Is this the label of another data set, or another ignore index?";

    public static string CityscapesHint => $"Do the files hold official ids? Then open them as {nameof(CityscapesLabels)}.{nameof(CityscapesLabels.LabelIds)}.";

    public static string CocoStuffHint => $"Do the files hold category ids (0 to 181), whatever their names say? Then open them as {nameof(CocoStuffLabels)}.{nameof(CocoStuffLabels.CategoryIds)}.";

    public static ArgumentException ReduceZeroIgnoreIndex(byte ignoreIndex, string last) =>
        new(Invariant($"The ignore index {ignoreIndex} is also the stored value of class '{last}' when 0 is ignored and ids shift down by one; choose a higher ignore index, such as 255."));

    public static ArgumentException LabelMappingId(LabelRange range, ClassList classes) =>
        new(Invariant($"The label map gives the stored value {(range.First == range.Last ? range.First : $"{range.First}-{range.Last}")} the id {range.Id}; ids are 0 to {classes.Count - 1}, or {classes.IgnoreIndex} for ignored."));

    public static ArgumentException LabelRangeBounds(LabelRange range, int most) =>
        new(Invariant($"The label map has the range '{range}'; a range goes from a value to one that is not less, within 0 to {most}."));

    public static ArgumentException LabelRangesOverlap(LabelRange range, int value) =>
        new(Invariant($"The label map names the stored value {value} twice, the second time in '{range}'."));

    public static ArgumentException LabelMapAndRanges() =>
        new($"{nameof(FolderDatasetOptions.LabelMap)} and {nameof(FolderDatasetOptions.LabelRanges)} were both given; let one of them name all stored values.");

    public static ArgumentException LabelColorRepeated(byte red, byte green, byte blue, byte first, byte second) =>
        new(Invariant($"The colour {red},{green},{blue} stands for the ids {first} and {second}; colour-coded labels need another colour for each class."));

    public static InvalidDataException PngColorDepth(string name, int depth) => Png(name, Invariant($"it holds colours of {depth} bits a channel; colour-coded labels have 8"));

    public static InvalidDataException LabelColors(string path, IReadOnlyDictionary<int, long> counts, string? hint) =>
        new($"'{path}' holds colours that stand for no class: {ColorCounts(counts)}. "
            + (hint ?? "Is this the label of another data set, or was it scaled or compressed with loss?")
            + $" {nameof(FolderDatasetOptions.IgnoreUnknownColors)} ignores such pixels.");

    public static string ColorCounts(IReadOnlyDictionary<int, long> counts) =>
        NameList([.. counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key).Select(pair => Invariant($"{pair.Key >> 16},{pair.Key >> 8 & 255},{pair.Key & 255} on {pair.Value} pixels"))]);

    public static DirectoryNotFoundException NoFolder(string path, string what) => new($"There is no folder '{path}' ({what}).");

    public static DirectoryNotFoundException NoLayout(string root, string layout, IEnumerable<string> expected) =>
        new($"'{root}' does not hold {layout}: none of {string.Join(", ", expected.Select(path => $"'{path}'"))} is there.");

    public static FileNotFoundException NoSplitFile(string path, IReadOnlyCollection<string> splits) =>
        new($"There is no list of samples '{path}'. Splits here: {(splits.Count == 0 ? "none" : NameList(splits))}. Without a split, every photo that has a label is taken.", path);

    public static InvalidDataException EmptySplit(string where, IReadOnlyCollection<string> unread) =>
        new($"{where} has no pair of a photo and a label.{(unread.Count > 0 ? " " + UnreadImages(unread) : "")}");

    public static InvalidDataException UnpairedFiles(string where, IReadOnlyCollection<string> unpaired, string? hint) =>
        new(Invariant($"{where} has {unpaired.Count} files without a partner. {string.Join("; ", unpaired.Take(10))}")
            + (unpaired.Count > 10 ? Invariant($"; and {unpaired.Count - 10} more.") : ".")
            + (hint is null ? "" : " " + hint));

    public static string UnreadImages(IReadOnlyCollection<string> paths) =>
        Invariant($"{paths.Count} {(paths.Count == 1 ? "file looks like an image but is" : "files look like images but are")} not read: {NameList([.. paths.Select(path => $"'{path}'")], 10)}. ")
        + "Convert photos to JPEG, PNG or WebP, and labels to PNG.";

    public static string PhotoWithoutLabel(string photo, string label, string? other) => $"'{photo}' has no label '{label}'" + OtherFormat(other);

    public static string LabelWithoutPhoto(string label, string photo, string? other) => $"'{label}' has no photo '{photo}'" + OtherFormat(other);

    private static string OtherFormat(string? other) =>
        other is null ? "" : $", only '{other}', which is not {(ImageFiles.IsUnread(other) ? $"read: {Path.GetExtension(other).ToUpperInvariant()[1..]} is no format of photos or labels here" : "what the layout expects")}";

    public static string NeitherFile(string name, SamplePair pair) => $"'{name}' has neither a photo '{pair.PhotoPath}' nor a label '{pair.LabelPath}'";

    public static InvalidDataException SameStem(string first, string second) =>
        new($"'{first}' and '{second}' share a name, so it is unclear which one belongs to a pair; remove one.");

    public static ArgumentOutOfRangeException UnknownCityscapesLabels(CityscapesLabels labels) => new(nameof(labels), labels, "Expected LabelIds, LabelTrainIds or Color.");

    public static ArgumentOutOfRangeException UnknownCocoStuffLabels(CocoStuffLabels labels) => new(nameof(labels), labels, "Expected LabelTrainIds or CategoryIds.");

    public static ArgumentOutOfRangeException UnknownLabelEncoding(LabelEncoding encoding) =>
        new(nameof(FolderDatasetOptions.Encoding), encoding, "Expected Auto, Values or Colors.");

    public static string OtherLabels(string folder, IReadOnlyCollection<(int Count, string Files, string Option)> there) =>
        $"'{folder}' holds {string.Join(" and ", there.Select(kind => Invariant($"{kind.Count} files {kind.Files}, which {kind.Option} reads")))}.";

    public static string SuffixHint(string files, string suffix, string option) => $"The names of the {files} end with '{suffix}': give {option} '{suffix}'.";

    public static FileNotFoundException NoClassesJson(string path) =>
        new($"There is no class list '{path}'. Write one ({{ \"classes\": [ {{ \"name\": \"road\", \"color\": [128, 64, 128] }}, ... ] }}), or give the classes in the options.", path);

    public static ArgumentException ReduceZeroWithMap() =>
        new($"A label map and {nameof(FolderDatasetOptions.ReduceZeroLabel)} were both given; let the map say what 0 stands for.");

    public static string SmallPhoto(SamplePair sample, PixelBuffer photo, int shortSide) =>
        Invariant($"'{sample.PhotoPath}' has {photo.Width} x {photo.Height} pixels; the network needs {shortSide} each way, so it will be enlarged");

    public static string OpenOrientations(IReadOnlyCollection<string> photos) =>
        Invariant($"{photos.Count} photos have an EXIF orientation and fit their labels both turned and as stored; they are turned upright, as tools show photos. ")
            + $"Were their labels drawn on the photos as stored? Then save the photos without the tag, or set ImageDecoderOptions.ApplyOrientation to false: {NameList(photos)}";

    public static string TransparentPhotos(IReadOnlyCollection<string> photos) =>
        Invariant($"{photos.Count} photos have transparent parts, which are blended with black: {NameList(photos)}");

    public static string SplitWithoutClass(SplitUse use, int labels, long ignored, byte ignoreIndex, long transparent, int onlyBlack) =>
        Invariant($"{use.Name}: no label has a pixel with a class. All {ignored} pixels of {labels} labels are ignored ({ignoreIndex}")
        + (transparent > 0 ? Invariant($"; {transparent} of them are transparent, alpha 0") : "")
        + (onlyBlack > 0 ? Invariant($"; {onlyBlack} labels are RGB and black alone, which is no colour of a class") : "")
        + "). Is this a test split whose labels were kept back, or does the ignored value mean a class?";

    public static InvalidDataException NothingLabelled(string reason, bool validation) =>
        new(reason + (validation ? " Its scores would be undefined: give other data, or train without validation." : " Nothing can be learned from it."));

    public static string ClassesWithoutPixel(SplitUse use, IReadOnlyCollection<string> names, long ignored, long all, byte ignoreIndex, string? binary) =>
        $"{use.Name}: no label has a pixel of these classes, so they are {use.Absent}: {NameList(names)}."
        + (ignored == 0 ? "" : Invariant($" {ignored} pixels ({100.0 * ignored / all:F1} %) are ignored ({ignoreIndex})."))
        + (binary is null ? "" : Invariant($" Does {ignoreIndex} mean '{binary}'? Then give {nameof(FolderDatasetOptions)}.{nameof(FolderDatasetOptions.LabelRanges)} {new LabelRange(0, 0)},{new LabelRange(ignoreIndex, 1)}."));

    public static string LabelsWithoutClass(SplitUse use, int labels, IReadOnlyCollection<string> paths) =>
        Invariant($"{use.Name}: {paths.Count} of {labels} labels have no pixel with a class; nothing can be learned from them: {NameList([.. paths.Select(path => $"'{path}'")])}.");

    public static string TransparentPixels(SplitUse use, long pixels, int labels) =>
        Invariant($"{use.Name}: {pixels} pixels of {labels} labels are transparent (alpha 0) and so ignored. Does the alpha channel show the object? Then save the labels as class ids.");

    public static string PartlyTransparentPixels(SplitUse use, long pixels, int labels) =>
        Invariant($"{use.Name}: {pixels} pixels of {labels} labels are partly transparent; they are ignored ({nameof(FolderDatasetOptions.IgnoreUnknownColors)}).");

    public static string MarkedTransparentPixels(SplitUse use, long pixels, int labels) =>
        Invariant($"{use.Name}: {pixels} pixels of {labels} labels hold a value that the palette marks as transparent; they count as their value says.");

    public static string UnknownColorsIgnored(SplitUse use, IReadOnlyDictionary<int, long> counts, int labels) =>
        Invariant($"{use.Name}: {counts.Values.Sum()} pixels of {labels} labels have a colour of no class; they are ignored ({nameof(FolderDatasetOptions.IgnoreUnknownColors)}): {ColorCounts(counts)}.");

    public static string PaletteConflict(SplitUse use, long pixels, int labels, string path, int index, string byIndex, string byColor) =>
        Invariant($"{use.Name}: the palettes of {labels} labels contradict the class list on {pixels} pixels: in '{path}' the index {index} is '{byIndex}', and its colour that of '{byColor}'. ")
        + $"Indices count. To read the colours give {nameof(LabelEncoding)}.{nameof(LabelEncoding.Colors)}; to affirm the indices {nameof(LabelEncoding)}.{nameof(LabelEncoding.Values)}.";

    public static string ValuesInColors(SplitUse use, int labels, IReadOnlyCollection<string> onlyBlack) =>
        Invariant($"{use.Name}: {labels} RGB labels hold three equal channels and are read as class ids.")
        + (onlyBlack.Count == 0 ? "" : Invariant($" {onlyBlack.Count} others are black alone, which as a colour is ignored: {NameList([.. onlyBlack.Select(path => $"'{path}'")])}."))
        + $" {nameof(LabelEncoding)}.{nameof(LabelEncoding.Values)} reads all of them as ids.";

    public static string UnpairedLeftOut(SplitUse use, IReadOnlyCollection<string> unpaired) =>
        Invariant($"{use.Name}: {unpaired.Count} files have no partner and are left out: {NameList(unpaired, 10)}.");

    public static string ClassesOnlyInValidation(IReadOnlyCollection<string> names) =>
        $"The validation data show classes that the training data do not, so these cannot be learned and score 0: {NameList(names)}.";

    public static string FewerSamplesThanBatch(int samples, int batchSize) => samples == 1
        ? OnePhoto().Message.Split(" (Parameter")[0]
        : Invariant($"The training data: {samples} samples are fewer than a batch of {batchSize}; give a smaller {nameof(LoaderOptions.BatchSize)}.");
}
