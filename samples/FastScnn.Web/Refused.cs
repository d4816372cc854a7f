using System.Globalization;
using FastScnn.ML.Hosting;
using FastScnn.ML.Imaging;

namespace FastScnn.Web;

/// <summary>All reasons that clients are given.</summary>
internal static class Refused
{
    public static RefusedException NoImage() =>
        new(400, "No image", "The body is empty; expected an image file, such as a JPEG or PNG.");

    public static RefusedException Files(int count) => new(
        400, "Not one image", Invariant($"The form holds {count} files; expected one, an image, under any name."));

    public static RefusedException BrokenForm(string fault) =>
        new(400, "Broken form", $"The multipart body cannot be read: {fault}");

    public static RefusedException CutOff() => new(400, "Cut off", "The body ended before its announced end.");

    public static RefusedException TooManyBytes(long maxBytes) =>
        new(413, "Too many bytes", Invariant($"The file is over the limit of {maxBytes} bytes; shrink it."));

    public static RefusedException BodyType(string? type) => new(
        415, "Wrong type of body",
        $"The content type is {(string.IsNullOrEmpty(type) ? "missing" : $"'{type}'")}; expected image/jpeg or "
            + "another image type, application/octet-stream or multipart/form-data with one file.");

    /// <summary>What a client is told of a failure; null where it is the server's own.</summary>
    public static RefusedException? Of(Exception e) => e switch
    {
        RefusedException refused => refused,
        SegmenterBusyException => new(429, "Busy", e.Message),
        { InnerException: ImageException image } => Image(image),
        _ => null,
    };

    // What the decoder says of a file, which is about the file alone.
    private static RefusedException Image(ImageException image) => image.Fault switch
    {
        ImageFault.UnknownFormat => new(415, "Not an image", image.Message),
        ImageFault.TooLarge => new(413, "Too many pixels", image.Message),
        ImageFault.Incomplete => new(422, "Incomplete image", image.Message),
        _ => new(422, "Damaged image", image.Message),
    };

    public static RefusedException NoWebSocket() =>
        new(426, "No WebSocket", "This address takes frames of a camera over a WebSocket; send images to /segment.");

    // The client gets these as the reason of a close, which has 123 bytes at most.
    public static RefusedException TooManyStreams(int most) => new(
        429, "Busy", Invariant($"All places for cameras are taken, {most} at a time; try again later."));

    public static RefusedException Idle(int seconds) =>
        new(408, "Idle", Invariant($"No frame came for {seconds} seconds."));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
