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
        return Wrap(source.GetRowCursor(mapper.GetDependencies(columns), rand), columns, lookAhead: true);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        DataViewSchema.Column[] columns = [.. columnsNeeded];
        DataViewRowCursor[] cursors = source.GetRowCursorSet(mapper.GetDependencies(columns), n, rand);
        try
        {
            return [.. cursors.Select(cursor => Wrap(cursor, columns, lookAhead: false))];
        }
        catch
        {
            foreach (DataViewRowCursor cursor in cursors)
                cursor.Dispose();
            throw;
        }
    }

    // The cursors of a set are read in parallel as they are.
    private DataViewRowCursor Wrap(DataViewRowCursor cursor, DataViewSchema.Column[] columns, bool lookAhead)
    {
        try
        {
            return (lookAhead ? mapper.CreateAheadCursor(cursor, columns) : null)
                ?? new ColumnAddingCursor(cursor, new ColumnAddingCells(cursor, mapper, columns));
        }
        catch
        {
            cursor.Dispose();
            throw;
        }
    }
}
