using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

[assembly: LoadableClass(typeof(ColumnSelectingTransformer), null, typeof(SignatureLoadModel),
    "Select Columns Transform", ColumnSelectingTransformer.LoaderSignature)]

namespace Microsoft.ML.Transforms;

public sealed class ColumnSelectingEstimator : TrivialEstimator<ColumnSelectingTransformer>
{
    internal ColumnSelectingEstimator(IHostEnvironment env, string[] keepColumns, string[] dropColumns, bool keepHidden = false)
        : base(Contracts.CheckRef(env, nameof(env)).Register(nameof(ColumnSelectingEstimator)),
            new ColumnSelectingTransformer(env, keepColumns, dropColumns, keepHidden))
    {
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Host.CheckValue(inputSchema, nameof(inputSchema));
        Transformer.CheckColumns(inputSchema.Select(column => column.Name));
        return new SchemaShape(inputSchema.Where(column => Transformer.Keeps(column.Name)));
    }
}

public sealed class ColumnSelectingTransformer : ITransformer
{
    internal const string LoaderSignature = "SelectColumnsTransform";

    private readonly IHost _host;
    private readonly string[] _columns;
    private readonly bool _keepColumns;
    private readonly bool _keepHidden;

    internal ColumnSelectingTransformer(IHostEnvironment env, string[] keepColumns, string[] dropColumns, bool keepHidden = false)
    {
        _host = Contracts.CheckRef(env, nameof(env)).Register(nameof(ColumnSelectingTransformer));
        _keepColumns = keepColumns is { Length: > 0 };
        bool drops = dropColumns is { Length: > 0 };
        _host.Check(!(_keepColumns && drops), "Both keepColumns and dropColumns are set. Exactly one can be specified.");
        _host.Check(_keepColumns || drops, "Neither keepColumns and dropColumns is set. Exactly one must be specified.");
        _columns = _keepColumns ? keepColumns : dropColumns;
        _keepHidden = keepHidden;
    }

    bool ITransformer.IsRowToRowMapper => true;

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        _host.CheckValue(inputSchema, nameof(inputSchema));
        return new ColumnSelection(_host, new EmptyDataView(_host, inputSchema), Map(inputSchema)).Schema;
    }

    public IDataView Transform(IDataView input)
    {
        _host.CheckValue(input, nameof(input));
        return new ColumnSelection(_host, input, Map(input.Schema));
    }

    internal bool Keeps(string name) => _columns.Contains(name) == _keepColumns;

    internal void CheckColumns(IEnumerable<string> inputColumns)
    {
        string[] missing = _columns.Except(inputColumns).ToArray();
        if (missing.Length > 0)
            throw _host.ExceptSchemaMismatch("inputSchema", "input", string.Join(",", missing));
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema)
    {
        _host.CheckValue(inputSchema, nameof(inputSchema));
        return new ColumnSelection(_host, new EmptyDataView(_host, inputSchema), Map(inputSchema));
    }

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        ctx.SetVersionInfo(GetVersionInfo());
        ctx.Writer.Write(_keepColumns);
        ctx.Writer.Write(_keepHidden);
        ctx.Writer.Write(false); // Missing columns are not ignored.
        ctx.Writer.Write(_columns.Length);
        foreach (string name in _columns)
            ctx.SaveNonEmptyString(name);
    }

    private static ColumnSelectingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(GetVersionInfo());
        bool keepColumns = ctx.Reader.ReadBoolean();
        bool keepHidden = ctx.Reader.ReadBoolean();
        ctx.Reader.ReadBoolean();
        int count = ctx.Reader.ReadInt32();
        var columns = new List<string>();
        for (int i = 0; i < count; i++)
            columns.Add(ctx.LoadNonEmptyString());
        return keepColumns
            ? new ColumnSelectingTransformer(env, columns.ToArray(), null, keepHidden)
            : new ColumnSelectingTransformer(env, null, columns.ToArray(), keepHidden);
    }

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "SELCOLST",
        verWrittenCur: 0x00010001,
        verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature,
        loaderAssemblyName: typeof(ColumnSelectingTransformer).Assembly.FullName);

    // Kept columns stand in the order in which they were named, the rest after a drop as they were.
    private int[] Map(DataViewSchema input)
    {
        CheckColumns(input.Select(column => column.Name));
        return _keepColumns
            ? _columns.SelectMany(name => input.Where(column => column.Name == name && (_keepHidden || !column.IsHidden))).Select(column => column.Index).ToArray()
            : input.Where(column => Keeps(column.Name)).Select(column => column.Index).ToArray();
    }
}
