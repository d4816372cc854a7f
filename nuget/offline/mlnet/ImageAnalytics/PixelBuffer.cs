using System;

namespace Microsoft.ML.Data
{
    /// <summary>Pixels of four bytes with premultiplied alpha, as Skia's bitmaps hold them.</summary>
    internal sealed class PixelBuffer
    {
        public const int Channels = 4;

        /// <summary>Above this (1 GiB of pixels) a decoder refuses, so that a header of a few bytes cannot take the machine's memory.</summary>
        public const long MaxPixels = 1L << 28;

        public PixelBuffer(int width, int height, MLPixelFormat format, bool isOpaque, byte[] bytes)
        {
            Width = width;
            Height = height;
            Format = format;
            IsOpaque = isOpaque;
            Bytes = bytes;
        }

        public int Width { get; }

        public int Height { get; }

        public MLPixelFormat Format { get; }

        public bool IsOpaque { get; }

        public byte[] Bytes { get; }

        public int BitsPerPixel => 8 * Channels;

        /// <summary>Where red lies in a pixel; blue lies at 2 minus that.</summary>
        public int RedOffset => Format == MLPixelFormat.Rgba32 ? 0 : 2;

        public byte[] ToBgr()
        {
            byte[] bgr = new byte[Bytes.Length / Channels * 3];
            int red = RedOffset;
            for (int from = 0, to = 0; from < Bytes.Length; from += Channels, to += 3)
            {
                byte alpha = Bytes[from + 3];
                bgr[to] = Unpremultiply(Bytes[from + 2 - red], alpha);
                bgr[to + 1] = Unpremultiply(Bytes[from + 1], alpha);
                bgr[to + 2] = Unpremultiply(Bytes[from + red], alpha);
            }
            return bgr;
        }

        /// <summary>Multiplies colour by alpha in place.</summary>
        public static void Premultiply(Span<byte> pixels)
        {
            for (int i = 0; i < pixels.Length; i += Channels)
            {
                int alpha = pixels[i + 3];
                if (alpha == 255)
                    continue;
                for (int c = 0; c < 3; c++)
                    pixels[i + c] = Multiply(pixels[i + c], alpha);
            }
        }

        /// <summary>a * b / 255, rounded.</summary>
        public static byte Multiply(int a, int b)
        {
            int product = a * b + 128;
            return (byte)((product + (product >> 8)) >> 8);
        }

        /// <summary>The colour before it was multiplied by alpha, in Skia's 8.24 fixed point (colour above alpha wraps there too).</summary>
        public byte Unpremultiply(byte color, byte alpha)
        {
            if (IsOpaque || alpha == 255)
                return color;
            if (alpha == 0)
                return 0;
            uint scale = (uint)(((255u << 24) + alpha / 2u) / alpha);
            return (byte)(unchecked(scale * color + (1u << 23)) >> 24);
        }
    }
}
