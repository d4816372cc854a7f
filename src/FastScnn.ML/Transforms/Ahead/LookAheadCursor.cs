using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.ML;

/// <summary>
/// A cursor that makes rows before they are asked for. From the first <see cref="MoveNext"/> to its end the source is its other thread's,
/// as what a getter gives here comes from what that thread kept.
/// </summary>
/// <param name="input">The source; it is disposed with the cursor.</param>
/// <param name="schema">The source's columns and the added ones.</param>
/// <param name="rows">The rows.</param>
/// <param name="carried">What they keep of the source's.</param>
/// <param name="segmentations">What is added to them.</param>
/// <param name="getters">A getter for each column of the schema; null for those that are not read.</param>
internal sealed class LookAheadCursor(
    DataViewRowCursor input, DataViewSchema schema, RowsAhead rows, CarriedValues carried, SegmentationsAhead segmentations, Delegate?[] getters)
    : DataViewRowCursor
{
    private bool _disposed;

    public override DataViewSchema Schema => schema;

    public override long Position => rows.IsAtRow ? carried.Place(rows.Slot).Position : input.Position;

    public override long Batch => rows.IsAtRow ? carried.Place(rows.Slot).Batch : input.Batch;

    public override bool MoveNext() => rows.MoveNext(Take, segmentations.Finish);

    public override ValueGetter<DataViewRowId> GetIdGetter() => carried.IdGetter;

    public override bool IsColumnActive(DataViewSchema.Column column) => getters[column.Index] is not null;

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
        (getters[column.Index] ?? throw Errors.InactiveColumn(column.Name)) as ValueGetter<TValue> ?? throw Errors.GetterType(column, typeof(TValue));

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            rows.Dispose();
            segmentations.Clear();
            input.Dispose();
        }
        base.Dispose(disposing);
    }

    private bool Take(int slot)
    {
        if (!input.MoveNext())
            return false;
        carried.Take(slot);
        segmentations.Take(slot);
        return true;
    }
}
