using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.ML;

/// <summary>What rows ahead keep of the rows that they come from: the values that pass through, ids and places.</summary>
internal sealed class CarriedValues
{
    private readonly DataViewRow _row;
    private readonly CarriedColumn[] _columns;
    private readonly (long Position, long Batch)[] _places;

    private CarriedValues(RowsAhead rows, DataViewRow row, CarriedColumn?[] columns, CarriedColumn<DataViewRowId> ids)
    {
        (_row, _columns, _places) = (row, [.. columns.OfType<CarriedColumn>(), ids], new (long, long)[rows.Slots]);
        Getters = [.. columns.Select(column => column?.Getter)];
        IdGetter = (ValueGetter<DataViewRowId>)ids.Getter;
    }

    /// <summary>A getter for each column of the source; null for those that are not read.</summary>
    public Delegate?[] Getters { get; }

    public ValueGetter<DataViewRowId> IdGetter { get; }

    /// <summary>Keeps columns of a row that moves on; null where one of them cannot be kept.</summary>
    public static CarriedValues? TryCreate(RowsAhead rows, DataViewRow row, IEnumerable<DataViewSchema.Column> columns)
    {
        var carried = new CarriedColumn?[row.Schema.Count];
        try
        {
            foreach (DataViewSchema.Column column in columns)
            {
                if ((carried[column.Index] = CarriedColumn.TryCreate(rows, row, column)) is null)
                    return null;
            }
            return new CarriedValues(rows, row, carried, new CarriedColumn<DataViewRowId>(rows, row.GetIdGetter()));
        }
        catch (Exception)
        {
            // Whoever reads the row itself may never ask for what it does not have, such as ids.
            return null;
        }
    }

    /// <summary>Keeps what the row at hand has.</summary>
    public void Take(int slot)
    {
        _places[slot] = (_row.Position, _row.Batch);
        foreach (CarriedColumn column in _columns)
            column.Take(slot);
    }

    public (long Position, long Batch) Place(int slot) => _places[slot];
}
