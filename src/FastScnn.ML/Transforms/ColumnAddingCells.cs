using Microsoft.ML;

namespace FastScnn.ML;

/// <summary>What a row and a cursor with added columns have in common.</summary>
internal sealed class ColumnAddingCells : IDisposable
{
    private readonly DataViewRow _input;
    private readonly ColumnMapper _mapper;
    private readonly bool[] _active;
    private readonly Delegate?[] _getters = [];
    private Action? _release;

    public ColumnAddingCells(DataViewRow input, ColumnMapper mapper, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        (_input, _mapper, _active) = (input, mapper, new bool[mapper.OutputSchema.Count]);
        foreach (DataViewSchema.Column column in activeColumns)
            _active[column.Index] = true;
        bool[] wanted = _active[mapper.InputSchema.Count..];
        if (wanted.Contains(true))
            _getters = mapper.CreateGetters(input, wanted, out _release);
    }

    public DataViewRow Input => _input;

    public DataViewSchema Schema => _mapper.OutputSchema;

    public bool IsActive(DataViewSchema.Column column) => _active[column.Index];

    public ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsActive(column))
            throw Errors.InactiveColumn(column.Name);
        if (!_mapper.IsAdded(column))
            return _input.GetGetter<TValue>(_mapper.InputSchema[column.Index]);
        return _getters[column.Index - _mapper.InputSchema.Count] as ValueGetter<TValue> ?? throw Errors.GetterType(column, typeof(TValue));
    }

    public void Dispose()
    {
        _release?.Invoke();
        _release = null;
        _input.Dispose();
    }
}
