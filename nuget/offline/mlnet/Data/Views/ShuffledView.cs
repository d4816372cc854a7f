using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Serves rows in a random order out of a pool that it fills from its source. Columns of custom types are left out.</summary>
internal sealed class ShuffledView : IDataView
{
    private readonly IHost _host;
    private readonly IDataView _source;
    private readonly int _poolRows;
    private readonly bool _shuffleSource;
    private readonly int? _seed;

    public ShuffledView(IHostEnvironment env, IDataView input, int? seed, int poolRows, bool shuffleSource)
    {
        _host = env.Register("Shuffle");
        _source = CacheDataView.Cacheable(_host, input);
        _seed = seed;
        _poolRows = poolRows;
        _shuffleSource = shuffleSource && _source.CanShuffle;
    }

    public DataViewSchema Schema => _source.Schema;

    public bool CanShuffle => true;

    public long? GetRowCount() => _source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        var needed = columnsNeeded.ToArray();
        rand ??= _seed == null ? new Random(_host.Rand.Next()) : new Random(_seed.Value);
        return new Cursor(_host, _source.GetRowCursor(needed, _shuffleSource ? rand : null), needed, _poolRows, rand);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
        => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : RootCursorBase
    {
        private readonly DataViewRowCursor _input;
        private readonly Random _random;
        private readonly int _poolRows;
        private readonly Dictionary<int, ColumnBuffer> _buffers;
        private readonly Action<int>[] _readers;
        private readonly List<DataViewRowId> _ids = new();
        private readonly ValueGetter<DataViewRowId> _idGetter;
        private readonly List<int> _filled = new();
        private int _current = -1;
        private int _slots;

        public Cursor(IHost host, DataViewRowCursor input, DataViewSchema.Column[] columns, int poolRows, Random random)
            : base(host)
        {
            _input = input;
            _random = random;
            _poolRows = poolRows;
            _buffers = columns.ToDictionary(column => column.Index, ColumnBuffer.Create);
            _readers = columns.Select(column => _buffers[column.Index].MakeReader(input, column)).ToArray();
            _idGetter = input.GetIdGetter();
        }

        public override DataViewSchema Schema => _input.Schema;

        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) => _buffers.ContainsKey(column.Index);

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = _ids[Slot()];

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Ch.CheckParam(IsColumnActive(column), nameof(column), "requested column not active");
            return _buffers[column.Index].MakeGetter(Slot).As<TValue>();
        }

        protected override bool MoveNextCore()
        {
            while (_filled.Count < _poolRows && _input.MoveNext())
                Fill();
            if (_filled.Count == 0)
                return false;
            int choice = _random.Next(_filled.Count);
            _current = _filled[choice];
            _filled[choice] = _filled[^1];
            _filled.RemoveAt(_filled.Count - 1);
            return true;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _input.Dispose();
            base.Dispose(disposing);
        }

        // The row served last gives its slot to the next one.
        private void Fill()
        {
            int slot = _current >= 0 ? _current : _slots++;
            _current = -1;
            foreach (var reader in _readers)
                reader(slot);
            DataViewRowId id = default;
            _idGetter(ref id);
            if (slot == _ids.Count)
                _ids.Add(id);
            else
                _ids[slot] = id;
            _filled.Add(slot);
        }

        private int Slot()
        {
            Ch.Check(IsGood, Getters.FetchValueStateError);
            return _current;
        }
    }
}
