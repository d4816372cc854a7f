using System.Globalization;
using FastScnn.ML.Imaging;
using FastScnn.Torch.Data;

namespace FastScnn.Web;

/// <summary>What <c>POST /segment</c> answers.</summary>
/// <param name="Width">Columns of the image and of the mask.</param>
/// <param name="Height">Rows of the image and of the mask.</param>
/// <param name="Classes">All classes of the model, in the order of their ids.</param>
/// <param name="Timings">How long the parts took.</param>
/// <param name="Mask">An 8-bit palette PNG in base64: the palette indices are the class ids, the palette their
/// colours.</param>
public sealed record SegmentReply(int Width, int Height, IReadOnlyList<ClassShare> Classes, TimingSplit Timings,
    byte[] Mask)
{
    internal static SegmentReply Of(SegmentationMap map, byte[] mask) =>
        new(map.Width, map.Height, [.. map.Classes.Select((c, id) => ClassShare.Of(c, id, map.ClassFractions[id]))],
            TimingSplit.Of(map.Timings), mask);
}

/// <summary>One class and how much of the image it covers.</summary>
/// <param name="Id">The value of its pixels in the mask.</param>
/// <param name="Name">Its name.</param>
/// <param name="Color">Its colour as #rrggbb.</param>
/// <param name="Share">The part of all pixels that it covers, 0 to 1.</param>
public sealed record ClassShare(int Id, string Name, string Color, double Share)
{
    internal static ClassShare Of(SegmentationClass c, int id, double share) =>
        new(id, c.Name, string.Create(CultureInfo.InvariantCulture, $"#{c.Red:x2}{c.Green:x2}{c.Blue:x2}"), share);
}

/// <summary>Where the time went, in milliseconds.</summary>
/// <param name="Decode">From the file to pixels.</param>
/// <param name="PreProcess">From pixels to the network's input.</param>
/// <param name="Inference">The network.</param>
/// <param name="PostProcess">From its scores to one class a pixel.</param>
public sealed record TimingSplit(double Decode, double PreProcess, double Inference, double PostProcess)
{
    internal static TimingSplit Of(SegmentationTimings t) => new(
        t.Decode.TotalMilliseconds, (t.PreProcess - t.Decode).TotalMilliseconds, t.Inference.TotalMilliseconds,
        t.PostProcess.TotalMilliseconds);
}

/// <summary>What <c>GET /model</c> answers: what the server runs and takes.</summary>
/// <param name="Name">The model's file name.</param>
/// <param name="Provider">What ONNX Runtime runs it on.</param>
/// <param name="Classes">The names of its classes, in the order of their ids.</param>
/// <param name="MaxBytes">The largest accepted file.</param>
/// <param name="MaxPixels">The largest accepted image, width times height.</param>
/// <param name="MaxFrameBytes">The largest accepted frame of a camera.</param>
/// <param name="MaxFramePixels">The largest accepted frame of a camera, width times height.</param>
public sealed record ModelReply(string Name, string Provider, IReadOnlyList<string> Classes, long MaxBytes,
    long MaxPixels, int MaxFrameBytes, long MaxFramePixels);

/// <summary>What <c>GET /health</c> answers.</summary>
/// <param name="Status">"healthy"; "degraded" while as many images wait as may; "unhealthy", with the status code 503,
/// where the model fails, or its file is broken, so that the next start would fail.</param>
/// <param name="Working">Images that are worked on now.</param>
/// <param name="Waiting">Images that wait for their turn.</param>
/// <param name="Streams">Cameras that stream.</param>
public sealed record HealthReply(string Status, int Working, int Waiting, int Streams);
