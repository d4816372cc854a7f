using System;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms.Image
{
    public sealed class ImageTypeAttribute : DataViewTypeAttribute
    {
        internal int Height { get; }

        internal int Width { get; }

        // As in the real one this constructor cannot be used: Register throws, because the type below takes no empty size.
        public ImageTypeAttribute()
        {
        }

        public ImageTypeAttribute(int height, int width)
        {
            Contracts.CheckParam(width > 0, nameof(width), "Should be positive number");
            Contracts.CheckParam(height > 0, nameof(height), "Should be positive number");
            Height = height;
            Width = width;
        }

        public override bool Equals(DataViewTypeAttribute other) => other is ImageTypeAttribute image && Height == image.Height && Width == image.Width;

        public override int GetHashCode() => HashCode.Combine(Height, Width);

        public override void Register() => DataViewTypeManager.Register(new ImageDataViewType(Height, Width), typeof(MLImage), this);
    }

    public sealed class ImageDataViewType : StructuredDataViewType
    {
        public readonly int Height;
        public readonly int Width;

        public ImageDataViewType(int height, int width)
            : base(typeof(MLImage))
        {
            Contracts.CheckParam(height > 0, nameof(height), "Must be positive.");
            Contracts.CheckParam(width > 0, nameof(width), " Must be positive.");
            Contracts.CheckParam((long)height * width <= int.MaxValue / 4, nameof(height), nameof(height) + " * " + nameof(width) + " is too large.");
            Height = height;
            Width = width;
        }

        public ImageDataViewType()
            : base(typeof(MLImage))
        {
        }

        public override bool Equals(DataViewType other) => other is ImageDataViewType image && Height == image.Height && Width == image.Width;

        public override int GetHashCode() => HashCode.Combine(Height, Width);

        public override string ToString() => Height == 0 && Width == 0 ? "Image" : $"Image<{Height}, {Width}>";
    }
}
