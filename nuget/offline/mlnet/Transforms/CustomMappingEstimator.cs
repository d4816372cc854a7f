using System;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

public sealed class CustomMappingEstimator<TSrc, TDst> : TrivialEstimator<CustomMappingTransformer<TSrc, TDst>>
    where TSrc : class, new()
    where TDst : class, new()
{
    internal CustomMappingEstimator(
        IHostEnvironment env,
        Action<TSrc, TDst> mapAction,
        string contractName,
        SchemaDefinition inputSchemaDefinition = null,
        SchemaDefinition outputSchemaDefinition = null)
        : base(
            Contracts.CheckRef(env, nameof(env)).Register(nameof(CustomMappingEstimator<TSrc, TDst>)),
            new CustomMappingTransformer<TSrc, TDst>(env, mapAction, contractName, inputSchemaDefinition, outputSchemaDefinition))
    {
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        var columns = inputSchema.ToDictionary(column => column.Name);
        var needed = InternalSchemaDefinition.Create(typeof(TSrc), Transformer.InputSchemaDefinition, SchemaDefinition.Direction.Both);
        foreach (var column in needed.Columns)
        {
            if (!columns.TryGetValue(column.Name, out var found))
                throw Host.ExceptSchemaMismatch(nameof(inputSchema), "input", column.Name);
            SchemaShape.GetColumnTypeShape(column.Type, out var kind, out var itemType, out bool isKey);
            // Item types are compared by reference: two image types of one size differ.
            if (itemType != found.ItemType || isKey != found.IsKey || !Fits(kind, found.Kind))
                throw Host.ExceptSchemaMismatch(nameof(inputSchema), "input", column.Name, column.Type.ToString(), found.GetTypeString());
        }
        foreach (var added in SchemaShape.Create(Transformer.AddedSchema.ToSchema()))
            columns[added.Name] = added;
        return new SchemaShape(columns.Values);
    }

    // A member of unknown size takes vectors of any.
    private static bool Fits(SchemaShape.Column.VectorKind member, SchemaShape.Column.VectorKind column)
        => member == SchemaShape.Column.VectorKind.VariableVector ? column != SchemaShape.Column.VectorKind.Scalar : column == member;
}
