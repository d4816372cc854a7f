using Microsoft.ML.Data;

namespace FastScnn.ML;

/// <summary>
/// Marks a <see cref="SegmentationMap"/> member of a class that is bound to data view columns, for <c>CreateEnumerable</c>,
/// <c>LoadFromEnumerable</c> and prediction engines.
/// </summary>
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
    public override void Register() => DataViewTypeManager.Register(SegmentationMapDataViewType.Instance, typeof(SegmentationMap), this);

    /// <inheritdoc/>
    public override bool Equals(DataViewTypeAttribute? other) => other is SegmentationMapTypeAttribute;

    /// <inheritdoc/>
    public override int GetHashCode() => typeof(SegmentationMapTypeAttribute).GetHashCode();
}
