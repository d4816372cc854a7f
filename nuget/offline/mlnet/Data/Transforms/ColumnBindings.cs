using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.Data;

/// <summary>A schema with added columns; one that has the name of a source column stands behind it and hides it.</summary>
internal sealed class ColumnBindings
{
    // Source columns as they are, the added column i as ~i.
    private readonly List<int> _map;

    public ColumnBindings(DataViewSchema input, DataViewSchema.DetachedColumn[] added)
    {
        InputSchema = input;
        _map = Enumerable.Range(0, input.Count).ToList();
        DataViewSchema.DetachedColumn ColumnAt(int index) => index >= 0 ? new(input[index]) : added[~index];
        for (int i = 0; i < added.Length; i++)
        {
            int same = _map.FindLastIndex(index => ColumnAt(index).Name == added[i].Name);
            _map.Insert(same < 0 ? _map.Count : same + 1, ~i);
        }

        var builder = new DataViewSchema.Builder();
        builder.AddColumns(_map.Select(ColumnAt));
        Schema = builder.ToSchema();
        AddedColumnIndices = Enumerable.Range(0, added.Length).Select(i => _map.IndexOf(~i)).ToArray();
    }

    public DataViewSchema InputSchema { get; }

    public DataViewSchema Schema { get; }

    public IReadOnlyList<int> AddedColumnIndices { get; }

    public int MapColumnIndex(out bool isSrcColumn, int col)
    {
        isSrcColumn = _map[col] >= 0;
        return isSrcColumn ? _map[col] : ~_map[col];
    }
}
