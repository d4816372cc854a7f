using System;
using System.Linq;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>A row over one object after the other.</summary>
internal sealed class InputRow<TRow> : DataViewRow
    where TRow : class
{
    private readonly IHost _host;
    private readonly Delegate[] _getters;
    private TRow _value;
    private long _position = -1;

    public InputRow(IHostEnvironment env, InternalSchemaDefinition definition)
    {
        _host = env.Register("Row");
        Schema = definition.ToSchema();
        var getters = new RowGetters<TRow>(_host, Current);
        _getters = definition.Columns.Select(getters.Make).ToArray();
    }

    public override DataViewSchema Schema { get; }

    public override long Position => _position;

    public override long Batch => 0;

    public void ExtractValues(TRow row)
    {
        _host.CheckValue(row, nameof(row));
        _value = row;
        _position++;
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_position, 0);

    public override bool IsColumnActive(DataViewSchema.Column column) => true;

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => _getters[column.Index].As<TValue>();

    private TRow Current()
    {
        _host.Check(_position >= 0, Getters.FetchValueStateError);
        return _value;
    }
}
