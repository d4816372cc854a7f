using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.ML;

/// <summary>A cursor over rows with the added columns.</summary>
internal sealed class ColumnAddingCursor(DataViewRowCursor input, ColumnAddingCells cells) : DataViewRowCursor
{
    public override DataViewSchema Schema => cells.Schema;

    public override long Position => input.Position;

    public override long Batch => input.Batch;

    public override bool MoveNext() => input.MoveNext();

    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    public override bool IsColumnActive(DataViewSchema.Column column) => cells.IsActive(column);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => cells.GetGetter<TValue>(column);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            cells.Dispose();
        base.Dispose(disposing);
    }
}
