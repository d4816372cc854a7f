using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.Offline.Tests.Core;

/// <summary>A transformer that a third party can write with public members only: adds the column Doubled = 2 * Number.</summary>
internal sealed class DoublingTransformer : ITransformer
{
    public int GetterCalls;

    public bool IsRowToRowMapper => true;

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => new Mapper(this, inputSchema).OutputSchema;

    public IDataView Transform(IDataView input) => new View(this, input);

    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => new Mapper(this, inputSchema);

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
    }

    private ValueGetter<float> MakeGetter(DataViewRow input)
    {
        var number = input.GetGetter<float>(input.Schema["Number"]);
        return (ref float value) =>
        {
            GetterCalls++;
            number(ref value);
            value *= 2;
        };
    }

    private sealed class Mapper : IRowToRowMapper
    {
        private readonly DoublingTransformer _parent;

        public Mapper(DoublingTransformer parent, DataViewSchema inputSchema)
        {
            _parent = parent;
            InputSchema = inputSchema;
            var builder = new DataViewSchema.Builder();
            builder.AddColumns(inputSchema);
            builder.AddColumn("Doubled", NumberDataViewType.Single);
            OutputSchema = builder.ToSchema();
        }

        public DataViewSchema InputSchema { get; }

        public DataViewSchema OutputSchema { get; }

        public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
        {
            var needed = dependingColumns.Select(column => column.Name == "Doubled" ? "Number" : column.Name).ToHashSet();
            return InputSchema.Where(column => needed.Contains(column.Name));
        }

        public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) => new Row(_parent, input, OutputSchema);
    }

    private sealed class View(DoublingTransformer parent, IDataView source) : IDataView
    {
        private readonly Mapper _mapper = new(parent, source.Schema);

        public DataViewSchema Schema => _mapper.OutputSchema;

        public bool CanShuffle => source.CanShuffle;

        public long? GetRowCount() => source.GetRowCount();

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
            => new Cursor(parent, source.GetRowCursor(_mapper.GetDependencies(columnsNeeded), rand), Schema);

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
            => Array.ConvertAll(source.GetRowCursorSet(_mapper.GetDependencies(columnsNeeded), n, rand), input => new Cursor(parent, input, Schema));
    }

    private sealed class Row(DoublingTransformer parent, DataViewRow input, DataViewSchema schema) : DataViewRow
    {
        public override DataViewSchema Schema => schema;

        public override long Position => input.Position;

        public override long Batch => input.Batch;

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => column.Name == "Doubled" || input.IsColumnActive(input.Schema[column.Name]);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
            => column.Name == "Doubled" ? (ValueGetter<TValue>)(Delegate)parent.MakeGetter(input) : input.GetGetter<TValue>(input.Schema[column.Name]);
    }

    private sealed class Cursor(DoublingTransformer parent, DataViewRowCursor input, DataViewSchema schema) : DataViewRowCursor
    {
        private readonly Row _row = new(parent, input, schema);

        public override DataViewSchema Schema => schema;

        public override long Position => input.Position;

        public override long Batch => input.Batch;

        public override bool MoveNext() => input.MoveNext();

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => _row.IsColumnActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => _row.GetGetter<TValue>(column);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                input.Dispose();
            base.Dispose(disposing);
        }
    }
}
