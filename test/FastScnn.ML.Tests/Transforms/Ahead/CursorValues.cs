using System.Globalization;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.ML.Tests.Transforms.Ahead;

/// <summary>Everything that a cursor says of its rows, as text.</summary>
internal static class CursorValues
{
    /// <summary>A text for each row. The values are looked at when all rows were read, so that a value that a later row changed would show.</summary>
    public static string[] Read(IDataView data, DataViewSchema.Column[] columns, Type cursorType)
    {
        var rows = new List<Func<string>[]>();
        using (DataViewRowCursor cursor = data.GetRowCursor(columns))
        {
            Assert.That(cursor, Is.TypeOf(cursorType));
            Func<Func<string>>[] readers = [.. columns.Select(column => Reader(cursor, column))];
            ValueGetter<DataViewRowId> getId = cursor.GetIdGetter();
            while (cursor.MoveNext())
            {
                DataViewRowId id = default;
                getId(ref id);
                string place = $"{cursor.Position} {cursor.Batch} {id}";
                rows.Add([() => place, .. readers.Select(read => read())]);
            }
            Assert.That((cursor.Position, cursor.MoveNext()), Is.EqualTo((-1L, false)));
        }
        return [.. rows.Select(row => string.Join('\n', row.Select(value => value())))];
    }

    private static Func<Func<string>> Reader(DataViewRow row, DataViewSchema.Column column) => (Func<Func<string>>)typeof(CursorValues)
        .GetMethod(nameof(ReaderOf), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(column.Type.RawType).Invoke(null, [row, column])!;

    private static Func<Func<string>> ReaderOf<T>(DataViewRow row, DataViewSchema.Column column)
    {
        ValueGetter<T?> getter = row.GetGetter<T?>(column);
        return () =>
        {
            T? value = default, again = default;
            getter(ref value);
            getter(ref again);
            string second = Text(again);
            return () => $"{column.Name}: {Text(value)}, {second}";
        };
    }

    private static string Text<T>(T value) => value switch
    {
        null => "null",
        SegmentationMap map => $"{map.Width} x {map.Height} {Convert.ToHexString(map.ClassIds.Span)}",
        VBuffer<float> v => Vector(v),
        VBuffer<double> v => Vector(v),
        VBuffer<byte> v => Vector(v),
        VBuffer<bool> v => Vector(v),
        VBuffer<ReadOnlyMemory<char>> v => Vector(v),
        IFormattable number => number.ToString("", CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private static string Vector<T>(VBuffer<T> vector) => $"{vector.Length} {vector.IsDense} {string.Join(' ', vector.DenseValues())}";
}
