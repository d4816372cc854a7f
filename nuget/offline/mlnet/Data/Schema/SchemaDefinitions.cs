using System.Linq;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

internal static class SchemaDefinitions
{
    /// <summary>The definition that gives the members of a row class the types and annotations of a schema.</summary>
    public static SchemaDefinition Of<TRow>(IHostEnvironment env, DataViewSchema schema)
    {
        var definition = SchemaDefinition.Create(typeof(TRow), SchemaDefinition.Direction.Read);
        foreach (var column in schema)
        {
            var member = definition.FirstOrDefault(item => item.ColumnName == column.Name)
                ?? throw env.Except($"Type should contain a member named {column.Name}");
            member.ColumnType = column.Type;
            foreach (var annotation in column.Annotations.Schema)
                member.AnnotationInfos[annotation.Name] = new AnnotationInfo(annotation.Type, column.Annotations.GetGetterOf(annotation));
        }
        return definition;
    }

    private static System.Delegate GetGetterOf(this DataViewSchema.Annotations annotations, DataViewSchema.Column annotation)
        => Generic.Invoke(GetTyped<int>, annotation.Type.RawType, annotations, annotation);

    private static System.Delegate GetTyped<T>(DataViewSchema.Annotations annotations, DataViewSchema.Column annotation)
        => annotations.GetGetter<T>(annotation);
}
