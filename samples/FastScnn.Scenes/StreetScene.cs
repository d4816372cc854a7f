using FastScnn.Torch.Data;

namespace FastScnn.Torch.Scenes;

/// <summary>
/// Draws street scenes with exact label maps: a road in perspective with kerbs, marks and sidewalks, houses, gardens, sky,
/// trees, cars, people, lamps, signs and traffic lights under sun or cloud, with shadows, haze and sensor noise.
/// </summary>
/// <remarks>
/// Data to try training on without a download. A model that learned only these scenes knows drawn streets, not real ones.
/// The same options give the same bytes on every machine. Painted back to front; a label pixel belongs to what covers its centre.
/// Thread-safe: each call works alone.
/// </remarks>
public static class StreetScene
{
    /// <summary>The classes of the label maps, named and coloured as in Cityscapes, numbered 0..11; every pixel has one.</summary>
    public static ClassList Classes { get; } = SceneClass.List();

    /// <summary>Draws one scene.</summary>
    /// <param name="options">Size and seed; null for the defaults.</param>
    /// <returns>The picture and its label map, both of the size asked for.</returns>
    public static (PixelBuffer Photo, LabelMap Labels) Generate(StreetSceneOptions? options = null)
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
        return (new PixelBuffer(options.Width, options.Height, lens.Develop(canvas)), new LabelMap(options.Width, options.Height, canvas.Ids));
    }
}
