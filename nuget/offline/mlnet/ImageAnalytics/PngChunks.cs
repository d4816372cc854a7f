using System;
using System.Buffers.Binary;
using System.IO;

namespace Microsoft.ML.Data
{
    /// <summary>A PNG reduced to the chunks that decide its stored values.</summary>
    /// <remarks>
    /// Colour chunks (gAMA, cHRM, iCCP, sRGB) are left out because libpng's simplified interface would apply them and Skia,
    /// which decodes into the image's own colour space, does not; text chunks because they may be decompression bombs.
    /// </remarks>
    internal sealed class PngChunks
    {
        private static readonly byte[] _signature = { 0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A };

        private const uint Header = 0x49484452, Data = 0x49444154, Transparency = 0x74524E53, AncillaryBit = 0x20000000;

        private PngChunks(int width, int height, int bitDepth, bool hasAlpha, byte[] bytes)
        {
            Width = width;
            Height = height;
            BitDepth = bitDepth;
            HasAlpha = hasAlpha;
            Bytes = bytes;
        }

        public int Width { get; }

        public int Height { get; }

        public int BitDepth { get; }

        public bool HasAlpha { get; }

        public byte[] Bytes { get; }

        public static bool HasSignature(ReadOnlySpan<byte> content) => content.StartsWith(_signature);

        /// <summary>Null where no image data follows a header. What the chunks hold is left to libpng to check.</summary>
        public static PngChunks Read(ReadOnlySpan<byte> content)
        {
            using var kept = new MemoryStream(content.Length);
            kept.Write(_signature);
            ReadOnlySpan<byte> header = default;
            bool hasTransparency = false, hasData = false;
            for (int at = _signature.Length; content.Length - at >= 8;)
            {
                uint length = BinaryPrimitives.ReadUInt32BigEndian(content[at..]);
                uint type = BinaryPrimitives.ReadUInt32BigEndian(content[(at + 4)..]);
                // A cut chunk is kept as it is: libpng decodes the rows that are there.
                int size = (int)Math.Min(length + 12L, content.Length - at);
                ReadOnlySpan<byte> chunk = content.Slice(at, size);
                at += size;

                if (type == Header && size >= 25)
                    header = chunk.Slice(8, 13);
                hasTransparency |= type == Transparency && !hasData;
                hasData |= type == Data;
                if ((type & AncillaryBit) == 0 || type == Transparency)
                    kept.Write(chunk);
            }
            if (header.IsEmpty || !hasData)
                return null;

            int width = BinaryPrimitives.ReadInt32BigEndian(header);
            int height = BinaryPrimitives.ReadInt32BigEndian(header[4..]);
            bool hasAlpha = (header[9] & 4) != 0 || hasTransparency;
            return width <= 0 || height <= 0 ? null : new PngChunks(width, height, header[8], hasAlpha, kept.ToArray());
        }
    }
}
