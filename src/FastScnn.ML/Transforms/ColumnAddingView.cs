using Microsoft.ML;

namespace FastScnn.ML;

/// <summary>Data with the added column.</summary>
internal sealed class ColumnAddingView(IDataView source, ColumnMapper mapper) : IDataView
{
    public bool CanShuffle => source.CanShuffle;

    public DataViewSchema Schema => mapper.OutputSchema;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        DataViewSchema.Column[] columns = [.. columnsNeeded];
        return Wrap(source.GetRowCursor(mapper.GetDependencies(columns), rand), columns);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        DataViewSchema.Column[] columns = [.. columnsNeeded];
        return [.. source.GetRowCursorSet(mapper.GetDependencies(columns), n, rand).Select(cursor => Wrap(cursor, columns))];
    }

    private ColumnAddingCursor Wrap(DataViewRowCursor cursor, DataViewSchema.Column[] columns) =>
        new(cursor, new ColumnAddingCells(cursor, mapper, columns));
}
