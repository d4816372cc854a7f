namespace FastScnn.Torch.Data.Layouts;

/// <summary>CamVid, 11 classes and void (ignored), in one of two forms: SegNet's split, <c>{split}/*.png</c> with index
/// masks <c>{split}annot/*.png</c> (480 x 360); or the original frames and colour-coded masks (960 x 720),
/// <c>{split}/*.png</c> with <c>{split}_labels/*_L.png</c>.</summary>
/// <remarks>Brostow, Fauqueur, Cipolla, "Semantic object classes in video", Pattern Recognition Letters 2009; the
/// split: Badrinarayanan, Kendall, Cipolla, "SegNet", 2015. The 32 colours of the original masks are grouped into the
/// 11 classes as SegNet did.</remarks>
internal sealed class CamVidDataset : SegmentationDataset
{
    private const byte Void = 11;

    public CamVidDataset(string root, string split, bool allowUnpaired)
        : base(Find(root, split, allowUnpaired),
            new MaskRules(LabelMapping.Identity(ClassList.CamVid), new Lazy<MaskColors>(() => new MaskColors(Colors))))
    {
    }

    private static PairedFiles Find(string root, string split, bool allowUnpaired)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(root);
        ArgumentException.ThrowIfNullOrWhiteSpace(split);
        string images = Path.Combine(root, split), colors = Path.Combine(root, split + "_labels");
        return Directory.Exists(colors)
            ? PairedFiles.Match(images, "", colors, "_L", allowUnpaired)
            : PairedFiles.Match(images, "", Path.Combine(root, split + "annot"), "", allowUnpaired);
    }

    // label_colors.txt of the data set; the class of each colour is that of SegNet's masks.
    private static ((byte, byte, byte) Color, byte Id)[] Colors =>
    [
        ((128, 128, 128), 0), // Sky
        ((128, 0, 0), 1), // Building
        ((64, 192, 0), 1), // Wall
        ((64, 0, 64), 1), // Tunnel
        ((192, 0, 128), 1), // Archway
        ((0, 128, 64), 1), // Bridge
        ((192, 192, 128), 2), // Column_Pole
        ((0, 0, 64), 2), // TrafficCone
        ((128, 64, 128), 3), // Road
        ((128, 0, 192), 3), // LaneMkgsDriv
        ((192, 0, 64), 3), // LaneMkgsNonDriv
        ((0, 0, 192), 4), // Sidewalk
        ((64, 192, 128), 4), // ParkingBlock
        ((128, 128, 192), 4), // RoadShoulder
        ((128, 128, 0), 5), // Tree
        ((192, 192, 0), 5), // VegetationMisc
        ((192, 128, 128), 6), // SignSymbol
        ((128, 128, 64), 6), // Misc_Text
        ((0, 64, 64), 6), // TrafficLight
        ((64, 64, 128), 7), // Fence
        ((64, 0, 128), 8), // Car
        ((64, 128, 192), 8), // SUVPickupTruck
        ((192, 128, 192), 8), // Truck_Bus
        ((192, 64, 128), 8), // Train
        ((128, 64, 64), 8), // OtherMoving
        ((64, 64, 0), 9), // Pedestrian
        ((192, 128, 64), 9), // Child
        ((64, 0, 192), 9), // CartLuggagePram
        ((64, 128, 64), 9), // Animal
        ((0, 128, 192), 10), // Bicyclist
        ((192, 0, 192), 10), // MotorcycleScooter
        ((0, 0, 0), Void), // Void
    ];
}
