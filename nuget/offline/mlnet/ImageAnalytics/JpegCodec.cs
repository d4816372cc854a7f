using System;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Data
{
    /// <summary>JPEG through libjpeg-turbo's TurboJPEG 2 interface, which keeps its own longjmp inside.</summary>
    internal static unsafe class JpegCodec
    {
        private const int Quality = 100;

        public static bool IsJpeg(ReadOnlySpan<byte> content) => content.StartsWith(new byte[] { 0xFF, 0xD8, 0xFF });

        public static PixelBuffer Decode(ReadOnlySpan<byte> content)
        {
            IntPtr decoder = tjInitDecompress();
            if (decoder == IntPtr.Zero)
                throw new OutOfMemoryException("libturbojpeg gave no decoder.");
            try
            {
                fixed (byte* source = content)
                {
                    int width = 0, height = 0, colorSpace = -1;
                    // A sampling that TurboJPEG has no name for is an error here and none to the decoder.
                    _ = tjDecompressHeader3(decoder, source, (nuint)content.Length, &width, &height, out _, &colorSpace);
                    if (width <= 0 || height <= 0 || colorSpace < 0 || (long)width * height > PixelBuffer.MaxPixels)
                        return null;

                    bool isCmyk = colorSpace == TJCS_CMYK || colorSpace == TJCS_YCCK;
                    byte[] pixels = new byte[width * height * PixelBuffer.Channels];
                    fixed (byte* target = pixels)
                    {
                        int result = tjDecompress2(decoder, source, (nuint)content.Length, target, width, 0, height,
                            isCmyk ? TJPF_CMYK : TJPF_BGRA, TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS);
                        // A warning (truncated or damaged data) leaves a picture, which Skia keeps too.
                        if (result != 0 && tjGetErrorCode(decoder) != TJERR_WARNING)
                            return null;
                    }
                    if (isCmyk)
                        InvertedCmykToBgra(pixels);
                    return new PixelBuffer(width, height, MLPixelFormat.Bgra32, isOpaque: true, pixels);
                }
            }
            finally
            {
                _ = tjDestroy(decoder);
            }
        }

        public static byte[] Encode(PixelBuffer image)
        {
            IntPtr encoder = tjInitCompress();
            if (encoder == IntPtr.Zero)
                throw new OutOfMemoryException("libturbojpeg gave no encoder.");
            byte* encoded = null;
            try
            {
                nuint length = 0;
                fixed (byte* source = image.Bytes)
                {
                    // As Skia writes it: chroma at half size, alpha ignored.
                    int format = image.Format == MLPixelFormat.Bgra32 ? TJPF_BGRX : TJPF_RGBX;
                    if (tjCompress2(encoder, source, image.Width, 0, image.Height, format, &encoded, &length, TJSAMP_420, Quality, TJFLAG_ACCURATEDCT) != 0)
                        return null;
                }
                return new ReadOnlySpan<byte>(encoded, checked((int)length)).ToArray();
            }
            finally
            {
                if (encoded != null)
                    tjFree(encoded);
                _ = tjDestroy(encoder);
            }
        }

        // Skia takes every CMYK JPEG as Adobe writes it: inverted.
        private static void InvertedCmykToBgra(Span<byte> pixels)
        {
            for (int i = 0; i < pixels.Length; i += PixelBuffer.Channels)
            {
                byte c = pixels[i], m = pixels[i + 1], y = pixels[i + 2], k = pixels[i + 3];
                pixels[i] = PixelBuffer.Multiply(y, k);
                pixels[i + 1] = PixelBuffer.Multiply(m, k);
                pixels[i + 2] = PixelBuffer.Multiply(c, k);
                pixels[i + 3] = 255;
            }
        }

        private const string Library = "libturbojpeg.so.0";
        private const int TJCS_CMYK = 3, TJCS_YCCK = 4;
        private const int TJPF_RGBX = 2, TJPF_BGRX = 3, TJPF_BGRA = 8, TJPF_CMYK = 11;
        private const int TJSAMP_420 = 2;
        private const int TJFLAG_ACCURATEDCT = 4096, TJFLAG_LIMITSCANS = 32768;
        private const int TJERR_WARNING = 0;

        [DllImport(Library)]
        private static extern IntPtr tjInitDecompress();

        [DllImport(Library)]
        private static extern IntPtr tjInitCompress();

        [DllImport(Library)]
        private static extern int tjDecompressHeader3(IntPtr handle, byte* jpegBuf, nuint jpegSize, int* width, int* height, out int jpegSubsamp, int* jpegColorspace);

        [DllImport(Library)]
        private static extern int tjDecompress2(IntPtr handle, byte* jpegBuf, nuint jpegSize, byte* dstBuf, int width, int pitch, int height, int pixelFormat, int flags);

        [DllImport(Library)]
        private static extern int tjCompress2(IntPtr handle, byte* srcBuf, int width, int pitch, int height, int pixelFormat, byte** jpegBuf, nuint* jpegSize, int jpegSubsamp, int jpegQual, int flags);

        [DllImport(Library)]
        private static extern int tjGetErrorCode(IntPtr handle);

        [DllImport(Library)]
        private static extern void tjFree(byte* buffer);

        [DllImport(Library)]
        private static extern int tjDestroy(IntPtr handle);
    }
}
