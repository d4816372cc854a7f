using FastScnn.ML.Imaging;
using FastScnn.ML.Quantization;
using FastScnn.Scenes;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Onnx;
using Microsoft.ML.Data;

namespace FastScnn.Bench.Scoring;

/// <summary>The images and the models that all peers score, in a folder of their own.</summary>
/// <remarks>The weights are those of samples/models/fastscnn-scenes, trained on generated scenes, and the images such
/// scenes, so that class maps are as calm as those of a trained network are. Its 12 classes are made 19, as Cityscapes
/// has: the others repeat trained ones with a bias too low to win, so they cost what classes cost.</remarks>
internal sealed class ScoringFiles(string folder)
{
    private const int Classes = 19;

    /// <summary>Our scoring graph, for any size.</summary>
    public string Scoring => File("scoring.onnx");

    /// <summary>Floats in, logits of full size out, for any size.</summary>
    public string Interop => File("interop.onnx");

    /// <summary>Our scoring graph in 8 bits.</summary>
    public string Int8 => File("int8.onnx");

    /// <summary>The weights, for PyTorch.</summary>
    public string Weights => File("weights.safetensors");

    /// <summary>Pixels in, logits of full size out, for one size: what stock ML.NET can use.</summary>
    public string Stock(ScoringCase scored) => File($"stock-{scored.Size}.onnx");

    /// <summary>An image as a JPEG file.</summary>
    public string Image(ScoringCase scored) => File($"image-{scored.Size}.jpg");

    /// <summary>The decoded image as BGRA bytes, row by row.</summary>
    public string Pixels(ScoringCase scored) => File($"image-{scored.Size}.bgra");

    /// <summary>The decoded image as an image, which the caller owns.</summary>
    public MLImage Decoded(ScoringCase scored) =>
        MLImage.CreateFromPixels(scored.Width, scored.Height, MLPixelFormat.Bgra32,
            System.IO.File.ReadAllBytes(Pixels(scored)));

    /// <summary>Writes our scoring graph and the images of cases.</summary>
    /// <returns>The weights.</returns>
    public Checkpoint WriteScoring(IReadOnlyCollection<ScoringCase> cases)
    {
        Checkpoint weights = Widen(
            Checkpoint.Load(Path.Combine(Checkout.Root, "samples", "models", "fastscnn-scenes.safetensors")));
        OnnxExporter.Export(weights, Scoring);
        foreach (ScoringCase size in cases.DistinctBy(one => one.Size))
            WriteImage(size);
        return weights;
    }

    /// <summary>Writes what cases need.</summary>
    public void Write(IReadOnlyCollection<ScoringCase> cases)
    {
        Checkpoint weights = WriteScoring(cases);
        weights.SaveSafetensors(Weights);
        OnnxExporter.Export(weights, Interop, new() { Graph = OnnxGraph.Interop });
        foreach (ScoringCase size in cases.DistinctBy(one => one.Size))
            OnnxExporter.Export(weights, Stock(size),
                new() { Graph = OnnxGraph.Interop, RawPixels = true, Height = size.Height, Width = size.Width });
        FastScnnQuantizer.Quantize(weights, cases.DistinctBy(one => one.Size).Select(Image), Int8);
    }

    private void WriteImage(ScoringCase size)
    {
        ReadOnlySpan<byte> rgb =
            StreetScene.Generate(new StreetSceneOptions
            {
                Height = size.Height,
                Width = size.Width,
                Seed = 1
            }).Image.ToRgb24().Pixels.Span;
        var pixels = new byte[4 * size.Width * size.Height];
        for (int i = 0; i < size.Width * size.Height; i++)
            (pixels[4 * i], pixels[4 * i + 1], pixels[4 * i + 2], pixels[4 * i + 3]) = (rgb[3 * i + 2], rgb[3 * i + 1],
                rgb[3 * i], 255);
        using (MLImage drawn = MLImage.CreateFromPixels(size.Width, size.Height, MLPixelFormat.Bgra32, pixels))
            drawn.Save(Image(size));
        using MLImage decoded = MLImage.CreateFromFile(Image(size));
        System.IO.File.WriteAllBytes(Pixels(size), decoded.Pixels);
    }

    private static Checkpoint Widen(Checkpoint trained)
    {
        const string Last = "classifier.conv.1";
        var tensors = trained.Tensors.Where(tensor => !tensor.Key.StartsWith("auxlayer", StringComparison.Ordinal))
            .ToDictionary();
        CheckpointTensor weight = tensors[Last + ".weight"];
        (float[] rows, float[] bias) = (weight.ToSingle(), tensors[Last + ".bias"].ToSingle());
        int columns = rows.Length / bias.Length;
        float[] moreRows = [.. Enumerable.Range(0, Classes * columns).Select(i => rows[i % rows.Length])];
        float[] moreBias =
        [
            .. Enumerable.Range(0, Classes).Select(k => bias[k % bias.Length] - (k < bias.Length ? 0 : 20))
        ];
        tensors[Last + ".weight"] = CheckpointTensor.FromSingle(moreRows, Classes, columns, 1, 1);
        tensors[Last + ".bias"] = CheckpointTensor.FromSingle(moreBias, Classes);
        return new Checkpoint(tensors);
    }

    private string File(string name) => Path.Combine(folder, name);
}
