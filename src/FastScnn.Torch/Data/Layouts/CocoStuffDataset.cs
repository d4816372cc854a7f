namespace FastScnn.Torch.Data.Layouts;

/// <summary>COCO-Stuff (164k): images <c>images/{train,val}2017/*.jpg</c>, labels
/// <c>annotations/{train,val}2017/*_labelTrainIds.png</c> or, as downloaded, <c>*.png</c>; 171 classes, 255
/// ignored.</summary>
/// <remarks>Caesar, Uijlings, Ferrari, "COCO-Stuff: Thing and Stuff Classes in Context", CVPR 2018. The colours of the
/// classes are Pascal VOC's.</remarks>
public sealed class CocoStuffDataset : SegmentationDataset
{
    // The 171 classes of COCO-Stuff by training id: the 182 of its labels.txt without the 11 that no image has.
    private static readonly ClassList s_classes = KnownClasses.WithVocColors(
        [
            "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat", "traffic light",
            "fire hydrant", "stop sign",
            "parking meter", "bench", "bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra",
            "giraffe", "backpack", "umbrella", "handbag",
            "tie", "suitcase", "frisbee", "skis", "snowboard", "sports ball", "kite", "baseball bat", "baseball glove",
            "skateboard", "surfboard",
            "tennis racket", "bottle", "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple",
            "sandwich", "orange", "broccoli", "carrot",
            "hot dog", "pizza", "donut", "cake", "chair", "couch", "potted plant", "bed", "dining table", "toilet",
            "tv", "laptop", "mouse", "remote",
            "keyboard", "cell phone", "microwave", "oven", "toaster", "sink", "refrigerator", "book", "clock", "vase",
            "scissors", "teddy bear", "hair drier",
            "toothbrush", "banner", "blanket", "branch", "bridge", "building-other", "bush", "cabinet", "cage",
            "cardboard", "carpet", "ceiling-other",
            "ceiling-tile", "cloth", "clothes", "clouds", "counter", "cupboard", "curtain", "desk-stuff", "dirt",
            "door-stuff", "fence", "floor-marble",
            "floor-other", "floor-stone", "floor-tile", "floor-wood", "flower", "fog", "food-other", "fruit",
            "furniture-other", "grass", "gravel",
            "ground-other", "hill", "house", "leaves", "light", "mat", "metal", "mirror-stuff", "moss", "mountain",
            "mud", "napkin", "net", "paper", "pavement",
            "pillow", "plant-other", "plastic", "platform", "playingfield", "railing", "railroad", "river", "road",
            "rock", "roof", "rug", "salad", "sand",
            "sea", "shelf", "sky-other", "skyscraper", "snow", "solid-other", "stairs", "stone", "straw",
            "structural-other", "table", "tent", "textile-other",
            "towel", "tree", "vegetable", "wall-brick", "wall-concrete", "wall-other", "wall-panel", "wall-stone",
            "wall-tile", "wall-wood", "water-other",
            "waterdrops", "window-blind", "window-other", "wood",
        ]);

    // The categories of the data set's labels.txt (less one) that no image has: street sign, hat, shoe, eye glasses,
    // plate, mirror, window, desk, door, blender, hair brush.
    private static readonly byte[] s_unusedIds = [11, 25, 28, 29, 44, 65, 67, 68, 70, 82, 90];

    /// <summary>Opens a split.</summary>
    /// <param name="root">The folder that holds images and annotations.</param>
    /// <param name="split">train2017 or val2017; train and val mean the same.</param>
    /// <param name="labels">What the masks hold.</param>
    /// <param name="maskSuffix">How a label's name ends before .png; null for <c>_labelTrainIds</c> with training ids
    /// and nothing with category ids.</param>
    /// <param name="allowUnpaired">Leaves out files without a partner and lists them in
    /// <see cref="SegmentationDataset.Unpaired"/> instead of throwing.</param>
    /// <exception cref="DirectoryNotFoundException">A folder is missing.</exception>
    /// <exception cref="InvalidDataException">Files without a partner, or no pair at all.</exception>
    public CocoStuffDataset(
        string root, string split, CocoStuffLabels labels = CocoStuffLabels.LabelTrainIds, string? maskSuffix = null,
        bool allowUnpaired = false)
        : base(Find(root, split, labels, maskSuffix, allowUnpaired), new MaskRules(Mapping(labels)))
    {
    }

