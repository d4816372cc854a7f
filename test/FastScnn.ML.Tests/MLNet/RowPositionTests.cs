using FastScnn.ML.Transforms;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.ML.Tests.MLNet;

/// <summary>Rows are told apart by their positions.</summary>
public class RowPositionTests
{
    private readonly MLContext _context = new(seed: 1);

    // Transforms/FastScnnSegmentation.cs would give a row the map of the one before.
    [TestCase("take")]
    [TestCase("skip")]
    [TestCase("shuffle")]
    [TestCase("cache")]
    [TestCase("filter")]
    public void No_two_rows_of_a_stock_cursor_have_one_position(string operation)
    {
        IDataView rows = _context.Data.LoadFromEnumerable(Enumerable.Range(0, 20).Select(i => new Row { Number = i })
            .ToArray());
        IDataView data = operation switch
        {
            "take" => _context.Data.TakeRows(rows, 9),
            "skip" => _context.Data.SkipRows(rows, 11),
            "shuffle" => _context.Data.ShuffleRows(rows, seed: 3),
            "cache" => _context.Data.Cache(rows),
            _ => _context.Data.FilterRowsByColumn(rows, "Number", 5, 15),
        };
        long[] positions = [.. new PositionTransformer().Transform(data).GetColumn<long>("Position")];
        Assert.That(positions, Has.Length.GreaterThan(8).And.Unique);
    }

    // Transforms/FastScnnSegmentation.cs would give an image the map of the one before.
    [Test]
    public void A_prediction_engine_moves_its_row_on()
    {
        using PredictionEngine<Row, Place> engine =
            _context.Model.CreatePredictionEngine<Row, Place>(new PositionTransformer());
        long[] positions = [.. Enumerable.Range(0, 3).Select(i => engine.Predict(new Row { Number = i }).Position)];
        Assert.That(positions, Is.Unique);
    }

    private sealed class Row
    {
        public float Number { get; set; }
    }

    private sealed class Place
    {
        public long Position { get; set; }
    }

    /// <summary>Adds the position that it sees.</summary>
    private sealed class PositionTransformer : ITransformer
    {
        private readonly AddedColumns _added = new(
            [new(nameof(Place.Position), NumberDataViewType.Int64)],
            schema => [schema["Number"]],
            (row, _, _) => new AddedValues([(ValueGetter<long>)((ref long value) => value = row.Position)]));

        public bool IsRowToRowMapper => true;

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => _added.Bind(inputSchema).OutputSchema;

        public IDataView Transform(IDataView input) => _added.AddTo(input);

        public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => _added.Bind(inputSchema);

        public void Save(ModelSaveContext ctx) => throw new NotSupportedException();
    }
}
