using FastScnn.ML.Hosting;
using FastScnn.ML.Imaging;
using FastScnn.Torch.Data;

namespace FastScnn.Web;

/// <summary><c>POST /segment</c>: an image in, the mask out.</summary>
internal static class SegmentEndpoint
{
    public static async Task<IResult> HandleAsync(HttpRequest request, ISegmentationService service,
        WebOptions options, CancellationToken cancellation)
    {
        // The turn is taken only once the image is here: a slow sender keeps nobody waiting.
        Stream image = await Upload.ReadAsync(request, options.MaxBytes, cancellation);
        (SegmentationMap map, byte[] mask) = await service.RunAsync(segmenter =>
        {
            SegmentationMap map = segmenter.Segment(image);
            cancellation.ThrowIfCancellationRequested();
            return (map, Mask(map));
        }, cancellation);
        return WantsPng(request) ? Results.Bytes(mask, "image/png", "mask.png")
            : Results.Ok(SegmentReply.Of(map, mask));
    }

    /// <summary>An 8-bit palette PNG whose indices are the class ids.</summary>
    public static byte[] Mask(SegmentationMap map)
    {
        using MemoryStream mask = new();
        IndexPng.Write(mask, map.Width, map.Height, map.ClassIds.Span, map.Classes);
        return mask.ToArray();
    }

    private static bool WantsPng(HttpRequest request) =>
        request.GetTypedHeaders().Accept.FirstOrDefault()?.MediaType.Equals("image/png",
            StringComparison.OrdinalIgnoreCase) == true;
}
