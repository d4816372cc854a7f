using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>A data view with some columns of its source.</summary>
internal sealed class ColumnSelection : IDataView, IRowToRowMapper
{
    private readonly IHost _host;
    private readonly IDataView _source;
    private readonly int[] _map;

    public ColumnSelection(IHost host, IDataView source, int[] map)
    {
        _host = host;
        _source = source;
        _map = map;
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(map.Select(index => source.Schema[index]));
        Schema = builder.ToSchema();
    }

    public DataViewSchema Schema { get; }

    public DataViewSchema InputSchema => _source.Schema;

    public DataViewSchema OutputSchema => Schema;

    public bool CanShuffle => _source.CanShuffle;

    public long? GetRowCount() => _source.GetRowCount();

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        var needed = dependingColumns.Select(column => _map[column.Index]).ToHashSet();
        return InputSchema.Where(column => needed.Contains(column.Index)).ToArray();
    }

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) => new Row(this, input);

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
        => new Cursor(this, _source.GetRowCursor(GetDependencies(columnsNeeded), rand), Schema.ActiveArray(columnsNeeded));

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
        => Array.ConvertAll(_source.GetRowCursorSet(GetDependencies(columnsNeeded), n, rand),
            input => new Cursor(this, input, Schema.ActiveArray(columnsNeeded)));

    private sealed class Row(ColumnSelection parent, DataViewRow input) : WrappingRow(input)
    {
        public override DataViewSchema Schema => parent.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => true;

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
            => Input.GetGetter<TValue>(Input.Schema[parent._map[column.Index]]);
    }

    private sealed class Cursor(ColumnSelection parent, DataViewRowCursor input, bool[] active) : SynchronizedCursorBase(parent._host, input)
    {
        public override DataViewSchema Schema => parent.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
            => Input.GetGetter<TValue>(Input.Schema[parent._map[column.Index]]);
    }
}
