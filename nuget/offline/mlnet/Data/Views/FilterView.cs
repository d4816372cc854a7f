using System;
using System.Collections.Generic;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>A data view with some rows of its source, in order, which cannot be shuffled or split.</summary>
internal abstract class FilterView : IDataView
{
    protected readonly IHost Host;
    protected readonly IDataView Source;

    protected FilterView(IHostEnvironment env, IDataView source)
    {
        Host = env.Register(GetType().Name);
        Source = source;
    }

    public DataViewSchema Schema => Source.Schema;

    public bool CanShuffle => false;

    public abstract long? GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
        => new Cursor(Host, Schema.ActiveArray(columnsNeeded), MakeCursor(columnsNeeded, out var moveNext), moveNext);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
        => [GetRowCursor(columnsNeeded)];

    /// <summary>Opens the source and returns what moves it to the next row to keep.</summary>
    protected abstract DataViewRowCursor MakeCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, out Func<bool> moveNext);

    private sealed class Cursor(IHost host, bool[] active, DataViewRowCursor input, Func<bool> moveNext) : RootCursorBase(host)
    {
        public override DataViewSchema Schema => input.Schema;

        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Ch.CheckParam(IsColumnActive(column), nameof(column), "requested column not active");
            return input.GetGetter<TValue>(column);
        }

        protected override bool MoveNextCore() => moveNext();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                input.Dispose();
            base.Dispose(disposing);
        }
    }
}

/// <summary>TakeRows and SkipRows.</summary>
internal sealed class RowRange(IHostEnvironment env, IDataView source, long skip, long take) : FilterView(env, source)
{
    public override long? GetRowCount()
        => take == 0 ? 0 : Source.GetRowCount() is { } count ? Math.Min(Math.Max(0, count - skip), take) : null;

    protected override DataViewRowCursor MakeCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, out Func<bool> moveNext)
    {
        var input = Source.GetRowCursor(columnsNeeded);
        long seen = 0;
        long taken = 0;
        moveNext = () =>
        {
            if (taken == take)
                return false;
            for (taken++; seen < skip; seen++)
            {
                if (!input.MoveNext())
                    return false;
            }
            return input.MoveNext();
        };
        return input;
    }
}
