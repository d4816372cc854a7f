using FastScnn.Torch.Data;

namespace FastScnn.Scenes;

/// <summary>Draws street scenes with exact label maps: a road in perspective with kerbs, marks and sidewalks, houses,
/// gardens, sky, trees, cars, people, lamps, signs and traffic lights under sun or cloud, with shadows, haze and sensor
/// noise.</summary>
/// <remarks>Data to try training on without a download. A model that learned only these scenes knows drawn streets, not
/// real ones. The same options give the same bytes on every machine. Painted back to front; a label pixel belongs to
/// what covers its centre. Thread-safe: each call works alone.</remarks>
public static class StreetScene
{
    /// <summary>The classes of the label maps, named and coloured as in Cityscapes, numbered 0..11; every pixel has
    /// one.</summary>
    public static ClassList Classes { get; } = SceneClass.List();

    /// <summary>Draws one scene.</summary>
    /// <param name="options">Size and seed; null for the defaults.</param>
    /// <returns>The image and its label map, both of the size asked for.</returns>
    public static (PixelBuffer Image, LabelMap Labels) Generate(StreetSceneOptions? options = null)
    {
        options ??= new StreetSceneOptions();
        // The street is drawn from the seed alone, so that it is the same street at every size.
        var random = new SceneRandom(SceneRandom.Mix((ulong)options.Seed));
        var sun = new Sunlight(random.Fork());
        var road = new RoadLayout(random.Fork());
        float eye = (random.Chance(0.8f) ? 0.5f : -0.1f) * road.LaneWidth * random.Next(0.7f, 1.2f);
        var camera = new Camera(options.Width, options.Height, eye, random.Fork());
        var street = new Street(road, sun, eye, random.Fork());
        var ground = new Ground(road, sun, random.Fork());
        var sky = new Sky(sun, random.Fork());
        var skyline = new Skyline(random.Fork());
        var lens = new Lens(sun, random.Fork());

        var canvas = new Canvas(options.Width, options.Height, camera, sun);
        foreach (SceneObject thing in street.Objects)
        {
            canvas.Turn++;
            thing.Announce(canvas);
        }
        canvas.Turn = 0;
        sky.Draw(canvas);
        skyline.Draw(canvas);
        foreach (SceneObject thing in street.Objects)
            thing.CastShadow(canvas);
        ground.Draw(canvas);
        foreach (SceneObject thing in street.Objects)
        {
            canvas.Turn++;
            thing.Draw(canvas);
        }
        return (new PixelBuffer(options.Width, options.Height, lens.Develop(canvas)),
            new LabelMap(options.Width, options.Height, canvas.Ids));
    }
}

/// <summary>What a generated street scene is like.</summary>
public sealed record StreetSceneOptions
{
    /// <summary>The smallest side, in pixels.</summary>
    public const int MinSide = 32;

    /// <summary>The largest side, in pixels.</summary>
    public const int MaxSide = 4096;

    /// <summary>Columns, <see cref="MinSide"/>..<see cref="MaxSide"/>; default 480.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int Width
    {
        get;
        init => field = value is >= MinSide and <= MaxSide ? value : throw Side(nameof(Width), value);
    } = 480;

    /// <summary>Rows, <see cref="MinSide"/>..<see cref="MaxSide"/>; default 360.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int Height
    {
        get;
        init => field = value is >= MinSide and <= MaxSide ? value : throw Side(nameof(Height), value);
    } = 360;

    /// <summary>Chooses the street, everything in it, the light and the sensor noise; default 0. Any number is good,
    /// and neighbours have nothing in common.</summary>
    public long Seed { get; init; }

    private static ArgumentOutOfRangeException Side(string name, int value) =>
        new(name, $"{name} is {value}; a scene is {MinSide} to {MaxSide} pixels on each side.");
}

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
