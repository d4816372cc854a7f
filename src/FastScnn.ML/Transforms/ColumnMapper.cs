using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.ML;

/// <summary>A <see cref="ColumnAddingTransformer"/> bound to a schema. The added column comes last; all others keep their places.</summary>
internal sealed class ColumnMapper : IRowToRowMapper
{
    private readonly ColumnAddingTransformer _transformer;

    public ColumnMapper(
        ColumnAddingTransformer transformer, DataViewSchema inputSchema, DataViewSchema.Column[] sources, DataViewSchema.DetachedColumn added)
    {
        (_transformer, InputSchema, Sources) = (transformer, inputSchema, sources);
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(inputSchema);
        builder.AddColumn(added.Name, added.Type, added.Annotations);
        OutputSchema = builder.ToSchema();
    }

    public DataViewSchema InputSchema { get; }

    public DataViewSchema OutputSchema { get; }

    public DataViewSchema.Column[] Sources { get; }

    public bool IsAdded(DataViewSchema.Column column) => column.Index == InputSchema.Count;

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) =>
        [.. dependingColumns.SelectMany(column => IsAdded(column) ? Sources : [InputSchema[column.Index]]).DistinctBy(column => column.Index)];

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Schema != InputSchema)
            throw Errors.RowOfAnotherSchema(nameof(input));
        return new ColumnAddingRow(new ColumnAddingCells(input, this, activeColumns));
    }

    public Delegate CreateGetter(DataViewRow row, out Action? release) => _transformer.CreateGetter(row, this, out release);
}
