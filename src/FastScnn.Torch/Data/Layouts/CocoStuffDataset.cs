namespace FastScnn.Torch.Data.Layouts;

/// <summary>COCO-Stuff (164k): images <c>images/{train,val}2017/*.jpg</c>, masks
/// <c>annotations/{train,val}2017/*_labelTrainIds.png</c> or, as downloaded, <c>*.png</c>; 171 classes, 255
/// ignored.</summary>
/// <remarks>Caesar, Uijlings, Ferrari, "COCO-Stuff: Thing and Stuff Classes in Context", CVPR 2018. The colours of the
/// classes are Pascal VOC's.</remarks>
internal sealed class CocoStuffDataset : SegmentationDataset
{
    // The 171 classes of COCO-Stuff by training id: the 182 of its labels.txt without the 11 that no image has.
    private static readonly ClassList s_classes = KnownClasses.WithVocColors(
        [
            "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat", "traffic light",
            "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat", "dog", "horse", "sheep", "cow",
            "elephant", "bear", "zebra", "giraffe", "backpack", "umbrella", "handbag", "tie", "suitcase", "frisbee",
            "skis", "snowboard", "sports ball", "kite", "baseball bat", "baseball glove", "skateboard", "surfboard",
            "tennis racket", "bottle", "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple",
            "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch",
            "potted plant", "bed", "dining table", "toilet", "tv", "laptop", "mouse", "remote", "keyboard",
            "cell phone", "microwave", "oven", "toaster", "sink", "refrigerator", "book", "clock", "vase", "scissors",
            "teddy bear", "hair drier", "toothbrush", "banner", "blanket", "branch", "bridge", "building-other", "bush",
            "cabinet", "cage", "cardboard", "carpet", "ceiling-other", "ceiling-tile", "cloth", "clothes", "clouds",
            "counter", "cupboard", "curtain", "desk-stuff", "dirt", "door-stuff", "fence", "floor-marble",
            "floor-other", "floor-stone", "floor-tile", "floor-wood", "flower", "fog", "food-other", "fruit",
            "furniture-other", "grass", "gravel", "ground-other", "hill", "house", "leaves", "light", "mat", "metal",
            "mirror-stuff", "moss", "mountain", "mud", "napkin", "net", "paper", "pavement", "pillow", "plant-other",
            "plastic", "platform", "playingfield", "railing", "railroad", "river", "road", "rock", "roof", "rug",
            "salad", "sand", "sea", "shelf", "sky-other", "skyscraper", "snow", "solid-other", "stairs", "stone",
            "straw", "structural-other", "table", "tent", "textile-other", "towel", "tree", "vegetable", "wall-brick",
            "wall-concrete", "wall-other", "wall-panel", "wall-stone", "wall-tile", "wall-wood", "water-other",
            "waterdrops", "window-blind", "window-other", "wood",
        ]);

    // The categories of the data set's labels.txt (less one) that no image has: street sign, hat, shoe, eye glasses,
    // plate, mirror, window, desk, door, blender, hair brush.
    private static readonly byte[] s_unusedIds = [11, 25, 28, 29, 44, 65, 67, 68, 70, 82, 90];

    public CocoStuffDataset(string root, string split, MaskEncoding encoding, string? maskSuffix, bool allowUnpaired)
        : base(Find(root, split, encoding, maskSuffix, allowUnpaired), new MaskRules(Mapping(encoding)))
    {
    }

    private static PairedFiles Find(string root, string split, MaskEncoding encoding, string? maskSuffix,
        bool allowUnpaired)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(root);
        ArgumentException.ThrowIfNullOrWhiteSpace(split);
        if (encoding is not (MaskEncoding.TrainIds or MaskEncoding.CategoryIds))
            throw new ArgumentOutOfRangeException(nameof(encoding), encoding, "Expected TrainIds or CategoryIds.");
        string folder = split is "train" or "val" ? split + "2017" : split;
        string suffix = maskSuffix ?? (encoding == MaskEncoding.TrainIds ? "_labelTrainIds" : "");
        string images = Path.Combine(root, "images", folder), annotations = Path.Combine(root, "annotations", folder);
        if (suffix.Length > 0)
            return PairedFiles.Match(images, "", annotations, suffix, allowUnpaired,
                names => Downloaded(annotations, names, encoding));
        // Converted masks lie beside the downloaded ones, so the images say which files belong to the data set.
        SortedDictionary<string, string> files = PairedFiles.Find(images, "", "images").Read;
        return PairedFiles.Listed(
            $"'{images}' with '{annotations}'", files.Keys, name => files[name],
            name => Path.Combine(annotations, name + ".png"), allowUnpaired, () => Converted(annotations, encoding));
    }

    private static string? Downloaded(string annotations, IReadOnlyCollection<string> images, MaskEncoding asked)
    {
        SortedDictionary<string, string> files = PairedFiles.Find(annotations, "", "masks").Read;
        int count = images.Count(files.ContainsKey);
        return asked == MaskEncoding.CategoryIds || count == 0 ? null
            : PairedFiles.OtherLabels(annotations,
                [(count, "*.png", $"{nameof(MaskEncoding)}.{nameof(MaskEncoding.CategoryIds)}")]);
    }

    private static string? Converted(string annotations, MaskEncoding asked)
    {
        if (asked == MaskEncoding.TrainIds || !Directory.Exists(annotations))
            return null;
        int count = PairedFiles.Find(annotations, "_labelTrainIds", "masks").Read.Count;
        return count == 0 ? null
            : PairedFiles.OtherLabels(annotations,
                [(count, "*_labelTrainIds.png", $"{nameof(MaskEncoding)}.{nameof(MaskEncoding.TrainIds)}")]);
    }

    private static LabelMapping Mapping(MaskEncoding encoding)
    {
        if (encoding == MaskEncoding.TrainIds)
            return LabelMapping.Identity(s_classes, "Do the files hold category ids (0 to 181), whatever their names "
                + $"say? Then open them as {nameof(MaskEncoding)}.{nameof(MaskEncoding.CategoryIds)}.");
        var ids = s_unusedIds.ToDictionary(id => id, _ => s_classes.IgnoreIndex);
        byte next = 0;
        for (byte value = 0; next < s_classes.Count; value++)
            if (ids.TryAdd(value, next))
                next++;
        return LabelMapping.FromTable(s_classes, ids);
    }
}
