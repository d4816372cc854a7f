using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

public static class ColumnCursorExtensions
{
    public static IEnumerable<T> GetColumn<T>(this IDataView data, string columnName) => GetColumn<T>(data, data.Schema[columnName]);

    public static IEnumerable<T> GetColumn<T>(this IDataView data, DataViewSchema.Column column)
    {
        Contracts.CheckValue(data, nameof(data));
        Contracts.CheckNonEmpty(column.Name, nameof(column));
        var type = column.Type;
        if (data.Schema[column.Index].Name != column.Name || data.Schema[column.Index].Type != type)
        {
            throw Contracts.ExceptParam(nameof(column), string.Format("column with name {0}, type {1}, and index {2} cannot be found in {3}",
                column.Name, type, column.Index, nameof(data)));
        }

        if (type.RawType == typeof(T))
            return Read<T, T>(data, column, value => value);
        if (typeof(T) == typeof(string) && type is TextDataViewType)
            return (IEnumerable<T>)Read<ReadOnlyMemory<char>, string>(data, column, text => text.ToString());
        if (typeof(T).IsArray)
        {
            if (type is not VectorDataViewType vector)
            {
                throw Contracts.ExceptParam(nameof(column), string.Format(
                    "Cannot load vector type, {0}, specified in {1} to the user-defined type, {2}.", type, nameof(column), typeof(T)));
            }
            if (typeof(T) == typeof(string[]) && vector.ItemType is TextDataViewType)
            {
                return (IEnumerable<T>)Read<VBuffer<ReadOnlyMemory<char>>, string[]>(data, column,
                    texts => texts.DenseValues().Select(text => text.ToString()).ToArray());
            }
            if (typeof(T).GetElementType() == vector.ItemType.RawType)
                return (IEnumerable<T>)Generic.Invoke(ReadArrays<int>, vector.ItemType.RawType, data, column);
        }
        throw Contracts.ExceptParam(nameof(column), string.Format("Cannot map column (name: {0}, type: {1}) in {2} to the user-defined type, {3}.",
            column.Name, type, nameof(data), typeof(T)));
    }

    private static object ReadArrays<T>(IDataView data, DataViewSchema.Column column)
        => Read<VBuffer<T>, T[]>(data, column, vector => vector.DenseValues().ToArray());

    private static IEnumerable<TResult> Read<TValue, TResult>(IDataView data, DataViewSchema.Column column, Func<TValue, TResult> convert)
    {
        using var cursor = data.GetRowCursor([data.Schema[column.Index]]);
        var getter = cursor.GetGetter<TValue>(data.Schema[column.Index]);
        TValue value = default;
        while (cursor.MoveNext())
        {
            getter(ref value);
            yield return convert(value);
        }
    }
}
