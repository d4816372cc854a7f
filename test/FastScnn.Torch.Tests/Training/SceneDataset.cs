using FastScnn.Scenes;
using FastScnn.Torch.Data;

namespace FastScnn.Torch.Tests.Training;

/// <summary>Generated street scenes in memory.</summary>
internal sealed class SceneDataset : SegmentationDataset
{
    private readonly Dictionary<string, (PixelBuffer Image, LabelMap Labels)> _scenes;

    public SceneDataset(int count, int width, int height, long seed = 1, ClassList? classes = null)
        : this([.. Enumerable.Range(0, count)
            .Select(i => StreetScene.Generate(new() { Width = width, Height = height, Seed = seed + i }))],
            classes ?? StreetScene.Classes)
    {
    }

    public SceneDataset(IReadOnlyList<(PixelBuffer Image, LabelMap Labels)> scenes, ClassList classes)
        : base(classes,
            [.. scenes.Select((_, i) => new SamplePair($"scene {i}", $"images/{i}.png", $"labels/{i}.png"))])
    {
        _scenes = scenes.Select((scene, i) => (scene, i)).ToDictionary(item => $"scene {item.i}", item => item.scene);
    }

    /// <summary>Called before each image is handed over.</summary>
    public Action Reading { get; init; } = () => { };

    /// <summary>What no scene is decoded with.</summary>
    public static Func<Stream, PixelBuffer> NoDecoder { get; } =
        _ => throw new InvalidOperationException("scenes are in memory");

    protected override PixelBuffer DecodeImage(SamplePair sample, Func<Stream, PixelBuffer> decoder)
    {
        Reading();
        return _scenes[sample.Name].Image;
    }

    protected override LabelMap DecodeMask(SamplePair sample) => _scenes[sample.Name].Labels;
}
