using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.ML;

/// <summary>A <see cref="ColumnAddingTransformer"/> bound to a schema. The added columns come last; all others keep their places.</summary>
internal sealed class ColumnMapper : IRowToRowMapper
{
    private readonly ColumnAddingTransformer _transformer;

    public ColumnMapper(
        ColumnAddingTransformer transformer, DataViewSchema inputSchema, DataViewSchema.Column[] sources, DataViewSchema.DetachedColumn[] added)
    {
        (_transformer, InputSchema, Sources) = (transformer, inputSchema, sources);
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(inputSchema);
        foreach (DataViewSchema.DetachedColumn column in added)
            builder.AddColumn(column.Name, column.Type, column.Annotations);
        OutputSchema = builder.ToSchema();
    }

    public DataViewSchema InputSchema { get; }

    public DataViewSchema OutputSchema { get; }

    public DataViewSchema.Column[] Sources { get; }

    public bool IsAdded(DataViewSchema.Column column) => column.Index >= InputSchema.Count;

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) =>
        [.. dependingColumns.SelectMany(column => IsAdded(column) ? Sources : [InputSchema[column.Index]]).DistinctBy(column => column.Index)];

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Schema != InputSchema)
            throw Errors.RowOfAnotherSchema(nameof(input));
        return new ColumnAddingRow(new ColumnAddingCells(input, this, activeColumns));
    }

    public Delegate?[] CreateGetters(DataViewRow row, bool[] wanted, out Action? release) => _transformer.CreateGetters(row, this, wanted, out release);

    /// <summary>As <see cref="ColumnAddingTransformer.CreateAheadCursor"/>.</summary>
    public DataViewRowCursor? CreateAheadCursor(DataViewRowCursor input, DataViewSchema.Column[] columns) => _transformer.CreateAheadCursor(input, this, columns);
}
