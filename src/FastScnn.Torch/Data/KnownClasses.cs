namespace FastScnn.Torch.Data;

/// <summary>Class names and colours of well-known data sets.</summary>
internal static class KnownClasses
{
    // https://github.com/mcordts/cityscapesScripts, helpers/labels.py, by trainId.
    public static ClassList Cityscapes() =>
    [
        new("road", 128, 64, 128),
        new("sidewalk", 244, 35, 232),
        new("building", 70, 70, 70),
        new("wall", 102, 102, 156),
        new("fence", 190, 153, 153),
        new("pole", 153, 153, 153),
        new("traffic light", 250, 170, 30),
        new("traffic sign", 220, 220, 0),
        new("vegetation", 107, 142, 35),
        new("terrain", 152, 251, 152),
        new("sky", 70, 130, 180),
        new("person", 220, 20, 60),
        new("rider", 255, 0, 0),
        new("car", 0, 0, 142),
        new("truck", 0, 0, 70),
        new("bus", 0, 60, 100),
        new("train", 0, 80, 100),
        new("motorcycle", 0, 0, 230),
        new("bicycle", 119, 11, 32),
    ];

    // SegNet's split (train/trainannot and so on): ids 0-10, void is 11.
    public static ClassList CamVid() => new(
    [
        new("Sky", 128, 128, 128),
        new("Building", 128, 0, 0),
        new("Pole", 192, 192, 128),
        new("Road", 128, 64, 128),
        new("Pavement", 0, 0, 192),
        new("Tree", 128, 128, 0),
        new("SignSymbol", 192, 128, 128),
        new("Fence", 64, 64, 128),
        new("Car", 64, 0, 128),
        new("Pedestrian", 64, 64, 0),
        new("Bicyclist", 0, 128, 192),
    ], ignoreIndex: 11);

    // Everingham et al., VOC2012 development kit: the order of the object classes is alphabetical.
    public static ClassList PascalVoc() => WithVocColors(
    [
        "background", "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow",
        "diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor",
    ]);

    /// <summary>Classes in the colours of Pascal VOC's palette.</summary>
    public static ClassList WithVocColors(IEnumerable<string> names) => new(names.Select(WithVocColor));

    /// <summary>A class in the colour that the VOC development kit (VOClabelcolormap) gives an id: the id's bits,
    /// spread over the top bits of red, green and blue.</summary>
    public static SegmentationClass WithVocColor(string name, int id)
    {
        int red = 0, green = 0, blue = 0;
        for (int bit = 7, rest = id; rest != 0; bit--, rest >>= 3)
        {
            red |= (rest & 1) << bit;
            green |= (rest >> 1 & 1) << bit;
            blue |= (rest >> 2 & 1) << bit;
        }
        return new SegmentationClass(name, (byte)red, (byte)green, (byte)blue);
    }
}
