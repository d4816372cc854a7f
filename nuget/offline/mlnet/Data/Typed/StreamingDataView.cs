using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>A data view over a sequence of row objects, which it enumerates once for each cursor.</summary>
internal sealed class StreamingDataView<TRow> : IDataView
    where TRow : class
{
    private readonly IHost _host;
    private readonly IEnumerable<TRow> _data;
    private readonly InternalSchemaDefinition _definition;

    public StreamingDataView(IHostEnvironment env, IEnumerable<TRow> data, SchemaDefinition definition)
    {
        _host = env.Register(nameof(StreamingDataView<TRow>));
        _data = data;
        _definition = InternalSchemaDefinition.Create(typeof(TRow), definition, SchemaDefinition.Direction.Read);
        Schema = _definition.ToSchema();
    }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => false;

    public long? GetRowCount() => (_data as ICollection<TRow>)?.Count;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
        => new Cursor(this, Schema.ActiveArray(columnsNeeded));

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
        => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : RootCursorBase
    {
        // Never disposed, as in the real package.
        private readonly IEnumerator<TRow> _rows;
        private readonly Delegate[] _getters;

        public Cursor(StreamingDataView<TRow> view, bool[] active)
            : base(view._host)
        {
            Schema = view.Schema;
            _rows = view._data.GetEnumerator();
            var getters = new RowGetters<TRow>(view._host, Current);
            _getters = view._definition.Columns.Select((column, i) => active[i] ? getters.Make(column) : null).ToArray();
        }

        public override DataViewSchema Schema { get; }

        public override long Batch => 0;

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) =>
        {
            Ch.Check(IsGood, Getters.FetchValueStateError);
            id = new DataViewRowId((ulong)Position, 0);
        };

        public override bool IsColumnActive(DataViewSchema.Column column) => _getters[column.Index] != null;

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Ch.CheckParam(IsColumnActive(column), nameof(column), "requested column not active");
            return _getters[column.Index].As<TValue>();
        }

        protected override bool MoveNextCore()
        {
            bool moved = _rows.MoveNext();
            if (moved && _rows.Current == null)
                throw Ch.Except("Encountered null when iterating over data, this is not supported.");
            return moved;
        }

        private TRow Current()
        {
            Ch.Check(IsGood, Getters.FetchValueStateError);
            return _rows.Current;
        }
    }
}
