using System.Reflection;
using System.Runtime.ExceptionServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.ML;

/// <summary>A column whose values are kept in the slots of <see cref="RowsAhead"/>, where they outlive their row.</summary>
internal abstract class CarriedColumn
{
    /// <summary>A <see cref="ValueGetter{TValue}"/> of the row that the reader is at.</summary>
    public abstract Delegate Getter { get; }

    /// <summary>Keeps a column of a row that moves on; null where its values belong to the row, as images do, or could do so.</summary>
    public static CarriedColumn? TryCreate(RowsAhead rows, DataViewRow row, DataViewSchema.Column column)
    {
        string? create = column.Type switch
        {
            VectorDataViewType => nameof(Vectors),
            // "Values of these types can be freely copied without concern for ownership, mutation, or disposing", says ML.NET.
            PrimitiveDataViewType or SegmentationMapDataViewType => nameof(Values),
            _ => null,
        };
        if (create is null)
            return null;
        Type type = column.Type is VectorDataViewType vector ? vector.ItemType.RawType : column.Type.RawType;
        return (CarriedColumn)typeof(CarriedColumn).GetMethod(create, BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(type).Invoke(null, BindingFlags.DoNotWrapExceptions, null, [rows, row, column], null)!;
    }

    /// <summary>Keeps the value of the row at hand. What reading it throws is thrown by <see cref="Getter"/>.</summary>
    public abstract void Take(int slot);

    private static CarriedColumn<T> Values<T>(RowsAhead rows, DataViewRow row, DataViewSchema.Column column) => new(rows, row.GetGetter<T>(column));

    private static CarriedColumn<VBuffer<T>> Vectors<T>(RowsAhead rows, DataViewRow row, DataViewSchema.Column column) =>
        new(rows, row.GetGetter<VBuffer<T>>(column), (ref VBuffer<T> from, ref VBuffer<T> to) => from.CopyTo(ref to));
}

/// <summary>A column of values of one type.</summary>
/// <param name="rows">The rows.</param>
/// <param name="read">Reads the value of the row at hand.</param>
/// <param name="copy">Makes a copy that its owner may change; null where assigning does.</param>
internal sealed class CarriedColumn<T>(RowsAhead rows, ValueGetter<T> read, CarriedColumn<T>.Copy? copy = null) : CarriedColumn
{
    private readonly T[] _values = new T[rows.Slots];
    private readonly ExceptionDispatchInfo?[] _faults = new ExceptionDispatchInfo?[rows.Slots];

    /// <summary>Copies a value into another, whose memory it may use.</summary>
    public delegate void Copy(ref T from, ref T to);

    public override Delegate Getter => (ValueGetter<T>)Get;

    public override void Take(int slot)
    {
        try
        {
            read(ref _values[slot]);
            _faults[slot] = null;
        }
        catch (Exception e)
        {
            _values[slot] = default!;
            _faults[slot] = ExceptionDispatchInfo.Capture(e);
        }
    }

    private void Get(ref T value)
    {
        int slot = rows.Slot;
        _faults[slot]?.Throw();
        if (copy is null)
            value = _values[slot];
        else
            copy(ref _values[slot], ref value);
    }
}
