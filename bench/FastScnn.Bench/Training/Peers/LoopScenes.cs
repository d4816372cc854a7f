using FastScnn.Torch.Data;
using SkiaSharp;
using static TorchSharp.torch;

namespace FastScnn.Bench.Training.Peers;

/// <summary>A folder data set for TorchSharp's DataLoader: random scale 0.5 to 2, mirroring, crop and normalisation,
/// after bench/pytorch/scene_folder.py.</summary>
/// <remarks>SkiaSharp decodes images and scales the crop alone. Masks are read by this library, as SkiaSharp would turn
/// their ids into colours.</remarks>
internal sealed class LoopScenes(string root, BatchSize size, int count) : utils.data.Dataset
{
    private const byte Ignored = 255;

    private static readonly SKColor s_padding = new(124, 116, 104);
    private static readonly float[] s_mean = [0.485f, 0.456f, 0.406f], s_deviation = [0.229f, 0.224f, 0.225f];

    private readonly SegmentationDataset _scenes = SegmentationDataset.FromFolder(root, "train");

    public int Classes => _scenes.Classes.Count;

    public override long Count => count;

    public override Dictionary<string, Tensor> GetTensor(long index)
    {
        SamplePair sample = _scenes.Samples[(int)(index % _scenes.Samples.Count)];
        using SKBitmap image = SKBitmap.Decode(sample.ImagePath);
        LabelMap mask = IndexPng.Read(sample.MaskPath);
        double factor = 0.5 + (1.5 * Random.Shared.NextDouble());
        (int width, int height) = ((int)(image.Width * factor), (int)(image.Height * factor));
        (int shownWidth, int shownHeight) = (Math.Min(width, size.Width), Math.Min(height, size.Height));
        int left = Random.Shared.Next(width - shownWidth + 1), top = Random.Shared.Next(height - shownHeight + 1);
        bool mirrored = Random.Shared.Next(2) == 1;

        using SKBitmap crop = new(size.Width, size.Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using (SKCanvas canvas = new(crop))
        using (SKPaint bilinear = new() { FilterQuality = SKFilterQuality.Low })
        {
            canvas.Clear(s_padding);
            canvas.DrawBitmap(image, SKRect.Create((float)(left / factor), (float)(top / factor),
                (float)(shownWidth / factor), (float)(shownHeight / factor)),
                SKRect.Create(shownWidth, shownHeight), bilinear);
        }
        ReadOnlySpan<byte> pixels = crop.GetPixelSpan(), ids = mask.Ids.Span;
        int plane = size.Height * size.Width;
        float[] data = new float[3 * plane];
        long[] labels = new long[plane];
        for (int y = 0; y < size.Height; y++)
        {
            int row = (int)((top + y + 0.5) / factor) * mask.Width;
            for (int x = 0; x < size.Width; x++)
            {
                int from = mirrored ? size.Width - 1 - x : x, to = (y * size.Width) + x;
                for (int channel = 0; channel < 3; channel++)
                    data[(channel * plane) + to] =
                        ((pixels[(4 * ((y * size.Width) + from)) + channel] / 255f) - s_mean[channel])
                        / s_deviation[channel];
                labels[to] = y < shownHeight && from < shownWidth ? ids[row + (int)((left + from + 0.5) / factor)]
                    : Ignored;
            }
        }
        return new()
        {
            ["image"] = tensor(data, [3, size.Height, size.Width]),
            ["label"] = tensor(labels, [size.Height, size.Width]),
        };
    }
}
