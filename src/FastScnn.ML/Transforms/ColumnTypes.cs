using Microsoft.ML.Data;

namespace FastScnn.ML;

/// <summary>The type of data view columns that hold a <see cref="SegmentationMap"/> a row, of any size. All instances are equal.</summary>
/// <remarks>
/// What keeps or reorders rows in ML.NET (<c>Cache</c>, <c>AppendCacheCheckpoint</c>, <c>ShuffleRows</c>, <c>SaveAsBinary</c>) knows only
/// its own standard types and leaves columns of images and of maps out. Use it on file names, before photos are loaded.
/// </remarks>
public sealed class SegmentationMapDataViewType : StructuredDataViewType
{
    /// <summary>The kind of the column annotation that names the classes: a vector of text, one a class.</summary>
    public const string ClassNamesKind = "ClassNames";

    /// <summary>Makes an instance; <see cref="Instance"/> serves as well.</summary>
    public SegmentationMapDataViewType() : base(typeof(SegmentationMap))
    {
    }

    /// <summary>The type.</summary>
    public static SegmentationMapDataViewType Instance { get; } = new();

    /// <inheritdoc/>
    public override bool Equals(DataViewType? other) => other is SegmentationMapDataViewType;

    /// <inheritdoc/>
    public override int GetHashCode() => typeof(SegmentationMapDataViewType).GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => "SegmentationMap";
}
