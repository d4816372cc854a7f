using System.CommandLine;
using System.Globalization;
using FastScnn.Torch.Data;

namespace FastScnn.Tool;

/// <summary>The options that name a data set, for every command that reads one.</summary>
internal sealed class DatasetOptions
{
    private const string Folder = "folder", Cityscapes = "cityscapes", Voc = "voc", Ade20k = "ade20k",
        CamVid = "camvid", CocoStuff = "coco-stuff";
    private const string LabelIds = "label-ids", TrainIds = "train-ids", CategoryIds = "category-ids",
        Values = "values", Colors = "colors";

    private readonly Option<string> _dataset = new("--dataset")
    {
        Description = "Layout of the files",
        DefaultValueFactory = _ => Folder
    };
    private readonly Option<string> _root = new("--root") { Description = "Folder of the data set", Required = true };
    private readonly Option<string?> _classes = new("--classes")
    {
        Description = "folder: class list; default: classes.json in the root"
    };
    private readonly Option<byte?> _ignoreIndex = new("--ignore-index")
    {
        Description = "folder: id of pixels that belong to no class; default: what the class list says"
    };
    private readonly Option<bool> _reduceZero = new("--reduce-zero-label")
    {
        Description = "folder: ignore the stored value 0 and take 1 from every other"
    };
    private readonly Option<string?> _labelMap = new("--label-map")
    {
        Description = "folder: class ids by stored value or range of values, such as 0:255,7:0,8:1 or 0-127:0,128-255:1"
    };
    private readonly Option<bool> _ignoreUnknownColors = new("--ignore-unknown-colors")
    {
        Description =
            "folder: ignore pixels in a colour of no class, or partly transparent, instead of refusing the mask"
    };
    private readonly Option<string> _imageSuffix = new("--image-suffix")
    {
        Description = "folder: how an image's name ends before its extension",
        DefaultValueFactory = _ => ""
    };
    private readonly Option<string> _maskSuffix = new("--mask-suffix")
    {
        Description = "folder, coco-stuff: how a mask's name ends before its extension",
        DefaultValueFactory = _ => "",
    };
    private readonly Option<string> _labels = new("--labels")
    {
        Description =
            "What masks hold; cityscapes: label-ids (default), train-ids or colors; coco-stuff: train-ids (default) "
                + "or category-ids; folder: values or colors; default: by the kind of the file",
        DefaultValueFactory = _ => "",
    };

