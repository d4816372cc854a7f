using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.ML;

/// <summary>What an estimator needs to state the shape of its output. ML.NET keeps the constructor of a shape's column to itself.</summary>
internal static class SchemaShapes
{
    /// <summary>A column of single values.</summary>
    public static SchemaShape.Column Scalar(string name, DataViewType type, SchemaShape? annotations = null) =>
        NewColumn(name, SchemaShape.Column.VectorKind.Scalar, type, false, annotations);

    /// <summary>A column of vectors of known length.</summary>
    public static SchemaShape.Column Vector(string name, DataViewType itemType) =>
        NewColumn(name, SchemaShape.Column.VectorKind.Vector, itemType, false, null);

    /// <summary>A column of vectors of any length.</summary>
    public static SchemaShape.Column VariableVector(string name, DataViewType itemType, SchemaShape? annotations = null) =>
        NewColumn(name, SchemaShape.Column.VectorKind.VariableVector, itemType, false, annotations);

    /// <summary>The shape with one more column, which replaces one of the same name.</summary>
    public static SchemaShape With(SchemaShape shape, SchemaShape.Column added) =>
        new([.. shape.Where(column => column.Name != added.Name), added]);

    /// <summary>Throws unless the shape has a column of single values of a type.</summary>
    public static void Require<TType>(SchemaShape shape, string transform, string name, string expected)
        where TType : DataViewType
    {
        SchemaShape.Column column = shape.FirstOrDefault(column => column.Name == name);
        if (column.Name is null)
            throw Errors.MissingColumn(transform, name, expected, shape.Select(c => c.Name));
        if (column.Kind != SchemaShape.Column.VectorKind.Scalar || column.IsKey || column.ItemType is not TType)
            throw Errors.WrongColumnType(transform, name, expected, Describe(column));
    }

    private static string Describe(SchemaShape.Column column)
    {
        string item = column.IsKey ? $"Key<{column.ItemType}>" : column.ItemType.ToString()!;
        return column.Kind == SchemaShape.Column.VectorKind.Scalar ? item : $"{column.Kind}<{item}>";
    }

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern SchemaShape.Column NewColumn(
        string name, SchemaShape.Column.VectorKind vecKind, DataViewType itemType, bool isKey, SchemaShape? annotations);
}
