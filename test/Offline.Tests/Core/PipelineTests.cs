using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace FastScnn.Offline.Tests.Core;

/// <summary>Chains of estimators and transformers, stock and hand-written, and prediction engines over them.</summary>
public class PipelineTests
{
    private readonly MLContext _mlContext = new(1);

    [Test]
    public void A_chain_fits_and_transforms_stage_by_stage()
    {
        var data = Numbers(1, 2);
        var chain = _mlContext.Transforms.CopyColumns("A", "Number")
            .Append(_mlContext.Transforms.CopyColumns("B", "A"))
            .Append(_mlContext.Transforms.DropColumns("A"));
        TransformerChain<ColumnSelectingTransformer> model = chain.Fit(data);
        var result = model.Transform(data);
        Assert.Multiple(() =>
        {
            Assert.That(result.Schema.Select(column => column.Name), Is.EqualTo(new[] { "Number", "B" }));
            Assert.That(result.GetColumn<float>("B"), Is.EqualTo(new float[] { 1, 2 }));
            Assert.That(model.LastTransformer, Is.SameAs(model.Last()));
            Assert.That(model.Count(), Is.EqualTo(3));
            Assert.That(model.GetOutputSchema(data.Schema).Count, Is.EqualTo(2));
            Assert.That(((ITransformer)model).IsRowToRowMapper);
        });
    }

    [Test]
    public void An_added_column_hides_one_of_its_name_and_stands_behind_it()
    {
        var data = _mlContext.Data.LoadFromEnumerable(new[] { new TwoRow { First = 1, Second = 2 } });
        var result = _mlContext.Transforms.CopyColumns("First", "Second").Fit(data).Transform(data);
        Assert.That(result.Schema.Select(column => (column.Name, column.IsHidden)),
            Is.EqualTo(new[] { ("First", true), ("First", false), ("Second", false) }));
        Assert.That(result.GetColumn<float>("First").Single(), Is.EqualTo(2));
    }

    [Test]
    public void A_missing_input_column_is_named()
    {
        var data = Numbers(1);
        var chain = _mlContext.Transforms.CopyColumns("A", "Number").Append(_mlContext.Transforms.CopyColumns("B", "Nothing"));
        Assert.That(() => chain.Fit(data), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("Could not find input column 'Nothing'"));
    }

    [Test]
    public void Scopes_choose_the_stages_of_a_model()
    {
        var data = Numbers(1);
        var model = new EstimatorChain<ITransformer>()
            .Append(_mlContext.Transforms.CopyColumns("A", "Number"), TransformerScope.Training)
            .Append(_mlContext.Transforms.CopyColumns("B", "Number"))
            .Fit(data);
        Assert.That(model.Transform(data).Schema.Select(column => column.Name), Is.EqualTo(new[] { "Number", "B" }));
        Assert.That(model.Transform(data, TransformerScope.Training).Schema.Select(column => column.Name), Is.EqualTo(new[] { "Number", "A", "B" }));
    }

    [Test]
    public void A_cache_checkpoint_spares_the_stages_after_it_the_stages_before()
    {
        var data = Numbers(1, 2, 3);
        var doubling = new DoublingTransformer();
        var reader = new ReadingEstimator("Doubled");
        var chain = new EstimatorChain<ITransformer>().Append(new Fixed(doubling)).AppendCacheCheckpoint(_mlContext).Append(reader).Append(reader);
        // Fixed knows no shapes, so only Fit is asked of it.
        chain.Fit(data);
        Assert.That(doubling.GetterCalls, Is.EqualTo(3));
    }

    [Test]
    public void A_transformer_of_public_members_works_in_views_chains_sets_and_caches()
    {
        var data = Numbers(1, 2, 3);
        var model = new TransformerChain<ITransformer>(new DoublingTransformer())
            .Append(_mlContext.Transforms.CopyColumns("Copy", "Number").Fit(data));
        var view = model.Transform(data);
        Assert.That(view.GetColumn<float>("Doubled"), Is.EqualTo(new float[] { 2, 4, 6 }));
        Assert.That(_mlContext.Data.Cache(view).GetColumn<float>("Doubled"), Is.EqualTo(new float[] { 2, 4, 6 }));

        var found = new List<float>();
        foreach (var cursor in view.GetRowCursorSet([view.Schema["Doubled"]], 4))
        {
            using (cursor)
            {
                var getter = cursor.GetGetter<float>(view.Schema["Doubled"]);
                float value = 0;
                while (cursor.MoveNext())
                {
                    getter(ref value);
                    found.Add(value);
                }
            }
        }
        Assert.That(found, Is.EquivalentTo(new float[] { 2, 4, 6 }));
    }

