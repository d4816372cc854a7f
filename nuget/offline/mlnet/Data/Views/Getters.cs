using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

internal static class Getters
{
    public const string FetchValueStateError = "Values cannot be fetched at this time. This method was called either before the first call to MoveNext, "
        + "or at any point after that method returned false.";

    public static ValueGetter<TValue> As<TValue>(this Delegate getter)
        => getter as ValueGetter<TValue>
            ?? throw Contracts.Except($"Invalid TValue in GetGetter: '{typeof(TValue)}', expected type: '{getter.GetType().GetGenericArguments().First()}'.");

    public static bool[] ActiveArray(this DataViewSchema schema, IEnumerable<DataViewSchema.Column> columns)
    {
        Contracts.CheckValue(columns, nameof(columns));
        var active = new bool[schema.Count];
        foreach (var column in columns)
        {
            if (column.Index >= active.Length)
                throw Contracts.Except($"The requested column: {column} is not part of the sourceSchema");
            active[column.Index] = true;
        }
        return active;
    }

    public static Delegate GetGetter(DataViewRow row, DataViewSchema.Column column)
        => Generic.Invoke(GetTyped<int>, column.Type.RawType, row, column);

    // Custom structured types may hold native memory and know no copy.
    public static bool IsCacheable(this DataViewType type) => type is PrimitiveDataViewType or VectorDataViewType;

    private static Delegate GetTyped<T>(DataViewRow row, DataViewSchema.Column column) => row.GetGetter<T>(column);
}
