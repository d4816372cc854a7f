using System;

namespace Microsoft.ML.Data
{
    /// <summary>The three ways of resizing that the real one asks Skia for.</summary>
    internal static class ImageResampler
    {
        public static PixelBuffer Resize(PixelBuffer image, int width, int height, ImageResizeMode mode) => mode switch
        {
            ImageResizeMode.Pad => Pad(image, width, height),
            ImageResizeMode.Fill => Nearest(image, width, height),
            >= ImageResizeMode.CropAnchorTop and <= ImageResizeMode.CropAnchorCentral => Crop(image, width, height, mode),
            _ => throw new ArgumentException("Invalid resize mode value.", nameof(mode))
        };

        private static PixelBuffer Nearest(PixelBuffer image, int width, int height)
        {
            byte[] target = new byte[width * height * PixelBuffer.Channels];
            int[] columns = NearestColumns(image, width);
            for (int y = 0, to = 0; y < height; y++)
            {
                int row = NearestRow(image, y, height) * image.Width;
                for (int x = 0; x < width; x++, to += PixelBuffer.Channels)
                    image.Bytes.AsSpan((row + columns[x]) * PixelBuffer.Channels, PixelBuffer.Channels).CopyTo(target.AsSpan(to));
            }
            return new PixelBuffer(width, height, image.Format, image.IsOpaque, target);
        }

        // Skia's two samplers differ where a pixel's centre falls between two source pixels. Blue-first images go through
        // the old one: fixed point with 32 binary places, positions lowered by Bias, so that a tie takes the lower pixel,
        // columns by adding up one step. Red-first images go through the newer one: float, a tie takes the upper pixel.
        private const long Bias = 1 << 16;

        private static int[] NearestColumns(PixelBuffer image, int width)
        {
            int[] columns = new int[width];
            float scale = 1 / ((float)width / image.Width);
            long position = Fixed(0.5f * scale) - Bias, step = Fixed(scale);
            for (int x = 0; x < width; x++, position += step)
                columns[x] = Math.Clamp(image.Format == MLPixelFormat.Bgra32 ? (int)(position >> 32) : (int)((x + 0.5f) * scale), 0, image.Width - 1);
            return columns;
        }

        private static int NearestRow(PixelBuffer image, int y, int height)
        {
            float position = (y + 0.5f) * (1 / ((float)height / image.Height));
            return Math.Clamp(image.Format == MLPixelFormat.Bgra32 ? (int)((Fixed(position) - Bias) >> 32) : (int)position, 0, image.Height - 1);
        }

        private static long Fixed(float value) => (long)(value * 4294967296.0);

        private static PixelBuffer Pad(PixelBuffer image, int width, int height)
        {
            float widthAspect = (float)width / image.Width, heightAspect = (float)height / image.Height;
            float aspect = Math.Min(heightAspect, widthAspect);
            int left = 0, top = 0;
            if (heightAspect < widthAspect)
                left = (int)((width - image.Width * aspect) / 2);
            else
                top = (int)((height - image.Height * aspect) / 2);
            return Draw(image, width, height, left, top, aspect);
        }

        private static PixelBuffer Crop(PixelBuffer image, int width, int height, ImageResizeMode mode)
        {
            float widthAspect = (float)width / image.Width, heightAspect = (float)height / image.Height;
            float aspect = Math.Max(heightAspect, widthAspect);
            int left = 0, top = 0;
            if (heightAspect < widthAspect)
                top = Offset(height - image.Height * aspect, mode == ImageResizeMode.CropAnchorTop, mode == ImageResizeMode.CropAnchorBottom);
            else
                left = Offset(width - image.Width * aspect, mode == ImageResizeMode.CropAnchorLeft, mode == ImageResizeMode.CropAnchorRight);
            return Draw(image, width, height, left, top, aspect);
        }

        private static int Offset(float room, bool atStart, bool atEnd) => atStart ? 0 : (int)(atEnd ? room : room / 2);

        // Draws the scaled image with Mitchell's cubic on an opaque black canvas. Skia samples the cubic at the source
        // position without widening it, so that shrinking aliases there and here.
        private static PixelBuffer Draw(PixelBuffer image, int width, int height, int left, int top, float aspect)
        {
            int scaledWidth = (int)(image.Width * aspect), scaledHeight = (int)(image.Height * aspect);
            byte[] target = new byte[width * height * PixelBuffer.Channels];
            Tap[] columns = Taps(image.Width, left, scaledWidth, width), rows = Taps(image.Height, top, scaledHeight, height);
            int red = image.RedOffset;
            float[] sum = new float[PixelBuffer.Channels];
            for (int y = Math.Max(top, 0); y < Math.Min(top + scaledHeight, height); y++)
            {
                for (int x = Math.Max(left, 0); x < Math.Min(left + scaledWidth, width); x++)
                {
                    Sample(image, columns[x], rows[y], sum);
                    int to = (y * width + x) * PixelBuffer.Channels;
                    float alpha = Math.Clamp(sum[3], 0, 255);
                    target[to] = Round(sum[2 - red], alpha);
                    target[to + 1] = Round(sum[1], alpha);
                    target[to + 2] = Round(sum[red], alpha);
                    target[to + 3] = 255;
                }
            }
            return new PixelBuffer(width, height, MLPixelFormat.Bgra32, isOpaque: true, target);
        }

        private static void Sample(PixelBuffer image, in Tap column, in Tap row, float[] sum)
        {
            Array.Clear(sum);
            for (int j = 0; j < 4; j++)
            {
                int line = Math.Clamp(row.Start + j, 0, image.Height - 1) * image.Width;
                float weightY = row.Weight(j);
                for (int i = 0; i < 4; i++)
                {
                    int from = (line + Math.Clamp(column.Start + i, 0, image.Width - 1)) * PixelBuffer.Channels;
                    float weight = weightY * column.Weight(i);
                    for (int c = 0; c < PixelBuffer.Channels; c++)
                        sum[c] += weight * image.Bytes[from + c];
                }
            }
        }

        private static byte Round(float value, float max) => (byte)(Math.Clamp(value, 0, max) + 0.5f);

        private static Tap[] Taps(int source, int offset, int scaled, int count)
        {
            Tap[] taps = new Tap[count];
            float scale = (float)source / scaled;
            for (int i = 0; i < count; i++)
            {
                float position = (i + 0.5f - offset) * scale - 0.5f;
                float floor = MathF.Floor(position);
                taps[i] = new Tap((int)floor - 1, position - floor);
            }
            return taps;
        }

        /// <summary>Four neighbours and their weights by Mitchell and Netravali's cubic, B = C = 1/3.</summary>
        private readonly struct Tap
        {
            private readonly float _fraction;

            public Tap(int start, float fraction)
            {
                Start = start;
                _fraction = fraction;
            }

            public int Start { get; }

            public float Weight(int index)
            {
                float distance = MathF.Abs(_fraction + 1 - index);
                return distance < 1
                    ? (7 * distance * distance * distance - 12 * distance * distance + 16f / 3) / 6
                    : (-7f / 3 * distance * distance * distance + 12 * distance * distance - 20 * distance + 32f / 3) / 6;
            }
        }
    }
}
