using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Keeps the columns that were asked for once in memory. Columns of custom types are left out of its schema.</summary>
internal sealed class CacheDataView : IDataView
{
    private readonly IHost _host;
    private readonly IDataView _source;
    private readonly Dictionary<int, ColumnBuffer> _columns = new();
    private int? _rowCount;

    public CacheDataView(IHostEnvironment env, IDataView input, string[] columnsToPrefetch)
    {
        _host = env.Register("Cache");
        _source = Cacheable(_host, input);
        if (columnsToPrefetch.Length > 0)
            Load(columnsToPrefetch.Select(name => _source.Schema[name]).ToArray());
    }

    public DataViewSchema Schema => _source.Schema;

    public bool CanShuffle => true;

    public static IDataView Cacheable(IHost host, IDataView input)
    {
        int[] columns = input.Schema.Where(column => column.Type.IsCacheable()).Select(column => column.Index).ToArray();
        return columns.Length == input.Schema.Count ? input : new ColumnSelection(host, input, columns);
    }

    public long? GetRowCount() => _rowCount ?? _source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        var needed = columnsNeeded.ToArray();
        lock (_columns)
        {
            Load(needed);
            return new Cursor(this, Schema.ActiveArray(needed), rand);
        }
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
        => [GetRowCursor(columnsNeeded, rand)];

    private void Load(DataViewSchema.Column[] columns)
    {
        columns = columns.Where(column => !_columns.ContainsKey(column.Index)).ToArray();
        if (columns.Length == 0 && _rowCount != null)
            return;
        using var cursor = _source.GetRowCursor(columns);
        var loaded = columns.Select(ColumnBuffer.Create).ToArray();
        var readers = loaded.Select((buffer, i) => buffer.MakeReader(cursor, columns[i])).ToArray();
        int count = 0;
        for (; cursor.MoveNext(); count++)
        {
            foreach (var reader in readers)
                reader(count);
        }
        for (int i = 0; i < columns.Length; i++)
            _columns[columns[i].Index] = loaded[i];
        _rowCount = count;
    }

    private sealed class Cursor : RootCursorBase
    {
        private readonly CacheDataView _view;
        private readonly bool[] _active;
        private readonly int[] _order;

        public Cursor(CacheDataView view, bool[] active, Random rand)
            : base(view._host)
        {
            _view = view;
            _active = active;
            _order = Enumerable.Range(0, view._rowCount.Value).ToArray();
            rand?.Shuffle(_order);
        }

        public override DataViewSchema Schema => _view.Schema;

        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)Row(), 0);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Ch.CheckParam(IsColumnActive(column), nameof(column), "requested column not active");
            return _view._columns[column.Index].MakeGetter(Row).As<TValue>();
        }

        protected override bool MoveNextCore() => Position + 1 < _order.Length;

        private int Row()
        {
            Ch.Check(IsGood, Getters.FetchValueStateError);
            return _order[Position];
        }
    }
}
