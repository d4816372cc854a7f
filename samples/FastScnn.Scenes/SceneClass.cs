using FastScnn.Torch.Data;

namespace FastScnn.Torch.Scenes;

/// <summary>The ids in the label maps of generated scenes; names and colours are those of Cityscapes.</summary>
internal static class SceneClass
{
    public const byte Road = 0, Sidewalk = 1, Building = 2, Fence = 3, Pole = 4, TrafficLight = 5, TrafficSign = 6,
        Vegetation = 7, Terrain = 8, Sky = 9, Person = 10, Car = 11;

    private static readonly string[] s_names =
    [
        "road", "sidewalk", "building", "fence", "pole", "traffic light", "traffic sign",
        "vegetation", "terrain", "sky", "person", "car",
    ];

    public static ClassList List() => new(s_names.Select(name => ClassList.Cityscapes.Single(c => c.Name == name)));
}
