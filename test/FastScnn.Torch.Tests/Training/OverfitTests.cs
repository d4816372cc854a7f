using FastScnn.Scenes;
using FastScnn.Torch.Data;
using FastScnn.Torch.Data.Augmentation;
using FastScnn.Torch.Metrics;
using FastScnn.Torch.Network;
using FastScnn.Torch.Training;

namespace FastScnn.Torch.Tests.Training;

/// <summary>The network, the losses and the loop can learn a few scenes by heart.</summary>
public class OverfitTests
{
    private const int Width = 224, Height = 160;

    [Test]
    public void Four_scenes_are_learned_by_heart()
    {
        SceneDataset scenes = Simplest(4, outOf: 32);
        TrainingOptions options = new()
        {
            Epochs = 120,
            BatchSize = 4,
            Seed = 1,
            CacheBytes = 1 << 24,
            Augmentation = AugmentationOptions.CropOnly with { CropWidth = Width, CropHeight = Height },
            Dropout = 0,
            Optimizer = new AdamWSettings { WeightDecay = 0 },
            Schedule = LearningRateSchedule.OneCycle(0.01),
            ValidateEvery = 1000,
        };

        TrainingResult result = new FastScnnTrainer(options).Train(scenes, scenes, SceneDataset.NoDecoder);

        SegmentationScores scores = result.Scores!;
        int[] thick = [.. Enumerable.Range(0, scenes.Classes.Count).Where(id => IsThick(scenes, (byte)id))];
        for (int id = 0; id < scenes.Classes.Count; id++)
            TestContext.Out.WriteLine(
                $"{scenes.Classes[id].Name}: IoU "
                    + $"{scores.PerClassIoU[id]:F3}{(thick.Contains(id) ? "" : ", thinner than 16 px somewhere or absent")}");
        TestContext.Out.WriteLine($"pixel accuracy {scores.PixelAccuracy:F4}");
        Assert.That(thick, Has.Length.GreaterThanOrEqualTo(4));
        Assert.That(scores.PixelAccuracy, Is.GreaterThan(0.95));
        Assert.That(thick.Average(id => scores.PerClassIoU[id]), Is.GreaterThan(0.92));
    }

    // Scenes of few outlines: what logits at 1/8 cannot draw would only tell how fine the scenes are.
    private static SceneDataset Simplest(int count, int outOf) => new(
        [.. Enumerable.Range(1, outOf)
            .Select(seed => StreetScene.Generate(new() { Width = Width, Height = Height, Seed = seed }))
            .OrderBy(scene => OutlinePixels(scene.Labels)).Take(count)],
        StreetScene.Classes);

    private static int OutlinePixels(LabelMap labels)
    {
        int count = 0;
        for (int y = 0; y + 1 < labels.Height; y++)
            for (int x = 0; x + 1 < labels.Width; x++)
                if (labels[x, y] != labels[x + 1, y] || labels[x, y] != labels[x, y + 1]) count++;
        return count;
    }

    // Thick: most of the class lies in squares of 16 pixels that show nothing else. Logits at 1/8 cannot draw less.
    private static bool IsThick(SceneDataset scenes, byte id)
    {
        long all = 0, inside = 0;
        for (int scene = 0; scene < scenes.Samples.Count; scene++)
        {
            LabelMap labels = scenes.ReadMask(scene);
            all += labels.Ids.Span.Count(id);
            bool[] covered = new bool[Width * Height];
            for (int y = 0; y + 16 <= Height; y += 4)
                for (int x = 0; x + 16 <= Width; x += 4)
                    if (Enumerable.Range(0, 256).All(i => labels[x + i % 16, y + i / 16] == id))
                        for (int i = 0; i < 256; i++) covered[(y + i / 16) * Width + x + i % 16] = true;
            inside += covered.Count(c => c);
        }
        return all > 0 && inside > all / 2;
    }
}
