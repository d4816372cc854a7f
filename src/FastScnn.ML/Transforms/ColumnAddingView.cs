using Microsoft.ML;

namespace FastScnn.ML;

/// <summary>Data with the added columns.</summary>
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
        DataViewRowCursor[] cursors = source.GetRowCursorSet(mapper.GetDependencies(columns), n, rand);
        try
        {
            return [.. cursors.Select(cursor => Wrap(cursor, columns))];
        }
        catch
        {
            foreach (DataViewRowCursor cursor in cursors)
                cursor.Dispose();
            throw;
        }
    }

    private ColumnAddingCursor Wrap(DataViewRowCursor cursor, DataViewSchema.Column[] columns)
    {
        try
        {
            return new ColumnAddingCursor(cursor, new ColumnAddingCells(cursor, mapper, columns));
        }
        catch
        {
            cursor.Dispose();
            throw;
        }
    }
}
