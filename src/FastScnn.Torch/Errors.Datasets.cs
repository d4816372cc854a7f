using FastScnn.Torch.Data;
using FastScnn.Torch.Data.Layouts;

namespace FastScnn.Torch;

internal static partial class Errors
{
    public static ArgumentException PhotoSize(int width, int height, long bytes) =>
        new(Invariant($"A photo of {width} x {height} pixels needs sides of 1 or more and {Photo.Channels} bytes a pixel, not {bytes} bytes."));

    public static ArgumentOutOfRangeException UnknownOrientation(PhotoOrientation orientation) =>
        new(nameof(Photo.Orientation), orientation, "Expected an orientation of EXIF, 1 to 8.");

    public static FileNotFoundException FileMissing(string path) => new($"There is no file '{path}'.", path);

    public static FileNotFoundException FileIsFolder(string path) => new($"'{path}' is a folder; expected a file.", path);

    public static InvalidDataException FileWithoutContent(string path) =>
        new($"'{path}' is empty, or it is not a regular file (a named pipe or a device, which is not read).");

    public static ArgumentOutOfRangeException SampleIndex(int index, int count) =>
        new(nameof(index), index, Invariant($"The data set has {count} samples, numbered from 0; there is no sample {index}."));

    public static InvalidDataException PhotoUnreadable(string path, Exception inner) => new($"'{path}' cannot be decoded as a photo: {inner.Message}", inner);

    public static InvalidOperationException DecoderGaveNothing() => new("The decoder returned null instead of a photo.");

    public static InvalidDataException SampleSizes(SamplePair sample, Photo photo, (int Width, int Height) label) =>
        new(Invariant($"The photo '{sample.PhotoPath}' has {photo.Width} x {photo.Height} pixels, but its label '{sample.LabelPath}' has {label.Width} x {label.Height}; they must be equal.")
            + ((photo.Width, photo.Height) == (label.Height, label.Width)
                ? " Was one of them turned? The photo has no EXIF orientation that says so, or it is not applied."
                : ""));

    public static InvalidDataException LabelValues(string path, IReadOnlyDictionary<byte, long> counts, ClassList classes, string? hint) =>
        new(Invariant($"'{path}' holds values that stand for no class: {NameList([.. counts.Select(pair => Invariant($"{pair.Key} on {pair.Value} pixels"))])}. ")
            + Invariant($"There are {classes.Count} classes; {classes.IgnoreIndex} is ignored. {hint ?? "Is this the label of another data set, or another ignore index?"}"));

    public static string CityscapesHint => $"Do the files hold official ids? Then open them as {nameof(CityscapesLabels)}.{nameof(CityscapesLabels.LabelIds)}.";

    public static string CocoStuffHint => $"Do the files hold category ids (0 to 181), whatever their names say? Then open them as {nameof(CocoStuffLabels)}.{nameof(CocoStuffLabels.CategoryIds)}.";

    public static ArgumentException ReduceZeroIgnoreIndex(byte ignoreIndex, string last) =>
        new(Invariant($"The ignore index {ignoreIndex} is also the stored value of class '{last}' when 0 is ignored and ids shift down by one; choose a higher ignore index, such as 255."));

    public static ArgumentException LabelMappingId(byte value, byte id, ClassList classes) =>
        new(Invariant($"The label map gives the stored value {value} the id {id}; ids are 0 to {classes.Count - 1}, or {classes.IgnoreIndex} for ignored."));

    public static ArgumentException LabelColorRepeated(byte red, byte green, byte blue, byte first, byte second) =>
        new(Invariant($"The colour {red},{green},{blue} stands for the ids {first} and {second}; colour-coded labels need another colour for each class."));

    public static InvalidDataException PngColorDepth(string name, int depth) => Png(name, Invariant($"it holds colours of {depth} bits a channel; colour-coded labels have 8"));

