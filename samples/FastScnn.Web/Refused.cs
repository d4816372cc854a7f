using System.Globalization;

namespace FastScnn.Web;

/// <summary>All reasons that clients are given.</summary>
internal static class Refused
{
    public static RefusedException NoPhoto() => new(400, "No photo", "The body is empty; expected a JPEG or PNG file.");

    public static RefusedException Files(int count) => new(
        400, "Not one photo", Invariant($"The form holds {count} files; expected one, a JPEG or PNG, under any name."));

    public static RefusedException BrokenForm(string fault) => new(400, "Broken form", $"The multipart body cannot be read: {fault}");

    public static RefusedException CutOff() => new(400, "Cut off", "The body ended before its announced end.");

    public static RefusedException TooManyBytes(long maxBytes) => new(413, "Too many bytes", Invariant($"The file is over the limit of {maxBytes} bytes; shrink it."));

    public static RefusedException TooManyPixels(long maxPixels) => new(
        413, "Too many pixels", Invariant($"The photo, as the network sees it, is over the limit of {maxPixels} pixels; shrink it."));

    public static RefusedException BodyType(string? type) => new(
        415, "Wrong type of body", $"The content type is {(string.IsNullOrEmpty(type) ? "missing" : $"'{type}'")}; expected image/jpeg, image/png, application/octet-stream or multipart/form-data with one file.");

    public static RefusedException NotAPhoto() => new(415, "Not a photo", "The file does not start as a JPEG or PNG does.");

    public static RefusedException Damaged() => new(422, "Damaged photo", "The file starts as a JPEG or PNG does, but cannot be decoded.");

    public static RefusedException Busy(int atOnce, int waiting) => new(
        429, "Busy", Invariant($"{atOnce} photos are worked on and {waiting} wait, the most this server takes; try again in a moment."));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
