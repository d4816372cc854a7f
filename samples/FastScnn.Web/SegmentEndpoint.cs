using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Torch.Data;

namespace FastScnn.Web;

/// <summary><c>POST /segment</c>: an image in, the mask out.</summary>
internal static class SegmentEndpoint
{
    public static async Task<IResult> HandleAsync(HttpRequest request, FastScnnSegmenter segmenter, ImageQueue queue,
        WebOptions options, CancellationToken cancellation)
    {
        // The turn is taken only once the image is here: a slow sender keeps nobody waiting.
        Stream image = await Upload.ReadAsync(request, options.MaxBytes, cancellation);
        using IDisposable turn = await queue.EnterAsync(cancellation);
        SegmentationMap map = Segment(segmenter, image);
        cancellation.ThrowIfCancellationRequested();
        using MemoryStream mask = new();
        IndexPng.Write(mask, map.Width, map.Height, map.ClassIds.Span, map.Classes);
        return WantsPng(request) ? Results.Bytes(mask.ToArray(), "image/png", "mask.png")
            : Results.Ok(SegmentReply.Of(map, mask.ToArray()));
    }

    private static SegmentationMap Segment(FastScnnSegmenter segmenter, Stream image)
    {
        try
        {
            return segmenter.Segment(image);
        }
        catch (Exception e) when (e.InnerException is ImageException fault)
        {
            throw Refused.Image(fault);
        }
    }

    private static bool WantsPng(HttpRequest request) =>
        request.GetTypedHeaders().Accept.FirstOrDefault()?.MediaType.Equals("image/png",
            StringComparison.OrdinalIgnoreCase) == true;
}
