using System;
using System.Runtime.InteropServices;
using System.Text;

namespace Microsoft.ML.Data
{
    /// <summary>PNG through libpng's simplified interface, which keeps its own longjmp inside.</summary>
    internal static unsafe class PngCodec
    {
        public static bool IsPng(ReadOnlySpan<byte> content) => PngChunks.HasSignature(content);

        public static PixelBuffer Decode(ReadOnlySpan<byte> content)
        {
            PngChunks chunks = PngChunks.Read(content);
            if (chunks is null || (long)chunks.Width * chunks.Height > PixelBuffer.MaxPixels)
                return null;

            // Without colour chunks libpng takes 8 bits as sRGB and 16 bits as linear, so that asking for the same
            // leaves the values as stored, which is what Skia gives.
            bool isLinear = chunks.BitDepth == 16;
            int width = chunks.Width, height = chunks.Height;
            byte[] pixels = new byte[width * height * PixelBuffer.Channels];
            ushort[] samples = isLinear ? new ushort[pixels.Length] : [];
            fixed (byte* source = chunks.Bytes)
            fixed (byte* bytes = pixels)
            fixed (ushort* words = samples)
            {
                PngImage image = new PngImage { Version = PNG_IMAGE_VERSION };
                try
                {
                    if (png_image_begin_read_from_memory(&image, source, (nuint)chunks.Bytes.Length) == 0)
                        return null;
                    image.Format = PNG_FORMAT_BGRA | (isLinear ? PNG_FORMAT_FLAG_LINEAR : 0);
                    void* target = isLinear ? words : bytes;
                    if (png_image_finish_read(&image, null, target, 0, null) == 0 && !IsTruncation(&image))
                        return null;
                }
                finally
                {
                    png_image_free(&image);
                }
            }
            if (isLinear)
                Narrow(samples, pixels, chunks.HasAlpha);
            else if (chunks.HasAlpha)
                PixelBuffer.Premultiply(pixels);
            if (!chunks.HasAlpha)
                Fill(pixels);
            return new PixelBuffer(width, height, MLPixelFormat.Bgra32, !chunks.HasAlpha, pixels);
        }

        public static byte[] Encode(PixelBuffer image)
        {
            bool isRgb = image.Format == MLPixelFormat.Rgba32;
            PngImage target = new PngImage { Version = PNG_IMAGE_VERSION, Width = (uint)image.Width, Height = (uint)image.Height };
            byte[] pixels;
            if (image.IsOpaque)
            {
                pixels = image.ToBgr();
                target.Format = PNG_FORMAT_BGR;
            }
            else
            {
                pixels = (byte[])image.Bytes.Clone();
                for (int i = 0; i < pixels.Length; i++)
                    if (i % PixelBuffer.Channels != 3)
                        pixels[i] = image.Unpremultiply(pixels[i], pixels[i | 3]);
                target.Format = isRgb ? PNG_FORMAT_RGBA : PNG_FORMAT_BGRA;
            }

            fixed (byte* source = pixels)
            {
                nuint length = (nuint)pixels.Length + (nuint)(pixels.Length / 8) + 4096;
                while (true)
                {
                    byte[] encoded = new byte[length];
                    nuint capacity = length;
                    fixed (byte* memory = encoded)
                        if (png_image_write_to_memory(&target, memory, &length, 0, source, 0, null) != 0)
                            return encoded.AsSpan(0, (int)length).ToArray();
                    // False with a larger length means only that the room was too small.
                    if (length <= capacity)
                        throw new InvalidOperationException($"libpng could not write the image: {Message(&target)}");
                }
            }
        }

        // Skia keeps the rows that were there and leaves the others empty.
        private static bool IsTruncation(PngImage* image) => Message(image).Contains("read beyond end of data", StringComparison.Ordinal);

        // Skia drops the low byte. With alpha libpng has already multiplied, so that the sample is rounded here.
        private static void Narrow(ushort[] samples, byte[] pixels, bool hasAlpha)
        {
            for (int i = 0; i < samples.Length; i++)
                pixels[i] = hasAlpha ? (byte)((samples[i] + 128) / 257) : (byte)(samples[i] >> 8);
        }

        private static void Fill(byte[] pixels)
        {
            for (int i = 3; i < pixels.Length; i += PixelBuffer.Channels)
                pixels[i] = 255;
        }

        private static string Message(PngImage* image)
        {
            ReadOnlySpan<byte> text = new ReadOnlySpan<byte>(image->Message, 64);
            int end = text.IndexOf((byte)0);
            return Encoding.Latin1.GetString(end < 0 ? text : text[..end]);
        }

        private const string Library = "libpng16.so.16";
        private const uint PNG_IMAGE_VERSION = 1;
        private const uint PNG_FORMAT_FLAG_LINEAR = 4;
        private const uint PNG_FORMAT_RGBA = 3, PNG_FORMAT_BGR = 0x12, PNG_FORMAT_BGRA = 0x13;

        [StructLayout(LayoutKind.Sequential)]
        private struct PngImage
        {
            public IntPtr Opaque;
            public uint Version;
            public uint Width;
            public uint Height;
            public uint Format;
            public uint Flags;
            public uint ColormapEntries;
            public uint WarningOrError;
            public fixed byte Message[64];
        }

        [DllImport(Library)]
        private static extern int png_image_begin_read_from_memory(PngImage* image, byte* memory, nuint size);

        [DllImport(Library)]
        private static extern int png_image_finish_read(PngImage* image, void* background, void* buffer, int rowStride, void* colormap);

        [DllImport(Library)]
        private static extern int png_image_write_to_memory(PngImage* image, void* memory, nuint* memoryBytes, int convertTo8Bit, void* buffer, int rowStride, void* colormap);

        [DllImport(Library)]
        private static extern void png_image_free(PngImage* image);
    }
}
