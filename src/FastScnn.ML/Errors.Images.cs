using FastScnn.Torch.Data;
using SkiaSharp;

namespace FastScnn.ML;

internal static partial class Errors
{
    private const string ReadFormats = "JPEG, PNG, GIF, BMP, WebP, ICO and WBMP are read";

    public static InvalidDataException ImageFormat(string? name, string found) => Image(ImageFault.UnknownFormat, name, $"It is {found}; {ReadFormats}.");

    public static InvalidDataException ImageTooLarge(string? name, long width, long height, long maxPixels) => Image(
        ImageFault.TooLarge, name, Invariant($"Its header says {width} x {height} pixels, over the limit of {maxPixels} pixels."),
        $"Shrink it, or raise {nameof(ImageDecoderOptions)}.{nameof(ImageDecoderOptions.MaxPixels)}.");

    public static InvalidDataException ImageFileTooLong(string? name, long length, long most, long maxPixels) => Image(
        ImageFault.TooLarge, name, Invariant($"It has {length} bytes; an image within the limit of {maxPixels} pixels takes {most} at most."));

    public static InvalidDataException ImageIncomplete(string? name, SKEncodedImageFormat format, string how, bool header = false) => Image(
        ImageFault.Incomplete, name, $"It is {A(format)} that is cut short: {how}.", header ? "Copy it again." : AcceptAdvice);

    public static InvalidDataException ImageDamagedInside(string? name, SKEncodedImageFormat format) => Image(
        ImageFault.Damaged, name, $"It is {A(format)} with damaged pixels: decoding stops before its end.", AcceptAdvice);

    public static InvalidDataException ImageDamaged(string? name, SKEncodedImageFormat format) =>
        Image(ImageFault.Damaged, name, $"It begins as {A(format)} does, and cannot be decoded: it is damaged.", "Copy it again.");

    public static InvalidDataException ImageWithoutPixels(string? name, SKEncodedImageFormat format, long width, long height) =>
        Image(ImageFault.Damaged, name, Invariant($"It is {A(format)} whose header says {width} x {height} pixels; both sides must be 1 or more."));

    public static InvalidDataException ImageOfUncommonKind(string? name, string kind) =>
        Image(ImageFault.UnknownFormat, name, $"It is {kind}, which is not read; {ReadFormats}.");

    private static InvalidDataException Image(ImageFault fault, string? name, string finding, string advice = "") =>
        new(Named(name) + finding + (advice.Length > 0 ? " " + advice : ""), new ImageException(fault, finding));

    private static string AcceptAdvice => $"Copy it again, or set {nameof(ImageDecoderOptions)}.{nameof(ImageDecoderOptions.AcceptIncomplete)} to take what there is.";

    private static string A(SKEncodedImageFormat format) => format switch
    {
        SKEncodedImageFormat.Ico => "an ICO",
        SKEncodedImageFormat.Webp => "a WebP",
        _ => $"a {format.ToString().ToUpperInvariant()}",
    };
}