    public static InvalidDataException LabelColors(string path, IReadOnlyDictionary<int, long> counts) =>
        new($"'{path}' holds colours that stand for no class: "
            + NameList([.. counts.Select(pair => Invariant($"{pair.Key >> 16},{pair.Key >> 8 & 255},{pair.Key & 255} on {pair.Value} pixels"))])
            + ". Is this the label of another data set, or was it scaled or compressed with loss?");

    public static DirectoryNotFoundException NoFolder(string path, string what) => new($"There is no folder '{path}' ({what}).");

    public static DirectoryNotFoundException NoLayout(string root, string layout, IEnumerable<string> expected) =>
        new($"'{root}' does not hold {layout}: none of {string.Join(", ", expected.Select(path => $"'{path}'"))} is there.");

    public static FileNotFoundException NoSplitFile(string path, IReadOnlyCollection<string> splits) =>
        new($"There is no list of samples '{path}'. Splits here: {(splits.Count == 0 ? "none" : NameList(splits))}. Without a split, every photo that has a label is taken.", path);

    public static InvalidDataException EmptySplit(string where) => new($"{where} has no pair of a photo and a label.");

    public static InvalidDataException UnpairedFiles(string where, IReadOnlyCollection<string> unpaired) =>
        new(Invariant($"{where} has {unpaired.Count} files without a partner. {string.Join("; ", unpaired.Take(10))}")
            + (unpaired.Count > 10 ? Invariant($"; and {unpaired.Count - 10} more.") : "."));

    public static string PhotoWithoutLabel(string photo, string label) => $"'{photo}' has no label '{label}'";

    public static string LabelWithoutPhoto(string label, string photo) => $"'{label}' has no photo '{photo}'";

    public static string NeitherFile(string name, SamplePair pair) => $"'{name}' has neither a photo '{pair.PhotoPath}' nor a label '{pair.LabelPath}'";

    public static InvalidDataException SameStem(string first, string second) =>
        new($"'{first}' and '{second}' share a name, so it is unclear which one belongs to a pair; remove one.");

    public static ArgumentOutOfRangeException UnknownCityscapesLabels(CityscapesLabels labels) => new(nameof(labels), labels, "Expected LabelIds or LabelTrainIds.");

    public static ArgumentOutOfRangeException UnknownCocoStuffLabels(CocoStuffLabels labels) => new(nameof(labels), labels, "Expected LabelTrainIds or CategoryIds.");

    public static FileNotFoundException NoClassesJson(string path) =>
        new($"There is no class list '{path}'. Write one ({{ \"classes\": [ {{ \"name\": \"road\", \"color\": [128, 64, 128] }}, ... ] }}), or give the classes in the options.", path);

    public static ArgumentException ReduceZeroWithMap() =>
        new("A label map and reduce-zero-label were both given; let the map say what 0 stands for.");

    public static string SmallPhoto(SamplePair sample, Photo photo, int shortSide) =>
        Invariant($"'{sample.PhotoPath}' has {photo.Width} x {photo.Height} pixels; the network needs {shortSide} each way, so it will be enlarged");

    public static string OpenOrientations(IReadOnlyCollection<string> photos) =>
        Invariant($"{photos.Count} photos have an EXIF orientation and fit their labels both turned and as stored; they are turned upright, as tools show photos. ")
            + $"Were their labels drawn on the photos as stored? Then save the photos without the tag: {NameList(photos)}";

    public static string TransparentPhotos(IReadOnlyCollection<string> photos) =>
        Invariant($"{photos.Count} photos have transparent parts, which are blended with black: {NameList(photos)}");

    public static string LabelWithoutClass(SamplePair sample) => $"'{sample.LabelPath}' has no pixel with a class: nothing can be learned from it";

    public static string ClassesWithoutPixel(IReadOnlyCollection<string> names) =>
        $"no label has a pixel of these classes, so they are neither learned nor scored: {NameList(names)}";

    public static string SplitWithoutClass() => "No label has a pixel with a class. Is this a test split whose labels were kept back?";
}
