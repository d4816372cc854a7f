using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace FastScnn.ML.Tests.Transforms.Ahead;

/// <summary>Made rows, in columns of any type, that tell what is done to them.</summary>
internal sealed class WatchedView(int rows) : IDataView
{
    private readonly List<(string Name, DataViewType Type, Func<WatchedCursor, Delegate> Getter)> _columns = [];
    private DataViewSchema? _schema;

    /// <summary>Called on the thread that moves to a row, with its number, before it is there; also with that after the last one.</summary>
    public Action<int> Moving { get; init; } = _ => { };

    /// <summary>Whether rows have ids.</summary>
    public bool HasIds { get; init; } = true;

    public List<WatchedCursor> Cursors { get; } = [];

    public bool CanShuffle => false;

    public DataViewSchema Schema => _schema ??= MakeSchema();

    public int Rows => rows;

    /// <summary>Adds a column.</summary>
    public WatchedView With<T>(string name, DataViewType type, Func<int, T> value)
    {
        _columns.Add((name, type, cursor => (ValueGetter<T>)((ref T to) => to = value(cursor.Row))));
        return this;
    }

    /// <summary>Adds a column of vectors, whose getter uses the memory that it is given, as those of ML.NET do.</summary>
    public WatchedView WithVectors<T>(string name, PrimitiveDataViewType type, Func<int, VBuffer<T>> value)
    {
        _columns.Add((name, new VectorDataViewType(type), cursor => (ValueGetter<VBuffer<T>>)((ref VBuffer<T> to) => value(cursor.Row).CopyTo(ref to))));
        return this;
    }

    /// <summary>Adds a column of images, which frees the last one for the next, as those of ML.NET do.</summary>
    public WatchedView WithPhotos(string name, Func<int, MLImage?> value)
    {
        _columns.Add((name, new ImageDataViewType(), cursor => (ValueGetter<MLImage?>)((ref MLImage? to) =>
        {
            to?.Dispose();
            to = null;
            to = value(cursor.Row);
            cursor.Keep(to);
        })));
        return this;
    }

    public long? GetRowCount() => rows;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        HashSet<int> active = [.. columnsNeeded.Select(column => column.Index)];
        var cursor = new WatchedCursor(this, column => active.Contains(column) ? _columns[column].Getter : null);
        Cursors.Add(cursor);
        return cursor;
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private DataViewSchema MakeSchema()
    {
        var builder = new DataViewSchema.Builder();
        foreach (var (name, type, _) in _columns)
            builder.AddColumn(name, type);
        return builder.ToSchema();
    }
}

/// <summary>A cursor of a <see cref="WatchedView"/>.</summary>
internal sealed class WatchedCursor(WatchedView view, Func<int, Func<WatchedCursor, Delegate>?> column) : DataViewRowCursor
{
    private volatile bool _isMoving;
    private bool _ended;
    private long _position = -1;
    private MLImage? _last;

    public override DataViewSchema Schema => view.Schema;

    public override long Position => _position;

    public override long Batch => 7 * _position;

    public int Row => _position >= 0 ? (int)_position : throw new InvalidOperationException("No row.");

    /// <summary>The threads that moved it.</summary>
    public HashSet<Thread> Threads { get; } = [];

    /// <summary>The images that it gave and has not freed.</summary>
    public int Images { get; private set; }

    public int Disposals { get; private set; }

    public bool WasDisposedWhileMoving { get; private set; }

    public override bool MoveNext()
    {
        Threads.Add(Thread.CurrentThread);
        if (_ended)
            return false;
        _isMoving = true;
        view.Moving((int)_position + 1);
        _ended = _position + 1 == view.Rows;
        _position = _ended ? -1 : _position + 1;
        _isMoving = false;
        return _position >= 0;
    }

    public override bool IsColumnActive(DataViewSchema.Column of) => column(of.Index) is not null;

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column of) => (ValueGetter<TValue>)column(of.Index)!(this);

    public override ValueGetter<DataViewRowId> GetIdGetter() =>
        view.HasIds ? (ref DataViewRowId id) => id = new DataViewRowId((ulong)Row, 11) : throw new NotSupportedException("These rows have no ids.");

    public void Keep(MLImage? image)
    {
        Images += image is null ? 0 : 1;
        if (_last is not null)
        {
            // Freed by who asked for the next one.
            Assert.That(() => _last.Width, Throws.InstanceOf<InvalidOperationException>());
            Images--;
        }
        _last = image;
    }

    protected override void Dispose(bool disposing)
    {
        Disposals++;
        WasDisposedWhileMoving |= _isMoving;
        if (_last is not null)
            Images--;
        _last?.Dispose();
        _last = null;
    }
}
