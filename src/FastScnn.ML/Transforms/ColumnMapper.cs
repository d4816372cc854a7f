using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.ML.Transforms;

/// <summary>Makes the getters of added columns for one row object, which moves from row to row.</summary>
/// <param name="row">The row that the values are computed from.</param>
/// <param name="sources">The columns of the row that the values are computed from.</param>
/// <param name="wanted">For each added column whether it is read.</param>
internal delegate AddedValues CreateAddedValues(DataViewRow row, DataViewSchema.Column[] sources, bool[] wanted);

/// <summary>The getters of added columns for one row object.</summary>
/// <param name="Getters">A <see cref="ValueGetter{TValue}"/> for each added column; null where it is not
/// wanted.</param>
/// <param name="Release">Frees the memory that the getters hold; null where there is none.</param>
internal readonly record struct AddedValues(Delegate?[] Getters, Action? Release = null);

/// <summary>The columns that a transformer adds, and how they are computed row by row from other columns.
/// Thread-safe.</summary>
/// <param name="columns">The added columns.</param>
/// <param name="findSources">Finds the columns that they are computed from, or throws.</param>
/// <param name="createValues">Makes their getters.</param>
internal sealed class AddedColumns(
    DataViewSchema.DetachedColumn[] columns,
    Func<DataViewSchema, DataViewSchema.Column[]> findSources,
    CreateAddedValues createValues)
{
    // ML.NET compares schemas by reference, so one input schema must always give the same output schema.
    private readonly ConditionalWeakTable<DataViewSchema, ColumnMapper> _mappers = [];

    public ColumnMapper Bind(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return _mappers.GetValue(inputSchema,
            schema => new ColumnMapper(schema, findSources(schema), columns, createValues));
    }

    public IDataView AddTo(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new AddedColumnsView(input, Bind(input.Schema));
    }
}

/// <summary><see cref="AddedColumns"/> bound to a schema. The added columns come last; all others keep their
/// places.</summary>
internal sealed class ColumnMapper : IRowToRowMapper
{
    private readonly DataViewSchema.Column[] _sources;
    private readonly CreateAddedValues _createValues;

    public ColumnMapper(
        DataViewSchema inputSchema,
        DataViewSchema.Column[] sources,
        DataViewSchema.DetachedColumn[] added,
        CreateAddedValues createValues)
    {
        (InputSchema, _sources, _createValues) = (inputSchema, sources, createValues);
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(inputSchema);
        foreach (DataViewSchema.DetachedColumn column in added)
            builder.AddColumn(column.Name, column.Type, column.Annotations);
        OutputSchema = builder.ToSchema();
    }

    public DataViewSchema InputSchema { get; }

    public DataViewSchema OutputSchema { get; }

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) =>
        [.. dependingColumns
            .SelectMany(column => column.Index >= InputSchema.Count ? _sources : [InputSchema[column.Index]])
            .DistinctBy(column => column.Index)];

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.Schema == InputSchema
            ? new AddedColumnsRow(input, this, activeColumns)
            : throw new ArgumentException("The row's schema is not the one that the mapper was made for.",
                nameof(input));
    }

    public AddedValues CreateValues(DataViewRow row, bool[] wanted) => _createValues(row, _sources, wanted);
}
