using Microsoft.ML;

namespace FastScnn.ML;

/// <summary>The result of one fold of a cross-validation, with the members that ML.NET's own results have.</summary>
/// <seealso cref="SemanticSegmentationCatalog.CrossValidate"/>
public sealed class SegmentationCrossValidationResult
{
    internal SegmentationCrossValidationResult(int fold, ITransformer model, IDataView scoredHoldOutSet, SemanticSegmentationMetrics metrics) =>
        (Fold, Model, ScoredHoldOutSet, Metrics) = (fold, model, scoredHoldOutSet, metrics);

    /// <summary>The scores of <see cref="Model"/> on the rows that it was not fitted on.</summary>
    public SemanticSegmentationMetrics Metrics { get; }

    /// <summary>The model of this fold. Whoever asked for the cross-validation disposes it.</summary>
    public ITransformer Model { get; }

    /// <summary>The rows of this fold with the predictions of <see cref="Model"/>, which are made as they are read.</summary>
    public IDataView ScoredHoldOutSet { get; }

    /// <summary>The number of the fold, from 0.</summary>
    public int Fold { get; }
}
