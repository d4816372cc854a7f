using System.Text;
using SkiaSharp;
using static System.FormattableString;

namespace FastScnn.ML.Imaging;

/// <summary>Tells the format of a file by its first bytes. Only formats of this list reach the codec.</summary>
internal static class ImageSignature
{
    /// <summary>How many bytes are enough.</summary>
    public const int Length = 512;

    /// <summary>The format, or null for one that is not read.</summary>
    public static SKEncodedImageFormat? Format(ReadOnlySpan<byte> start) => start switch
    {
        [0xFF, 0xD8, 0xFF, ..] => SKEncodedImageFormat.Jpeg,
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => SKEncodedImageFormat.Png,
        [(byte)'G', (byte)'I', (byte)'F', (byte)'8', (byte)'7' or (byte)'9', (byte)'a', ..] => SKEncodedImageFormat.Gif,
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] =>
            SKEncodedImageFormat.Webp,
        [(byte)'B', (byte)'M', _, _, _, _, _, _, _, _, _, _, _, _, _, _, 0, 0, ..] => SKEncodedImageFormat.Bmp,
        [0, 0, 1 or 2, 0, _, 0, ..] => SKEncodedImageFormat.Ico,
        // No signature: type 0, no extensions, then a width and a height.
        [0, 0, .. var sides] when IsWbmpSize(sides) => SKEncodedImageFormat.Wbmp,
        _ => null,
    };

    /// <summary>What a file is that is not read, for an error text: "a TIFF image", "a text that begins ...".</summary>
    public static string Describe(ReadOnlySpan<byte> start) => start switch
    {
        [] => "empty",
        [(byte)'I', (byte)'I', 42 or 43, 0, ..] or [(byte)'M', (byte)'M', 0, 42 or 43, ..] =>
            "a TIFF image (or a raw image, which is stored alike)",
        [(byte)'I', (byte)'I', 0xBC, ..] => "a JPEG XR image",
        [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', _, _, _, _, ..] =>
            Container(Encoding.Latin1.GetString(start.Slice(8, 4))),
        [0x89, (byte)'P', (byte)'N', (byte)'G', ..] when start.Length >= 8 =>
            "a PNG with a damaged signature (was it copied as a text?)",
        [0, 0, 0, 12, (byte)'j', (byte)'P', ..] or [0xFF, 0x4F, 0xFF, 0x51, ..] => "a JPEG 2000 image",
        [0, 0, 0, 12, (byte)'J', (byte)'X', (byte)'L', ..] or [0xFF, 0x0A, ..] => "a JPEG XL image",
        [(byte)'8', (byte)'B', (byte)'P', (byte)'S', ..] => "a Photoshop document",
        [(byte)'q', (byte)'o', (byte)'i', (byte)'f', ..] => "a QOI image",
        [(byte)'D', (byte)'D', (byte)'S', (byte)' ', ..] => "a DDS texture",
        [0x76, 0x2F, 0x31, 0x01, ..] => "an OpenEXR image",
        [(byte)'P', >= (byte)'1' and <= (byte)'7', (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t', ..] =>
            "a Netpbm image (PBM, PGM, PPM)",
        [(byte)'P', (byte)'f' or (byte)'F', (byte)'\n', ..] => "a PFM image",
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'A', (byte)'V', (byte)'I', ..] => "an AVI video",
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', ..] => "a RIFF file that is no WebP",
        [0x1A, 0x45, 0xDF, 0xA3, ..] => "a Matroska or WebM video",
        [(byte)'%', (byte)'P', (byte)'D', (byte)'F', ..] => "a PDF document",
        [(byte)'%', (byte)'!', (byte)'P', (byte)'S', ..] => "a PostScript document",
        [(byte)'P', (byte)'K', 3 or 5, 4 or 6, ..] => "a ZIP archive",
        [0x1F, 0x8B, ..] => "a gzip archive",
        [(byte)'7', (byte)'z', 0xBC, 0xAF, ..] => "a 7z archive",
        [(byte)'R', (byte)'a', (byte)'r', (byte)'!', ..] => "a RAR archive",
        [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', ..] => "a NumPy array",
        [0x89, (byte)'H', (byte)'D', (byte)'F', ..] => "an HDF5 file",
        [(byte)'D', (byte)'I', (byte)'C', (byte)'M', ..] => "a DICOM image",
        _ when start.Length >= 132 && start[128..].StartsWith("DICM"u8) => "a DICOM image",
        _ when start.StartsWith("#?RADIANCE"u8) => "a Radiance HDR image",
        _ when start.StartsWith("version https://git-lfs"u8) =>
            "a pointer of Git LFS ('git lfs pull' fetches the file itself)",
        _ when !start.ContainsAnyExcept((byte)0) => "filled with zeros: a copy or a download that was not finished",
        _ when IsSignatureCut(start) => Invariant($"cut short within the signature of an image ({start.Length} bytes)"),
        _ => IsText(start) ? Text(start)
            : $"of no known format, and begins with the bytes {Convert.ToHexString(start[..Math.Min(8, start.Length)])}",
    };

    // Two numbers of 7 bits a byte, the highest bit set where another follows; the codec takes 1 to 65,535.
    private static bool IsWbmpSize(ReadOnlySpan<byte> sides)
    {
        for ((int at, int side) = (0, 0); at < 2; at++, side = 0)
        {
            int read = 0;
            while (read < sides.Length && read < 3 && (read == 0 || sides[read - 1] >= 0x80))
                side = side << 7 | (sides[read++] & 0x7F);
            if (read == 0 || sides[read - 1] >= 0x80 || side is < 1 or > 0xFFFF)
                return false;
            sides = sides[read..];
        }
        return true;
    }

    private static string Container(string brand) => brand switch
    {
        "avif" or "avis" => "an AVIF image",
        "heic" or "heix" or "heim" or "heis" or "hevc" or "hevx" or "mif1" or "msf1" => "an HEIC (HEIF) image",
        "crx " => "a raw image (CR3)",
        _ => $"an MP4 or QuickTime file (brand '{brand.Trim()}')",
    };

    private static bool IsSignatureCut(ReadOnlySpan<byte> start) =>
        start.Length < 8
            && ((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A]).StartsWith(start)
        || start.Length < 3 && ((ReadOnlySpan<byte>)[0xFF, 0xD8]).StartsWith(start)
        || start.Length < 6 && ("GIF87a"u8.StartsWith(start) || "GIF89a"u8.StartsWith(start))
        || start.Length < 18 && start.StartsWith("BM"u8)
        || start.Length < 12 && start.StartsWith("RIFF"u8);

    private static bool IsText(ReadOnlySpan<byte> start)
    {
        foreach (byte b in start)
            if (b < 32 && b is not ((byte)'\t' or (byte)'\n' or (byte)'\r' or (byte)'\f'))
                return false;
        return true;
    }

    private static string Text(ReadOnlySpan<byte> start)
    {
        string text = Encoding.UTF8.GetString(start).TrimStart('\uFEFF', ' ', '\t', '\r', '\n');
        if (text.Contains("<svg", StringComparison.OrdinalIgnoreCase))
            return "an SVG drawing";
        if (text.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("<html", StringComparison.OrdinalIgnoreCase))
            return "an HTML page (an error page in place of a download?)";
        if (text.StartsWith("<?xml", StringComparison.OrdinalIgnoreCase))
            return "an XML text";
        string line = text.ReplaceLineEndings("\n").Split('\n')[0];
        return $"a text that begins \"{(line.Length > 40 ? line[..40] + "..." : line)}\"";
    }
}