    private static PairedFiles Find(string root, string split, CocoStuffLabels labels, string? maskSuffix,
        bool allowUnpaired)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(root);
        ArgumentException.ThrowIfNullOrWhiteSpace(split);
        if (!Enum.IsDefined(labels))
            throw new ArgumentOutOfRangeException(nameof(labels), labels, "Expected LabelTrainIds or CategoryIds.");
        string folder = split is "train" or "val" ? split + "2017" : split;
        string suffix = maskSuffix ?? (labels == CocoStuffLabels.LabelTrainIds ? "_labelTrainIds" : "");
        string images = Path.Combine(root, "images", folder), annotations = Path.Combine(root, "annotations", folder);
        if (suffix.Length > 0)
            return PairedFiles.Match(images, "", annotations, suffix, allowUnpaired,
                names => Downloaded(annotations, names, labels));
        // Converted labels lie beside the downloaded ones, so the images say which files belong to the data set.
        SortedDictionary<string, string> files = PairedFiles.Find(images, "", "images").Read;
        return PairedFiles.Listed(
            $"'{images}' with '{annotations}'", files.Keys, name => files[name],
            name => Path.Combine(annotations, name + ".png"), allowUnpaired, () => Converted(annotations, labels));
    }

    private static string? Downloaded(string annotations, IReadOnlyCollection<string> images, CocoStuffLabels asked)
    {
        SortedDictionary<string, string> files = PairedFiles.Find(annotations, "", "labels").Read;
        int count = images.Count(files.ContainsKey);
        return asked == CocoStuffLabels.CategoryIds || count == 0 ? null
            : PairedFiles.OtherLabels(annotations,
                [(count, "*.png", $"{nameof(CocoStuffLabels)}.{nameof(CocoStuffLabels.CategoryIds)}")]);
    }

    private static string? Converted(string annotations, CocoStuffLabels asked)
    {
        if (asked == CocoStuffLabels.LabelTrainIds || !Directory.Exists(annotations))
            return null;
        int count = PairedFiles.Find(annotations, "_labelTrainIds", "labels").Read.Count;
        return count == 0 ? null
            : PairedFiles.OtherLabels(annotations,
                [(count, "*_labelTrainIds.png", $"{nameof(CocoStuffLabels)}.{nameof(CocoStuffLabels.LabelTrainIds)}")]);
    }

    private static LabelMapping Mapping(CocoStuffLabels labels)
    {
        if (labels == CocoStuffLabels.LabelTrainIds)
            return LabelMapping.Identity(s_classes, "Do the files hold category ids (0 to 181), whatever their names "
                + $"say? Then open them as {nameof(CocoStuffLabels)}.{nameof(CocoStuffLabels.CategoryIds)}.");
        var ids = s_unusedIds.ToDictionary(id => id, _ => s_classes.IgnoreIndex);
        byte next = 0;
        for (byte value = 0; next < s_classes.Count; value++)
            if (ids.TryAdd(value, next))
                next++;
        return LabelMapping.FromTable(s_classes, ids);
    }
}

/// <summary>What COCO-Stuff's masks hold.</summary>
public enum CocoStuffLabels
{
    /// <summary>Class ids 0 to 170, 255 ignored, as the usual conversion writes to
    /// <c>*_labelTrainIds.png</c>.</summary>
    LabelTrainIds,

    /// <summary>Category ids less one, 0 to 181, as in the download (<c>*.png</c>); 11 of them are in no image and
    /// ignored.</summary>
    CategoryIds,
}
