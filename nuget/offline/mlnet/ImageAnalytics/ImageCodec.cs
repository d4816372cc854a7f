using System;
using System.Collections.Generic;

namespace Microsoft.ML.Data
{
    /// <summary>Chooses the decoder by content and the encoder by extension.</summary>
    internal static class ImageCodec
    {
        // The extensions that the real one knows; it can write PNG, JPEG and WebP of them, this one PNG and JPEG.
        private static readonly HashSet<string> _knownExtensions = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
        {
            ".bmp", ".png", ".jpg", ".jpeg", ".gif", ".ico", ".astc", ".avif", ".dng", ".heif", ".ktx", ".pkm", ".wbmp", ".webp"
        };

        public static bool IsKnownExtension(string extension) => _knownExtensions.Contains(extension);

        /// <summary>Null where the content is no image that can be decoded.</summary>
        public static PixelBuffer Decode(ReadOnlySpan<byte> content)
        {
            if (PngCodec.IsPng(content))
                return PngCodec.Decode(content);
            return JpegCodec.IsJpeg(content) ? JpegCodec.Decode(content) : null;
        }

        /// <summary>Null where this format cannot be written.</summary>
        public static byte[] Encode(PixelBuffer image, string extension) => extension.ToLowerInvariant() switch
        {
            ".png" => PngCodec.Encode(image),
            ".jpg" or ".jpeg" => JpegCodec.Encode(image),
            _ => null
        };
    }
}
