using FastScnn.ML.Imaging;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace FastScnn.ML.Transforms;

/// <summary>The type of data view columns that hold a <see cref="SegmentationMap"/> a row, of any size.</summary>
internal sealed class SegmentationMapDataViewType : StructuredDataViewType
{
    /// <summary>The kind of the column annotation that names the classes: a vector of text, one a class.</summary>
    public const string ClassNamesKind = "ClassNames";

    private SegmentationMapDataViewType() : base(typeof(SegmentationMap))
    {
    }

    // A chain of ML.NET compares types of columns by reference.
    public static SegmentationMapDataViewType Instance { get; } = new();

    public override bool Equals(DataViewType? other) => other is SegmentationMapDataViewType;

    public override int GetHashCode() => typeof(SegmentationMapDataViewType).GetHashCode();

    public override string ToString() => "SegmentationMap";
}

/// <summary>Marks a <see cref="SegmentationMap"/> member of a class that is bound to data view columns, for
/// <c>CreateEnumerable</c>, <c>LoadFromEnumerable</c> and prediction engines.</summary>
/// <remarks>What keeps or reorders rows in ML.NET (<c>Cache</c>, <c>AppendCacheCheckpoint</c>, <c>ShuffleRows</c>,
/// <c>SaveAsBinary</c>) knows only its own standard types and leaves columns of images and of maps out. Use it on file
/// names, before images are loaded. Columns of maps that this library makes have an annotation <c>ClassNames</c>, a
/// vector of text.</remarks>
/// <example><code>
/// public sealed class Prediction
/// {
///     [SegmentationMapType]
///     public SegmentationMap? PredictedLabel { get; set; }
/// }
/// </code></example>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
public sealed class SegmentationMapTypeAttribute : DataViewTypeAttribute
{
    /// <inheritdoc/>
    public override void Register() =>
        DataViewTypeManager.Register(SegmentationMapDataViewType.Instance, typeof(SegmentationMap), this);

    /// <inheritdoc/>
    public override bool Equals(DataViewTypeAttribute? other) => other is SegmentationMapTypeAttribute;

    /// <inheritdoc/>
    public override int GetHashCode() => typeof(SegmentationMapTypeAttribute).GetHashCode();
}

/// <summary>Marks an <see cref="MLImage"/> member of a class that is bound to data view columns as an image of any
/// size: what <c>LoadImages</c>, <c>DrawSegmentation</c> and the data sets of <c>mlContext.SemanticSegmentation</c>
/// give. ML.NET's own <c>[ImageType]</c> wants a height and a width, and binds no column but one of that very
/// type.</summary>
/// <example><code>
/// public sealed class Prediction
/// {
///     [AnySizeImageType]
///     public MLImage? Overlay { get; set; }
/// }
/// </code></example>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
public sealed class AnySizeImageTypeAttribute : DataViewTypeAttribute
{
    /// <inheritdoc/>
    public override void Register() => DataViewTypeManager.Register(new ImageDataViewType(), typeof(MLImage), this);

    /// <inheritdoc/>
    public override bool Equals(DataViewTypeAttribute? other) => other is AnySizeImageTypeAttribute;

    /// <inheritdoc/>
    public override int GetHashCode() => typeof(AnySizeImageTypeAttribute).GetHashCode();
}
