using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.Offline.Tests.Core;

/// <summary>A value of a column type of our own, as a segmentation map is one.</summary>
public sealed record PixelCount(int Width, int Height);

public sealed class PixelCountDataViewType : StructuredDataViewType
{
    public PixelCountDataViewType()
        : base(typeof(PixelCount))
    {
    }

    public override bool Equals(DataViewType? other) => other is PixelCountDataViewType;

    public override bool Equals(object? other) => other is PixelCountDataViewType;

    public override int GetHashCode() => typeof(PixelCountDataViewType).GetHashCode();
}

public sealed class PixelCountTypeAttribute : DataViewTypeAttribute
{
    public override void Register() => DataViewTypeManager.Register(new PixelCountDataViewType(), typeof(PixelCount), this);

    public override bool Equals(DataViewTypeAttribute? other) => other is PixelCountTypeAttribute;

    public override bool Equals(object? other) => other is PixelCountTypeAttribute;

    public override int GetHashCode() => typeof(PixelCountTypeAttribute).GetHashCode();
}

public sealed class NumberRow
{
    public float Number { get; set; }
}

public sealed class PixelCountRow
{
    public float Number { get; set; }

    [PixelCountType]
    public PixelCount? Count { get; set; }
}
