using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Several mappers, one after the other.</summary>
internal sealed class CompositeRowToRowMapper(DataViewSchema inputSchema, IRowToRowMapper[] mappers) : IRowToRowMapper
{
    public DataViewSchema InputSchema => inputSchema;

    public DataViewSchema OutputSchema { get; } = mappers.LastOrDefault()?.OutputSchema ?? inputSchema;

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        foreach (var mapper in mappers.Reverse())
            dependingColumns = mapper.GetDependencies(dependingColumns);
        return dependingColumns;
    }

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        Contracts.CheckValue(input, nameof(input));
        Contracts.CheckValue(activeColumns, nameof(activeColumns));
        Contracts.CheckParam(input.Schema == inputSchema, nameof(input), "Schema did not match original schema");

        var needed = new IEnumerable<DataViewSchema.Column>[mappers.Length];
        var active = OutputSchema.ActiveArray(activeColumns);
        IEnumerable<DataViewSchema.Column> columns = OutputSchema.Where(column => active[column.Index]);
        for (int i = mappers.Length - 1; i >= 0; i--)
        {
            needed[i] = columns;
            if (i > 0)
                columns = mappers[i].GetDependencies(columns);
        }
        for (int i = 0; i < mappers.Length; i++)
            input = mappers[i].GetRow(input, needed[i]);
        return input;
    }
}
