using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.ML;

/// <summary>A transformer that adds columns, computed row by row from other columns.</summary>
/// <remarks>
/// Transforming, schemas and row mappers may be used from several threads at once; a cursor, a row and its getters by one.
/// For one input schema there is one output schema object, as ML.NET compares schemas by reference.
/// </remarks>
public abstract class ColumnAddingTransformer : ITransformer
{
    private readonly ConditionalWeakTable<DataViewSchema, ColumnMapper> _mappers = [];

    private protected ColumnAddingTransformer()
    {
    }

    /// <summary>The name of the added column; the first where there are several.</summary>
    public abstract string OutputColumnName { get; }

    /// <summary>True: the added values depend only on their own row.</summary>
    public bool IsRowToRowMapper => true;

    private protected abstract DataViewSchema.DetachedColumn[] AddedColumns { get; }

    /// <summary>The schema of the transformed data.</summary>
    /// <param name="inputSchema">The schema of the data.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type; the message says which.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Bind(inputSchema).OutputSchema;

    /// <summary>Adds the columns. Nothing is computed before the rows are read.</summary>
    /// <param name="input">The data.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type; the message says which.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new ColumnAddingView(input, Bind(input.Schema));
    }

    /// <summary>The mapper of single rows, as prediction engines use it.</summary>
    /// <param name="inputSchema">The schema of the rows.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type; the message says which.</exception>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => Bind(inputSchema);

    void ICanSaveModel.Save(ModelSaveContext ctx) => Save(ctx);

    /// <summary>The columns that the added ones are computed from.</summary>
    private protected abstract DataViewSchema.Column[] FindSources(DataViewSchema schema);

    /// <summary>
    /// A <see cref="ValueGetter{TValue}"/> for each added column, null where it is not <paramref name="wanted"/>, and what frees the memory
    /// that they hold.
    /// </summary>
    private protected abstract Delegate?[] CreateGetters(DataViewRow row, DataViewSchema.Column[] sources, bool[] wanted, out Action? release);

    private protected abstract void Save(ModelSaveContext context);

    /// <summary>A cursor that makes rows before they are asked for and owns the input; null where they are made when they are read.</summary>
    internal virtual DataViewRowCursor? CreateAheadCursor(DataViewRowCursor input, ColumnMapper mapper, DataViewSchema.Column[] columns) => null;

    internal Delegate?[] CreateGetters(DataViewRow row, ColumnMapper mapper, bool[] wanted, out Action? release) =>
        CreateGetters(row, mapper.Sources, wanted, out release);

    private ColumnMapper Bind(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return _mappers.GetValue(inputSchema, schema => new ColumnMapper(this, schema, FindSources(schema), AddedColumns));
    }
}
