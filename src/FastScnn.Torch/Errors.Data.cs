using FastScnn.Torch.Data;
using FastScnn.Torch.Data.Layouts;

namespace FastScnn.Torch;

internal static partial class Errors
{
    public static ArgumentException ClassCount(int count) =>
        new($"A class list has {ClassList.MinCount} to {ClassList.MaxCount} classes, not {count}.");

    public static ArgumentException ClassNameEmpty(int id) => new($"Class {id} has no name.");

    public static ArgumentException ClassNameRepeated(string name, int first, int second) =>
        new($"Classes {first} and {second} are both named '{name}'; names must be unique.");

    public static ArgumentException IgnoreIndexIsClass(int index, string name, int count) =>
        new($"The ignore index {index} is the id of class '{name}'; with {count} classes it must be {count} to 255.");

    public static ArgumentException NoCategories() => new("Classes are grouped into 1 category or more, not 0.", "names");

    public static ArgumentException CategoryOfClass(int id, int category, int count) =>
        new(Invariant($"Class {id} is put into category {category}; there are {count} categories, numbered from 0."), "categoryOfEachClass");

    public static ArgumentException CategoriesWithoutClass(IReadOnlyCollection<string> names) =>
        new($"Categories without a class: {NameList(names)}.", "categoryOfEachClass");

    public static InvalidDataException ClassesJson(string file, string problem, Exception? inner = null) =>
        new($"'{file}' is not a class list: {problem.TrimEnd('.')}.", inner);

    public static ArgumentException LabelMapSize(int width, int height, long ids) =>
        new($"A label map of {width} x {height} pixels needs sides of 1 or more and one id a pixel, not {ids} ids.");

    public static InvalidDataException Png(string name, string problem, Exception? inner = null) =>
        new($"'{name}' is not a readable label PNG: {problem}.", inner);

    public static InvalidDataException PngTruncated(string name, string where) => Png(name, $"the file ends {where}");

    public static InvalidDataException PngBadChecksum(string name, string chunk) => Png(name, $"the {chunk} chunk has a wrong checksum (the file is damaged)");

    public static InvalidDataException PngTooLarge(string name, long width, long height, long limit) =>
        Png(name, $"its header says {width} x {height} pixels; the limit is {limit} pixels ({nameof(SegmentationDataset.MaxPixels)})");

    public static InvalidDataException PngIsJpeg(string name) =>
        Png(name, "it is a JPEG, whose lossy compression smears class ids; save labels as PNG");

    public static InvalidDataException PngIsColor(string name, string kind) =>
        Png(name, $"it is {kind}, so it holds colours (a colour-coded label or a photo), not class ids; convert it to a one-channel "
            + "PNG (grey or palette) whose values are class ids");

    public static InvalidDataException PngChannelsDiffer(string name) =>
        Png(name, $"it holds colours, and class ids are asked for ({nameof(LabelEncoding)}.{nameof(LabelEncoding.Values)}), which need three equal channels; "
            + $"read it by its colours with {nameof(LabelEncoding)}.{nameof(LabelEncoding.Colors)}");

    public static InvalidDataException PngPalette(string name, int index, int colors) =>
        Png(name, Invariant($"a pixel has the index {index}, and its palette {colors} colours"));

    public static InvalidDataException LabelAlpha(string path, long pixels) =>
        new(Invariant($"'{path}' has an alpha channel, and {pixels} pixels are partly transparent. Only opaque pixels have a class, and those of alpha 0 are ignored: ")
            + $"save the label without soft edges or without alpha, or ignore such pixels with {nameof(FolderDatasetOptions.IgnoreUnknownColors)}.");

    public static InvalidDataException LabelGreyAmbiguous(string path, int value, string byValue, string byColor) =>
        new(Invariant($"'{path}' holds three equal channels everywhere: {value} is {byValue} as a stored value and {byColor} as a colour. ")
            + $"Say which counts: {nameof(LabelEncoding)}.{nameof(LabelEncoding.Values)} or {nameof(LabelEncoding)}.{nameof(LabelEncoding.Colors)}.");

    public static string SoftEdges =>
        "They lie between those of their neighbours, as soft edges (anti-aliasing, or scaling that mixes pixels) do: a mix of two classes is no class. "
        + "Draw labels without anti-aliasing, and scale them by nearest neighbour.";

    public static string SoftEdgesOfTwo(int lowest, int highest, int most)
    {
        int middle = (lowest + highest) / 2;
        return $"{SoftEdges} Or give each half of the range a class: {nameof(FolderDatasetOptions.LabelRanges)} {new LabelRange(0, middle, 0)},{new LabelRange(middle + 1, most, 1)}.";
    }

    public static InvalidDataException PngValueTooLarge(string name, int value, int x, int y) =>
        Png(name, $"the 16-bit value {value} at column {x}, row {y} is no class id; ids are 0..255");
}
