using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.ML.Transforms;

/// <summary>Data with added columns, whose values are computed when a row is read.</summary>
internal sealed class AddedColumnsView(IDataView source, ColumnMapper mapper) : IDataView
{
    public bool CanShuffle => source.CanShuffle;

    public DataViewSchema Schema => mapper.OutputSchema;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        DataViewSchema.Column[] columns = [.. columnsNeeded];
        return AddTo([source.GetRowCursor(mapper.GetDependencies(columns), rand)], columns)[0];
    }

    public DataViewRowCursor[] GetRowCursorSet(
        IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        DataViewSchema.Column[] columns = [.. columnsNeeded];
        return AddTo(source.GetRowCursorSet(mapper.GetDependencies(columns), n, rand), columns);
    }

    private DataViewRowCursor[] AddTo(DataViewRowCursor[] cursors, DataViewSchema.Column[] columns)
    {
        try
        {
            return [
                .. cursors.Select(cursor =>
                    new AddedColumnsCursor(cursor, new AddedColumnsRow(cursor, mapper, columns)))];
        }
        catch
        {
            foreach (DataViewRowCursor cursor in cursors)
                cursor.Dispose();
            throw;
        }
    }
}

/// <summary>A cursor over rows with added columns.</summary>
/// <param name="input">Moves the row; it is disposed with the row.</param>
/// <param name="row">The row that it is at.</param>
internal sealed class AddedColumnsCursor(DataViewRowCursor input, AddedColumnsRow row) : DataViewRowCursor
{
    public override DataViewSchema Schema => row.Schema;

    public override long Position => row.Position;

    public override long Batch => row.Batch;

    public override bool MoveNext() => input.MoveNext();

    public override ValueGetter<DataViewRowId> GetIdGetter() => row.GetIdGetter();

    public override bool IsColumnActive(DataViewSchema.Column column) => row.IsColumnActive(column);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
        row.GetGetter<TValue>(column);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            row.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>A row with added columns.</summary>
internal sealed class AddedColumnsRow : DataViewRow
{
    private readonly DataViewRow _input;
    private readonly ColumnMapper _mapper;
    private readonly bool[] _active;
    private AddedValues _added;

    /// <param name="input">The row that columns are added to; it is disposed with this one.</param>
    /// <param name="mapper">The columns that are added.</param>
    /// <param name="activeColumns">The columns that will be read.</param>
    public AddedColumnsRow(DataViewRow input, ColumnMapper mapper, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        (_input, _mapper, _active) = (input, mapper, new bool[mapper.OutputSchema.Count]);
        foreach (DataViewSchema.Column column in activeColumns)
            _active[column.Index] = true;
        bool[] wanted = _active[mapper.InputSchema.Count..];
        if (wanted.Contains(true))
            _added = mapper.CreateValues(input, wanted);
    }

    public override DataViewSchema Schema => _mapper.OutputSchema;

    public override long Position => _input.Position;

    public override long Batch => _input.Batch;

    public override ValueGetter<DataViewRowId> GetIdGetter() => _input.GetIdGetter();

    public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column))
            throw Throw.InactiveColumn(column);
        int added = column.Index - _mapper.InputSchema.Count;
        if (added < 0)
            return _input.GetGetter<TValue>(_mapper.InputSchema[column.Index]);
        return _added.Getters[added] as ValueGetter<TValue> ?? throw Throw.WrongGetterType(column, typeof(TValue));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _added.Release?.Invoke();
            _added = _added with { Release = null };
            _input.Dispose();
        }
        base.Dispose(disposing);
    }
}
