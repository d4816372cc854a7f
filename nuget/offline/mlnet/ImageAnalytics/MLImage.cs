using System;
using System.IO;

namespace Microsoft.ML.Data
{
    /// <summary>An image of 32 bits a pixel, decoded by the system's libpng and libjpeg-turbo where the real one asks Skia.</summary>
    /// <remarks>As in the real one, decoded pixels carry premultiplied alpha and orientation tags are not applied.</remarks>
    public sealed class MLImage : IDisposable
    {
        private PixelBuffer _image;
        private string _tag;

        private MLImage(PixelBuffer image)
        {
            _image = image;
        }

        public static MLImage CreateFromStream(Stream imageStream)
        {
            if (imageStream is null)
                throw new ArgumentNullException(nameof(imageStream));

            using var content = new MemoryStream();
            imageStream.CopyTo(content);
            PixelBuffer image = ImageCodec.Decode(new ReadOnlySpan<byte>(content.GetBuffer(), 0, (int)content.Length));
            return image is null
                ? throw new ArgumentException("Invalid input stream contents", nameof(imageStream))
                : new MLImage(image);
        }

        public static MLImage CreateFromFile(string imagePath)
        {
            if (imagePath is null)
                throw new ArgumentNullException(nameof(imagePath));

            PixelBuffer image = File.Exists(imagePath) ? ImageCodec.Decode(File.ReadAllBytes(imagePath)) : null;
            return image is null ? throw new ArgumentException("Invalid path", nameof(imagePath)) : new MLImage(image);
        }

        public static MLImage CreateFromPixels(int width, int height, MLPixelFormat pixelFormat, ReadOnlySpan<byte> imagePixelData)
        {
            if (pixelFormat != MLPixelFormat.Bgra32 && pixelFormat != MLPixelFormat.Rgba32)
                throw new ArgumentException("Unsupported pixel format", nameof(pixelFormat));
            if (width <= 0)
                throw new ArgumentException("Invalid width value.", nameof(width));
            if (height <= 0)
                throw new ArgumentException("Invalid height value.", nameof(height));
            if (imagePixelData.Length != (long)width * height * 4)
                throw new ArgumentException($"Invalid {nameof(imagePixelData)} buffer size.");

            return new MLImage(new PixelBuffer(width, height, pixelFormat, isOpaque: false, imagePixelData.ToArray()));
        }

        public MLPixelFormat PixelFormat => Image.Format;

        public byte[] GetBGRPixels => Image.ToBgr();

        public ReadOnlySpan<byte> Pixels => Image.Bytes;

        public string Tag
        {
            get
            {
                _ = Image;
                return _tag;
            }
            set
            {
                _ = Image;
                _tag = value;
            }
        }

        public int Width => Image.Width;

        public int Height => Image.Height;

        public int BitsPerPixel => Image.BitsPerPixel;

        public void Save(string imagePath)
        {
            PixelBuffer image = Image;
            string extension = Path.GetExtension(imagePath);
            if (!ImageCodec.IsKnownExtension(extension))
                throw new ArgumentException("Path has invalid image file extension.", nameof(imagePath));

            byte[] content = ImageCodec.Encode(image, extension)
                ?? throw new ArgumentException($"Saving image with the format '{extension}' is not supported. Try save it with `Jpeg`, `Png`, or `Webp` format.", nameof(imagePath));
            File.WriteAllBytes(imagePath, content);
        }

        public void Dispose() => _image = null;

        internal MLImage CloneWithResizing(int width, int height, ImageResizeMode mode) => new MLImage(ImageResampler.Resize(Image, width, height, mode));

        private PixelBuffer Image => _image ?? throw new InvalidOperationException("Object is disposed.");
    }

    public enum MLPixelFormat
    {
        Unknown,

        Bgra32,

        Rgba32
    }

    internal enum ImageResizeMode
    {
        Pad,
        Fill,
        CropAnchorTop,
        CropAnchorBottom,
        CropAnchorLeft,
        CropAnchorRight,
        CropAnchorCentral
    }
}
