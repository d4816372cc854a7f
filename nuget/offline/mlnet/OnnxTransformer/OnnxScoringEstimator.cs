using System;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms.Onnx
{
    public sealed class OnnxScoringEstimator : TrivialEstimator<OnnxTransformer>
    {
        internal OnnxScoringEstimator(IHostEnvironment env, OnnxTransformer.Options options)
            : base(Contracts.CheckRef(env, nameof(env)).Register(nameof(OnnxTransformer)), new OnnxTransformer(env, options))
        {
        }

        public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
        {
            Host.CheckValue(inputSchema, nameof(inputSchema));
            var result = inputSchema.ToDictionary(column => column.Name);
            foreach (string name in Transformer.Inputs)
            {
                if (!inputSchema.TryFindColumn(name, out SchemaShape.Column column))
                    throw Host.ExceptSchemaMismatch(nameof(inputSchema), "input", name);
                OnnxVariable input = Array.Find(Transformer.Model.Inputs, variable => variable.Name == name)
                    ?? throw Host.Except($"Column {name} doesn't match input node names of model.");
                DataViewType expected = ((VectorDataViewType)input.Type).ItemType;
                if (column.ItemType != expected)
                    throw Host.ExceptSchemaMismatch(nameof(inputSchema), "input", name, expected.ToString(), column.ItemType.ToString());
            }
            for (int i = 0; i < Transformer.Outputs.Length; i++)
            {
                DataViewType type = Transformer.OutputTypes[i];
                SchemaShape.Column.VectorKind kind = type.IsKnownSizeVector() ? SchemaShape.Column.VectorKind.Vector : SchemaShape.Column.VectorKind.VariableVector;
                result[Transformer.Outputs[i]] = new SchemaShape.Column(Transformer.Outputs[i], kind, type.GetItemType(), false);
            }
            return new SchemaShape(result.Values);
        }
    }
}
