using System;
using System.Collections.Generic;

namespace Microsoft.ML.Data;

/// <summary>The values of one column, copied out of its rows.</summary>
internal abstract class ColumnBuffer
{
    public static ColumnBuffer Create(DataViewSchema.Column column) => column.Type is VectorDataViewType vector
        ? Generic.Invoke(CreateVectors<int>, vector.ItemType.RawType)
        : Generic.Invoke(CreateValues<int>, column.Type.RawType);

    /// <summary>Returns what copies the current value of the row into a slot (the next new slot, or one already filled).</summary>
    public abstract Action<int> MakeReader(DataViewRow row, DataViewSchema.Column column);

    public abstract Delegate MakeGetter(Func<int> slot);

    private static ColumnBuffer CreateValues<T>() => new Values<T>();

    private static ColumnBuffer CreateVectors<T>() => new Vectors<T>();

    private class Values<T> : ColumnBuffer
    {
        protected readonly List<T> Items = new();

        public override Action<int> MakeReader(DataViewRow row, DataViewSchema.Column column)
        {
            var getter = row.GetGetter<T>(column);
            return slot =>
            {
                T value = default;
                getter(ref value);
                if (slot == Items.Count)
                    Items.Add(value);
                else
                    Items[slot] = value;
            };
        }

        public override Delegate MakeGetter(Func<int> slot) => (ValueGetter<T>)((ref T destination) => destination = Items[slot()]);
    }

    private sealed class Vectors<T> : Values<VBuffer<T>>
    {
        public override Delegate MakeGetter(Func<int> slot)
            => (ValueGetter<VBuffer<T>>)((ref VBuffer<T> destination) => Items[slot()].CopyTo(ref destination));
    }
}
