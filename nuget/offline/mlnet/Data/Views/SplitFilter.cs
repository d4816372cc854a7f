using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>
/// One side of a train-test split. Each row draws a number in [0, 1): from the seed in row order, or from the value of the
/// sampling key column, so that equal keys fall on one side.
/// </summary>
internal sealed class SplitFilter(IHostEnvironment env, IDataView source, string keyColumnName, int seed, Func<double, bool> accept)
    : FilterView(env, source)
{
    public override long? GetRowCount() => null;

    protected override DataViewRowCursor MakeCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, out Func<bool> moveNext)
    {
        DataViewSchema.Column? key = keyColumnName == null ? null : Schema[keyColumnName];
        var input = Source.GetRowCursor(key == null ? columnsNeeded : columnsNeeded.Append(key.Value));
        var random = new Random(seed);
        Func<double> draw = key == null ? random.NextDouble : Generic.Invoke(HashOf<int>, key.Value.Type.RawType, (DataViewRow)input, key.Value);
        moveNext = () =>
        {
            while (input.MoveNext())
            {
                if (accept(draw()))
                    return true;
            }
            return false;
        };
        return input;
    }

    // 64-bit FNV-1a over the key as text, with MurmurHash3's last step so that keys that end alike fall apart: the same in every process.
    private Func<double> HashOf<T>(DataViewRow row, DataViewSchema.Column column)
    {
        var getter = row.GetGetter<T>(column);
        T value = default;
        return () =>
        {
            getter(ref value);
            ulong hash = 14695981039346656037UL ^ (uint)seed;
            foreach (char ch in value.ToString())
                hash = (hash ^ ch) * 1099511628211UL;
            hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCDUL;
            hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53UL;
            hash ^= hash >> 33;
            return (hash >> 11) / (double)(1UL << 53);
        };
    }
}
