using FastScnn.ML.Tests.Transforms;
using FastScnn.Testing;
using FastScnn.Torch.Data;
using FastScnn.Torch.Onnx;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace FastScnn.ML.Tests.Interop;

/// <summary>An exported model in an application that has ML.NET and nothing of FastScnn.</summary>
public class StockScoringTests
{
    private const int Width = 480;
    private const int Height = 360;

    private static readonly string s_program = Path.Combine(SampleFolder(), "FastScnn.StockMLNet.dll");
    private static readonly Lazy<string> s_model = new(() => Models.Export(
        "reference/camvid-pytorch-60ep.pth",
        new OnnxExportOptions { Graph = OnnxGraph.Interop, RawPixels = true, Width = Width, Height = Height }, ClassList.CamVid));

    [Test]
    public void A_photo_gets_the_mask_that_the_segmenter_gives()
    {
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid);
        Assert.That(Photos.Agreement(Score(Photos.Street), segmenter.Segment(Photos.Street).ClassIds.Span), Is.GreaterThan(0.9999));
    }

    [Test]
    public void A_photo_of_another_size_is_segmented_as_it_was_resized()
    {
        string file = Path.Combine(TestFiles.NewFolder(), "photo.png");
        using (MLImage photo = Photos.Image(611, 203))
            photo.Save(file);
        var context = new MLContext();
        IDataView data = context.Data.LoadFromEnumerable([new PhotoFileRow { File = file }]);
        IDataView maps = context.Transforms.LoadImages("Photo", null, nameof(PhotoFileRow.File))
            .Append(context.Transforms.ResizeImages("Resized", Width, Height, "Photo", ImageResizingEstimator.ResizingKind.Fill))
            .Append(context.Transforms.FastScnnSegment("Map", "Resized", Models.CamVid))
            .Fit(data).Transform(data);
        Assert.That(Photos.Agreement(Score(file), maps.Ids("Map").Single()), Is.GreaterThan(0.9999));
    }

    [Test]
    public void The_segmenter_takes_the_file_too()
    {
        using FastScnnSegmenter stock = FastScnnSegmenter.Load(s_model.Value), own = FastScnnSegmenter.Load(Models.CamVid);
        Assert.That(Photos.Agreement(stock.Segment(Photos.Street).ClassIds.Span, own.Segment(Photos.Street).ClassIds.Span), Is.GreaterThan(0.9999));
    }

    [Test]
    public void The_application_has_nothing_of_ours() => Assert.That(
        Directory.GetFiles(SampleFolder(), "*.dll").Select(Path.GetFileName)
            .Where(name => name!.StartsWith("FastScnn.", StringComparison.Ordinal) || name.Contains("Torch", StringComparison.OrdinalIgnoreCase)),
        Is.EqualTo(new[] { "FastScnn.StockMLNet.dll" }));

    /// <summary>The class ids that the sample writes as grey values.</summary>
    private static byte[] Score(string photo)
    {
        string file = Path.Combine(TestFiles.NewFolder(), "mask.png");
        (int exit, string output) = ChildProcess.Run(
            s_program, s_model.Value, $"{Width}", $"{Height}", photo, file);
        Assert.That(exit, Is.Zero, output);
        Assert.That(output, Does.Contain("assemblies of FastScnn in this process: 0"));
        using MLImage mask = MLImage.CreateFromFile(file);
        Assert.That((mask.Width, mask.Height), Is.EqualTo((Width, Height)));
        byte[] ids = [.. mask.GetBGRPixels.Chunk(3).Select(pixel => pixel[0])];
        Assert.That(ids.Distinct().Count(), Is.GreaterThan(1));
        return ids;
    }

    private static string SampleFolder() =>
        ChildProcess.Folder("FastScnn.StockMLNet").Replace(Path.Combine(TestFiles.Root, "test"), Path.Combine(TestFiles.Root, "samples"));
}
