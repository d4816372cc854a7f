using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.Offline.Tests;

/// <summary>Reads a column through a cursor, which needs nothing registered.</summary>
internal static class DataViewReading
{
    public static List<T[]> ReadVectors<T>(IDataView data, string column)
    {
        var rows = new List<T[]>();
        using DataViewRowCursor cursor = data.GetRowCursor(data.Schema.Where(item => item.Name == column));
        ValueGetter<VBuffer<T>> getter = cursor.GetGetter<VBuffer<T>>(data.Schema[column]);
        VBuffer<T> value = default;
        while (cursor.MoveNext())
        {
            getter(ref value);
            rows.Add(value.DenseValues().ToArray());
        }
        return rows;
    }
}
