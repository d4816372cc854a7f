using FastScnn.ML;
using FastScnn.Torch.Data;

namespace FastScnn.Web;

/// <summary><c>POST /segment</c>: a photo in, the mask out.</summary>
internal static class SegmentEndpoint
{
    public static async Task<IResult> HandleAsync(HttpRequest request, FastScnnSegmenter segmenter, PhotoQueue queue, WebOptions options, CancellationToken cancellation)
    {
        // The turn is taken only once the photo is here: a slow sender keeps nobody waiting.
        Stream photo = await Upload.ReadAsync(request, options.MaxBytes, cancellation);
        using IDisposable turn = await queue.EnterAsync(cancellation);
        SegmentationMap map = Segment(segmenter, photo);
        cancellation.ThrowIfCancellationRequested();
        using MemoryStream mask = new();
        IndexPng.Write(mask, map.Width, map.Height, map.ClassIds.Span, map.Classes);
        return WantsPng(request) ? Results.Bytes(mask.ToArray(), "image/png", "mask.png") : Results.Ok(SegmentReply.Of(map, mask.ToArray()));
    }

    private static SegmentationMap Segment(FastScnnSegmenter segmenter, Stream photo)
    {
        try
        {
            return segmenter.Segment(photo);
        }
        catch (Exception e) when (e.InnerException is ImageException image)
        {
            throw Refused.Image(image);
        }
    }

    private static bool WantsPng(HttpRequest request) =>
        request.GetTypedHeaders().Accept.FirstOrDefault()?.MediaType.Equals("image/png", StringComparison.OrdinalIgnoreCase) == true;
}
