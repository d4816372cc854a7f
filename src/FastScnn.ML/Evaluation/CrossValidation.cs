using FastScnn.ML.Catalog;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using static System.FormattableString;

namespace FastScnn.ML.Evaluation;

/// <summary>The result of one fold of a cross-validation, with the members that ML.NET's own results have.</summary>
/// <seealso cref="SemanticSegmentationCatalog.CrossValidate"/>
public sealed class SegmentationCrossValidationResult
{
    internal SegmentationCrossValidationResult(
        int fold, ITransformer model, IDataView scoredHoldOutSet, SemanticSegmentationMetrics metrics) =>
        (Fold, Model, ScoredHoldOutSet, Metrics) = (fold, model, scoredHoldOutSet, metrics);

    /// <summary>Gets the scores of <see cref="Model"/> on the rows that it was not fitted on.</summary>
    public SemanticSegmentationMetrics Metrics { get; }

    /// <summary>Gets the model of this fold. Whoever asked for the cross-validation disposes it.</summary>
    public ITransformer Model { get; }

    /// <summary>Gets the rows of this fold with the predictions of <see cref="Model"/>, which are made as they are
    /// read.</summary>
    public IDataView ScoredHoldOutSet { get; }

    /// <summary>Gets the number of the fold, from 0.</summary>
    public int Fold { get; }
}

/// <summary>Fits an estimator on all folds of the data but one and scores it on that one, for each fold in
/// turn.</summary>
internal static class CrossValidation
{
    public static IReadOnlyList<SegmentationCrossValidationResult> Run(
        IReadOnlyList<DataOperationsCatalog.TrainTestData> folds,
        IEstimator<ITransformer> estimator,
        Func<IDataView, SemanticSegmentationMetrics> evaluate,
        IChannel channel)
    {
        RequireRows(folds);
        var results = new List<SegmentationCrossValidationResult>();
        ITransformer? model = null;
        try
        {
            foreach (DataOperationsCatalog.TrainTestData fold in folds)
            {
                string place = Invariant($"Fold {results.Count + 1} of {folds.Count}");
                channel.Info(MessageSensitivity.None, $"{place}: fitting on the others.");
                model = estimator.Fit(fold.TrainSet);
                IDataView scored = Score(model, fold.TestSet);
                SemanticSegmentationMetrics metrics = evaluate(scored);
                channel.Info(MessageSensitivity.None, $"{place}: {metrics}.");
                results.Add(new SegmentationCrossValidationResult(results.Count, model, scored, metrics));
            }
        }
        catch
        {
            // The last model may not be in a result yet.
            foreach (IDisposable unused in results.Select(result => result.Model).Append(model).OfType<IDisposable>()
                .Distinct())
                unused.Dispose();
            throw;
        }
        return results;
    }

    // Rows are drawn into folds, so that one may get none where there are few. Fitting can take hours, which would
    // be lost.
    private static void RequireRows(IReadOnlyList<DataOperationsCatalog.TrainTestData> folds)
    {
        for (int fold = 0; fold < folds.Count; fold++)
        {
            Require(folds[fold].TestSet, fold, "score");
            Require(folds[fold].TrainSet, fold, "fit");
        }

        void Require(IDataView rows, int fold, string use)
        {
            using DataViewRowCursor cursor = rows.GetRowCursor([]);
            if (!cursor.MoveNext())
            {
                throw new InvalidDataException(
                    Invariant(
                        $"Fold {fold + 1} of {folds.Count} has no row to {use}: rows are drawn into folds at random, and there are few of ")
                    + "them, or few values of the sampling key. Take fewer folds, more data or another seed.");
            }
        }
    }

    // As ML.NET's catalogs do: steps that a chain keeps out of scoring, such as the loading of labels, are wanted here.
    private static IDataView Score(ITransformer model, IDataView data) => model is IEnumerable<ITransformer> chain
        ? chain.Aggregate(data, (view, transformer) => transformer.Transform(view))
        : model.Transform(data);
}