    public DatasetOptions()
    {
        _dataset.AcceptOnlyFromAmong(Folder, Cityscapes, Voc, Ade20k, CamVid, CocoStuff);
        _labels.AcceptOnlyFromAmong(LabelIds, TrainIds, CategoryIds, Values, Colors);
    }

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[]
        {
            _dataset, _root, _classes, _ignoreIndex, _reduceZero, _labelMap, _ignoreUnknownColors, _imageSuffix,
            _maskSuffix, _labels
        })
            command.Add(option);
    }

    /// <summary>Opens a split, or several with commas between them as one. Masks above <paramref name="maxPixels"/> are
    /// refused. <paramref name="allowUnpaired"/> lists files without a partner instead of failing.</summary>
    public SegmentationDataset Open(ParseResult parsed, string splits, long maxPixels, bool allowUnpaired = false)
    {
        string[] names = Names(splits);
        if (names.Distinct().Count() < names.Length)
            throw new ArgumentException($"'{splits}' names a split twice.");
        return SegmentationDataset.Combine(
            [.. names.Select(name => OpenOne(parsed, name, maxPixels, allowUnpaired))]);
    }

    /// <summary>Opens a split, or where a list is given its images, out of all splits.</summary>
    public SegmentationDataset Open(ParseResult parsed, string split, string? list, IEnumerable<string> splits,
        long maxPixels, bool allowUnpaired = false) =>
        list is null ? Open(parsed, split, maxPixels, allowUnpaired)
            // What the list leaves out needs no partner.
            : Open(parsed, string.Join(',', splits.SelectMany(Names).Distinct()), maxPixels, allowUnpaired: true)
                .WhereListed(list, parsed.GetRequiredValue(_root));

    private static string[] Names(string splits) => splits.Split(',', StringSplitOptions.TrimEntries);

    private SegmentationDataset OpenOne(ParseResult parsed, string split, long maxPixels, bool allowUnpaired)
    {
        string root = parsed.GetRequiredValue(_root), labels = parsed.GetValue(_labels) ?? "";
        string maskSuffix = parsed.GetValue(_maskSuffix) ?? "";
        SegmentationDataset dataset = parsed.GetRequiredValue(_dataset) switch
        {
            Cityscapes => SegmentationDataset.FromCityscapes(root, split,
                Choose(labels, (LabelIds, MaskEncoding.LabelIds), (TrainIds, MaskEncoding.TrainIds),
                    (Colors, MaskEncoding.Colors)) ?? MaskEncoding.LabelIds, allowUnpaired),
            Voc => SegmentationDataset.FromPascalVoc(root, split == "all" ? null : split,
                allowUnpaired: allowUnpaired),
            Ade20k => SegmentationDataset.FromAde20k(root, split, allowUnpaired),
            CamVid => SegmentationDataset.FromCamVid(root, split, allowUnpaired),
            CocoStuff => SegmentationDataset.FromCocoStuff(root, split,
                Choose(labels, (TrainIds, MaskEncoding.TrainIds), (CategoryIds, MaskEncoding.CategoryIds))
                    ?? MaskEncoding.TrainIds,
                maskSuffix.Length > 0 ? maskSuffix : null, allowUnpaired),
            _ => SegmentationDataset.FromFolder(root, split, new FolderDatasetOptions
            {
                Classes = parsed.GetValue(_classes) is { } file ? ClassList.Load(file) : null,
                IgnoreIndex = parsed.GetValue(_ignoreIndex),
                LabelRanges = parsed.GetValue(_labelMap) is { } map ? ParseMap(map) : null,
                Encoding = Choose(labels, (Values, MaskEncoding.Values), (Colors, MaskEncoding.Colors))
                    ?? MaskEncoding.Auto,
                IgnoreUnknownColors = parsed.GetValue(_ignoreUnknownColors),
                ReduceZeroLabel = parsed.GetValue(_reduceZero),
                ImageSuffix = parsed.GetValue(_imageSuffix) ?? "",
                MaskSuffix = maskSuffix,
                AllowUnpaired = allowUnpaired,
            }),
        };
        dataset.MaxPixels = maxPixels;
        return dataset;
    }

    private static MaskEncoding? Choose(string labels, params (string Name, MaskEncoding Value)[] known)
    {
        if (labels.Length == 0)
            return null;
        foreach ((string name, MaskEncoding value) in known)
            if (name == labels)
                return value;
        throw new ArgumentException(
            $"--labels is '{labels}'; this data set has {string.Join(" or ", known.Select(pair => pair.Name))}.");
    }

    private static (int First, int Last, byte Id)[] ParseMap(string text)
    {
        return [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(ParseEntry)];

        static (int First, int Last, byte Id) ParseEntry(string entry)
        {
            string[] parts = entry.Split(':'), values = parts[0].Split('-');
            return parts.Length == 2 && values.Length <= 2 && Parse(values[0], ushort.MaxValue, out int first)
                && Parse(values[^1], ushort.MaxValue, out int last) && Parse(parts[1], byte.MaxValue, out int id)
                ? (first, last, (byte)id)
                : throw new ArgumentException(
                    $"--label-map has '{entry}'; each entry is value:id or from-to:id with values 0 to 65535 and ids "
                        + "0 to 255.");
        }

        static bool Parse(string number, int most, out int value) =>
            int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value <= most;
    }
}
