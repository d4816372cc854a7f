using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.ML.Tests.Transforms;
using FastScnn.Testing;
using FastScnn.Torch.Data;
using FastScnn.Torch.Onnx;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace FastScnn.ML.Tests.Interop;

/// <summary>An exported model, scored by the transforms of ML.NET alone, as samples/05-score-with-stock-mlnet.cs
/// does.</summary>
public class StockScoringTests
{
    private const int Width = 480;
    private const int Height = 360;

    private static readonly Lazy<string> s_model = new(() => Models.Export(
        "reference/camvid-pytorch-60ep.pth",
        new OnnxExportOptions { Graph = OnnxGraph.Interop, RawPixels = true, Width = Width, Height = Height },
        ClassList.CamVid));

    [Test]
    public void An_image_gets_the_mask_that_the_segmenter_gives()
    {
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid);
        Assert.That(TestImages.Agreement(Score(TestImages.Street), segmenter.Segment(TestImages.Street).ClassIds.Span),
            Is.GreaterThan(0.9999));
    }

    [Test]
    public void An_image_of_another_size_is_segmented_as_it_was_resized()
    {
        string file = Path.Combine(TestFiles.NewFolder(), "image.png");
        using (MLImage image = TestImages.Image(611, 203))
            image.Save(file);
        var context = new MLContext();
        IDataView data = context.Data.LoadFromEnumerable([new ImageFileRow { File = file }]);
        IDataView maps = Resized(context).Append(context.Transforms.FastScnnSegment("Map", "Resized", Models.CamVid))
            .Fit(data).Transform(data);
        Assert.That(TestImages.Agreement(Score(file), maps.Ids("Map").Single()), Is.GreaterThan(0.9999));
    }

    [Test]
    public void The_segmenter_takes_the_file_too()
    {
        using FastScnnSegmenter stock = FastScnnSegmenter.Load(s_model.Value),
            own = FastScnnSegmenter.Load(Models.CamVid);
        Assert.That(TestImages.Agreement(stock.Segment(TestImages.Street).ClassIds.Span,
            own.Segment(TestImages.Street).ClassIds.Span), Is.GreaterThan(0.9999));
    }

    private static byte[] Score(string file)
    {
        var context = new MLContext();
        IDataView data = context.Data.LoadFromEnumerable([new ImageFileRow { File = file }]);
        using var model = Resized(context)
            .Append(context.Transforms.ExtractPixels("image", "Resized"))
            .Append(context.Transforms.ApplyOnnxModel("logits", "image", s_model.Value))
            .Fit(data);
        float[] logits = model.Transform(data).GetColumn<float[]>("logits").Single();
        const int Pixels = Width * Height;
        byte[] ids =
        [
            .. Enumerable.Range(0, Pixels)
                .Select(i => (byte)Enumerable.Range(0, logits.Length / Pixels)
                    .MaxBy(plane => logits[plane * Pixels + i]))
        ];
        Assert.That(ids.Distinct().Count(), Is.GreaterThan(1));
        return ids;
    }

    private static EstimatorChain<ImageResizingTransformer> Resized(MLContext context) =>
        context.Transforms.LoadImages("Image", null, nameof(ImageFileRow.File))
            .Append(context.Transforms.ResizeImages("Resized", Width, Height, "Image",
                ImageResizingEstimator.ResizingKind.Fill));
}