    [Test]
    public void A_prediction_engine_runs_a_chain_with_a_hand_written_mapper()
    {
        var data = Numbers(1);
        var model = new TransformerChain<ITransformer>(new DoublingTransformer())
            .Append(_mlContext.Transforms.CopyColumns("Copy", "Doubled").Fit(new DoublingTransformer().Transform(data)));
        using var engine = _mlContext.Model.CreatePredictionEngine<NumberRow, Prediction>(model);
        Assert.That(engine.Predict(new NumberRow { Number = 4 }).Copy, Is.EqualTo(8));
        var reused = new Prediction();
        engine.Predict(new NumberRow { Number = 5 }, ref reused);
        Assert.That(reused.Doubled, Is.EqualTo(10));
        Assert.That(engine.OutputSchema.Select(column => column.Name), Is.EqualTo(new[] { "Number", "Doubled", "Copy" }));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void A_prediction_engine_disposes_the_transformer_that_it_owns(bool owns)
    {
        var transformer = new DisposableTransformer();
        var model = new TransformerChain<ITransformer>(transformer);
        _mlContext.Model.CreatePredictionEngine<NumberRow, Prediction>(model, new PredictionEngineOptions { OwnsTransformer = owns }).Dispose();
        Assert.That(transformer.Disposed, Is.EqualTo(owns));
    }

    [Test]
    public void A_prediction_engine_may_miss_columns_unless_told_otherwise()
    {
        var model = _mlContext.Transforms.CopyColumns("Copy", "Number").Fit(Numbers(1));
        Assert.That(_mlContext.Model.CreatePredictionEngine<NumberRow, Prediction>(model).Predict(new NumberRow { Number = 3 }).Copy, Is.EqualTo(3));
        Assert.That(() => _mlContext.Model.CreatePredictionEngine<NumberRow, Prediction>(model, ignoreMissingColumns: false),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("Doubled"));
    }

    [Test]
    public void A_custom_mapping_runs_once_a_row_and_adds_its_shape()
    {
        int calls = 0;
        var data = Numbers(1, 2);
        var mapping = _mlContext.Transforms.CustomMapping<NumberRow, TwoRow>((source, destination) =>
        {
            Interlocked.Increment(ref calls);
            destination.First = source.Number + 1;
            destination.Second = source.Number + 2;
        }, contractName: null);
        var view = mapping.Append(_mlContext.Transforms.CopyColumns("Copy", "Second")).Fit(data).Transform(data);
        var rows = _mlContext.Data.CreateEnumerable<TwoRow>(view, false).ToList();
        Assert.That(rows.Select(row => (row.First, row.Second)), Is.EqualTo(new[] { (2f, 3f), (3f, 4f) }));
        Assert.That(calls, Is.EqualTo(2));
    }

    [Test]
    public void A_custom_mapping_on_a_type_of_our_own_fits_where_the_type_is_one_instance_and_always_stage_by_stage()
    {
        // Shapes are compared by reference and the attribute's first registration is the instance.
        var data = _mlContext.Data.LoadFromEnumerable(new[] { new PixelCountRow { Count = new PixelCount(4, 3) } });
        var mapping = _mlContext.Transforms.CustomMapping<CountRow, NumberRow>((source, destination) => destination.Number = source.Count!.Width, null);
        Assert.That(new EstimatorChain<ITransformer>().Append(mapping).Fit(data).Transform(data).GetColumn<float>("Number").Single(), Is.EqualTo(4));

        var copied = new OneRowView(new PixelCountDataViewType(), new PixelCount(7, 1));
        var renamed = _mlContext.Transforms.CopyColumns("Count", "Value").Fit(copied).Transform(copied);
        Assert.That(() => new EstimatorChain<ITransformer>().Append(mapping).Fit(renamed), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(mapping.Fit(renamed).Transform(renamed).GetColumn<float>("Number").Single(), Is.EqualTo(7));
    }

    private IDataView Numbers(params float[] numbers) => _mlContext.Data.LoadFromEnumerable(numbers.Select(number => new NumberRow { Number = number }).ToList());

    public sealed class TwoRow
    {
        public float First { get; set; }

        public float Second { get; set; }
    }

    public sealed class CountRow
    {
        [PixelCountType]
        public PixelCount? Count { get; set; }
    }

    public sealed class Prediction
    {
        public float Doubled { get; set; }

        public float Copy { get; set; }
    }

    private sealed class Fixed(ITransformer transformer) : IEstimator<ITransformer>
    {
        public ITransformer Fit(IDataView input) => transformer;

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => inputSchema;
    }

    /// <summary>Reads a column while it fits, as a trainer does, and changes nothing.</summary>
    private sealed class ReadingEstimator(string columnName) : IEstimator<ITransformer>
    {
        public ITransformer Fit(IDataView input)
        {
            Assert.That(input.GetColumn<float>(columnName).Count(), Is.EqualTo(3));
            return new TransformerChain<ITransformer>();
        }

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => inputSchema;
    }

    private sealed class DisposableTransformer : ITransformer, IDisposable
    {
        private readonly DoublingTransformer _inner = new();

        public bool Disposed { get; private set; }

        public bool IsRowToRowMapper => true;

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => _inner.GetOutputSchema(inputSchema);

        public IDataView Transform(IDataView input) => _inner.Transform(input);

        public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => _inner.GetRowToRowMapper(inputSchema);

        public void Dispose() => Disposed = true;

        void ICanSaveModel.Save(ModelSaveContext ctx)
        {
        }
    }
}
