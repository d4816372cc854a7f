using System;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

public sealed class CustomMappingTransformer<TSrc, TDst> : ITransformer
    where TSrc : class, new()
    where TDst : class, new()
{
    private readonly IHost _host;
    private readonly Action<TSrc, TDst> _mapAction;
    private readonly string _contractName;

    internal CustomMappingTransformer(
        IHostEnvironment env,
        Action<TSrc, TDst> mapAction,
        string contractName,
        SchemaDefinition inputSchemaDefinition = null,
        SchemaDefinition outputSchemaDefinition = null)
    {
        _host = env.Register(nameof(CustomMappingTransformer<TSrc, TDst>));
        _host.CheckValue(mapAction, nameof(mapAction));
        _mapAction = mapAction;
        _contractName = contractName;
        InputSchemaDefinition = inputSchemaDefinition;
        AddedSchema = InternalSchemaDefinition.Create(typeof(TDst), outputSchemaDefinition, SchemaDefinition.Direction.Write);
    }

    internal InternalSchemaDefinition AddedSchema { get; }

    internal SchemaDefinition InputSchemaDefinition { get; }

    bool ITransformer.IsRowToRowMapper => true;

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        _host.CheckValue(inputSchema, nameof(inputSchema));
        return RowToRowMapperTransform.GetOutputSchema(inputSchema, new Mapper(this, inputSchema));
    }

    public IDataView Transform(IDataView input)
    {
        _host.CheckValue(input, nameof(input));
        return new RowToRowMapperTransform(_host, input, new Mapper(this, input.Schema));
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema)
    {
        _host.CheckValue(inputSchema, nameof(inputSchema));
        return new RowToRowMapperTransform(_host, new EmptyDataView(_host, inputSchema), new Mapper(this, inputSchema));
    }

    void ICanSaveModel.Save(ModelSaveContext ctx) => Save(ctx);

    private void Save(ModelSaveContext ctx)
    {
        if (_contractName == null)
            throw _host.Except("Empty contract name for a transform: the transform cannot be saved");
        LambdaTransform.Save(ctx, _contractName, _mapAction.Method.DeclaringType.Assembly.FullName);
    }

    private sealed class Mapper(CustomMappingTransformer<TSrc, TDst> parent, DataViewSchema inputSchema) : IRowMapper
    {
        private readonly TypedRowReader<TSrc> _reader = new(parent._host, inputSchema, false, parent.InputSchemaDefinition);

        public Delegate[] CreateGetters(DataViewRow input, Func<int, bool> activeOutput, out Action disposer)
        {
            disposer = null;
            var getters = new Delegate[parent.AddedSchema.Columns.Length];
            if (!Enumerable.Range(0, getters.Length).Any(activeOutput))
                return getters;

            var outputRow = new InputRow<TDst>(parent._host, parent.AddedSchema);
            var fill = _reader.MakeFiller(input);
            var source = new TSrc();
            var destination = new TDst();
            long servedPosition = -1;

            // The mapping runs once a row, whichever of its columns is read first.
            void Refresh()
            {
                if (servedPosition == input.Position)
                    return;
                fill(source);
                parent._mapAction(source, destination);
                outputRow.ExtractValues(destination);
                servedPosition = input.Position;
            }

            foreach (var column in outputRow.Schema.Where(column => activeOutput(column.Index)))
                getters[column.Index] = Generic.Invoke(MakeGetter<int>, column.Type.RawType, (DataViewRow)outputRow, column, (Action)Refresh);
            return getters;
        }

        public Func<int, bool> GetDependencies(Func<int, bool> activeOutput)
        {
            if (!Enumerable.Range(0, parent.AddedSchema.Columns.Length).Any(activeOutput))
                return _ => false;
            var needed = _reader.Dependencies.Select(column => column.Index).ToHashSet();
            return needed.Contains;
        }

        public DataViewSchema.DetachedColumn[] GetOutputColumns()
            => parent.AddedSchema.ToSchema().Select(column => new DataViewSchema.DetachedColumn(column)).ToArray();

        public ITransformer GetTransformer() => parent;

        void ICanSaveModel.Save(ModelSaveContext ctx) => parent.Save(ctx);

        private static Delegate MakeGetter<T>(DataViewRow row, DataViewSchema.Column column, Action refresh)
        {
            var getter = row.GetGetter<T>(column);
            return (ValueGetter<T>)((ref T destination) =>
            {
                refresh();
                getter(ref destination);
            });
        }
    }
}
