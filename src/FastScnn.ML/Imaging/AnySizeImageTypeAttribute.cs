using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace FastScnn.ML;

/// <summary>
/// Marks an <see cref="MLImage"/> member of a class that is bound to data view columns as a photo of any size: what <c>LoadImages</c>,
/// <c>DrawSegmentation</c> and the data sets of <c>mlContext.SemanticSegmentation</c> give. ML.NET's own <c>[ImageType]</c> wants a height
/// and a width, and binds no column but one of that very type.
/// </summary>
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
