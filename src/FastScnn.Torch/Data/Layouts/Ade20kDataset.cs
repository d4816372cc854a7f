namespace FastScnn.Torch.Data.Layouts;

/// <summary>ADE20K (scene parsing challenge 2016): images <c>images/{training,validation}</c>, masks
/// <c>annotations/{training,validation}</c>; 150 classes, stored as 1 to 150, and 0 ("other") ignored.</summary>
/// <remarks>Zhou et al., "Scene Parsing through ADE20K Dataset", CVPR 2017. The colours of the classes are Pascal
/// VOC's, not the challenge's.</remarks>
internal sealed class Ade20kDataset : SegmentationDataset
{
    // The 150 classes of ADE20K by stored value less one; the first of the names that objectInfo150 gives each.
    private static readonly ClassList s_classes = KnownClasses.WithVocColors(
        [
            "wall", "building", "sky", "floor", "tree", "ceiling", "road", "bed", "windowpane", "grass", "cabinet",
            "sidewalk", "person", "earth", "door", "table", "mountain", "plant", "curtain", "chair", "car", "water",
            "painting", "sofa", "shelf", "house", "sea", "mirror", "rug", "field", "armchair", "seat", "fence", "desk",
            "rock", "wardrobe", "lamp", "bathtub", "railing", "cushion", "base", "box", "column", "signboard",
            "chest of drawers", "counter", "sand", "sink", "skyscraper", "fireplace", "refrigerator", "grandstand",
            "path", "stairs", "runway", "case", "pool table", "pillow", "screen door", "stairway", "river", "bridge",
            "bookcase", "blind", "coffee table", "toilet", "flower", "book", "hill", "bench", "countertop", "stove",
            "palm", "kitchen island", "computer", "swivel chair", "boat", "bar", "arcade machine", "hovel", "bus",
            "towel", "light", "truck", "tower", "chandelier", "awning", "streetlight", "booth", "television",
            "airplane", "dirt track", "apparel", "pole", "land", "bannister", "escalator", "ottoman", "bottle",
            "buffet", "poster", "stage", "van", "ship", "fountain", "conveyer belt", "canopy", "washer", "plaything",
            "swimming pool", "stool", "barrel", "basket", "waterfall", "tent", "bag", "minibike", "cradle", "oven",
            "ball", "food", "step", "tank", "trade name", "microwave", "pot", "animal", "bicycle", "lake", "dishwasher",
            "screen", "blanket", "sculpture", "hood", "sconce", "vase", "traffic light", "tray", "ashcan", "fan",
            "pier", "crt screen", "plate", "monitor", "bulletin board", "shower", "radiator", "glass", "clock", "flag",
        ]);

    public Ade20kDataset(string root, string split, bool allowUnpaired)
        : base(Find(root, split, allowUnpaired), new MaskRules(LabelMapping.ReduceZero(s_classes)))
    {
    }

    private static PairedFiles Find(string root, string split, bool allowUnpaired)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(root);
        ArgumentException.ThrowIfNullOrWhiteSpace(split);
        string ade = LayoutRoot.Find(root, "ADE20K", "annotations", "", "ADEChallengeData2016");
        string folder = split switch { "train" => "training", "val" => "validation", _ => split };
        return PairedFiles.Match(Path.Combine(ade, "images", folder), "", Path.Combine(ade, "annotations", folder), "",
            allowUnpaired);
    }
}
