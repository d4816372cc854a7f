using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.ML;

/// <summary>A row with the added columns.</summary>
internal sealed class ColumnAddingRow(ColumnAddingCells cells) : DataViewRow
{
    public override DataViewSchema Schema => cells.Schema;

    public override long Position => cells.Input.Position;

    public override long Batch => cells.Input.Batch;

    public override ValueGetter<DataViewRowId> GetIdGetter() => cells.Input.GetIdGetter();

    public override bool IsColumnActive(DataViewSchema.Column column) => cells.IsActive(column);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => cells.GetGetter<TValue>(column);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            cells.Dispose();
        base.Dispose(disposing);
    }
}
