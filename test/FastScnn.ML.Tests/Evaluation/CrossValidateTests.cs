using FastScnn.ML.Evaluation;
using FastScnn.Torch.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.ML.Tests.Evaluation;

public class CrossValidateTests
{
    private readonly MLContext _context = new(seed: 1);

    private IDataView Rows(int count)
    {
        // Row i has i + 1 labelled pixels, so the pixels of a fold say which rows are in it.
        IEnumerable<ScoredRow> rows = Enumerable.Range(0, count).Select(i =>
        {
            byte[] label = [.. Enumerable.Repeat((byte)1, i + 1), .. Enumerable.Repeat((byte)255, count - i)];
            ScoredRow row = ScoredRow.Of(ClassList.Generic(2), count + 1, label,
                [.. label.Select((_, p) => (byte)(p % 2))]);
            row.Number = i;
            return row;
        });
        return _context.Data.LoadFromEnumerable(rows.ToList());
    }

    [Test]
    public void Every_row_is_scored_by_the_model_that_did_not_see_it()
    {
        IDataView data = Rows(40);
        var trained = new List<float[]>();
        IEstimator<ITransformer> estimator = new Recorder(trained,
            _context.Transforms.CopyColumns("Copy", "PredictedLabel"));
        IReadOnlyList<SegmentationCrossValidationResult> results = _context.SemanticSegmentation.CrossValidate(data,
            estimator, numberOfFolds: 3, seed: 4);

        Assert.That(results.Select(result => result.Fold), Is.EqualTo(new[] { 0, 1, 2 }));
        List<float[]> tested = [
            .. results.Select(result => result.ScoredHoldOutSet.GetColumn<float>("Number").ToArray())];
        Assert.That(tested.SelectMany(fold => fold), Is.EquivalentTo(Enumerable.Range(0, 40)));
        for (int fold = 0; fold < 3; fold++)
        {
            Assert.That(trained[fold].Concat(tested[fold]), Is.EquivalentTo(Enumerable.Range(0, 40)),
                "a row is either trained or tested on");
            Assert.That(results[fold].Metrics.Rows, Is.EqualTo(tested[fold].Length));
            Assert.That(results[fold].Metrics.LabelledPixels, Is.EqualTo(tested[fold].Sum(number => (long)number + 1)));
            Assert.That(results[fold].ScoredHoldOutSet.Schema.GetColumnOrNull("Copy"), Is.Not.Null,
                "scored by the model");
        }
        IReadOnlyList<SegmentationCrossValidationResult> again = _context.SemanticSegmentation.CrossValidate(data,
            estimator, numberOfFolds: 3, seed: 4);
        Assert.That(again.Select(result => result.Metrics.LabelledPixels),
            Is.EqualTo(results.Select(result => result.Metrics.LabelledPixels)));
    }

    [Test]
    public void Every_fold_is_logged()
    {
        var log = new List<string>();
        _context.Log += Record;
        IReadOnlyList<SegmentationCrossValidationResult> results;
        try
        {
            results = _context.SemanticSegmentation.CrossValidate(Rows(20),
                _context.Transforms.CopyColumns("Copy", "PredictedLabel"), numberOfFolds: 2, seed: 4);
        }
        finally
        {
            _context.Log -= Record;
        }
        Assert.That(log, Is.EqualTo(results.SelectMany(result => new[]
        {
            $"Info Fold {result.Fold + 1} of 2: fitting on the others.",
            FormattableString.Invariant($"Info Fold {result.Fold + 1} of 2: {result.Metrics}."),
        })));

        void Record(object? sender, LoggingEventArgs e)
        {
            if (e.Source.Contains("CrossValidate") && e.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Info)
                log.Add($"{e.Kind} {e.RawMessage}");
        }
    }

    // A step that loads labels is kept out of scoring by its scope, and is wanted all the same where labels are
    // compared.
    [Test]
    public void Steps_that_are_only_for_training_and_testing_are_applied()
    {
        var chain = new EstimatorChain<ITransformer>()
            .Append(_context.Transforms.CopyColumns("Truth", "Label"), TransformerScope.TrainTest)
            .Append(_context.Transforms.CopyColumns("Guess", "PredictedLabel"));
        IReadOnlyList<SegmentationCrossValidationResult> results = _context.SemanticSegmentation.CrossValidate(
            Rows(30), chain, numberOfFolds: 2, labelColumnName: "Truth", predictedLabelColumnName: "Guess", seed: 4);
        Assert.That(results.Sum(result => result.Metrics.Rows), Is.EqualTo(30));
    }

    [Test]
    public void A_fold_without_rows_is_named_before_anything_is_fitted()
    {
        var trained = new List<float[]>();
        Assert.That(
            () => _context.SemanticSegmentation.CrossValidate(Rows(3),
                new Recorder(trained, _context.Transforms.CopyColumns("Copy", "PredictedLabel")), numberOfFolds: 20,
                seed: 4),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains(
                "of 20 has no row to score").And.Message.Contains("fewer folds"));
        Assert.That(trained, Is.Empty);
    }

    [Test]
    public void A_failure_disposes_the_models()
    {
        var models = new List<DisposableTransformer>();
        IDataView data = Rows(30);
        Assert.That(
            () => _context.SemanticSegmentation.CrossValidate(data,
                new Disposables(models, _context.Transforms.CopyColumns("Copy", "Number")), 2, "Nothing"),
            Throws.ArgumentException.With.Message.Contains("'Nothing'"));
        Assert.That(models.Select(model => model.Disposals), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public void Fewer_than_two_folds_are_refused() => Assert.That(
        () => _context.SemanticSegmentation.CrossValidate(Rows(4), _context.Transforms.CopyColumns("Copy", "Number"),
            numberOfFolds: 1),
        Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("1 folds"));

    private sealed class Recorder(List<float[]> trained, IEstimator<ITransformer> inner) : IEstimator<ITransformer>
    {
        public ITransformer Fit(IDataView input)
        {
            trained.Add([.. input.GetColumn<float>("Number")]);
            return inner.Fit(input);
        }

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => inner.GetOutputSchema(inputSchema);
    }

    private sealed class Disposables(List<DisposableTransformer> models,
        IEstimator<ITransformer> inner) : IEstimator<ITransformer>
    {
        public ITransformer Fit(IDataView input)
        {
            models.Add(new DisposableTransformer(inner.Fit(input)));
            return models[^1];
        }

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => inner.GetOutputSchema(inputSchema);
    }

    private sealed class DisposableTransformer(ITransformer inner) : ITransformer, IDisposable
    {
        public int Disposals { get; private set; }

        public bool IsRowToRowMapper => inner.IsRowToRowMapper;

        public void Dispose() => Disposals++;

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => inner.GetOutputSchema(inputSchema);

        public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => inner.GetRowToRowMapper(inputSchema);

        public void Save(ModelSaveContext ctx) => inner.Save(ctx);

        public IDataView Transform(IDataView input) => inner.Transform(input);
    }
}
