using System.Runtime.CompilerServices;
using FastScnn.Torch.Data;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace FastScnn.ML.Transforms;

/// <summary>Finds the columns that a transform reads, in schemas and in the shapes of schemas.</summary>
internal static class Columns
{
    private const string InputSchema = "inputSchema";

    public static DataViewSchema.Column RequireImage(
        DataViewSchema schema, string transform, string name, string parameter = InputSchema) =>
        Require<ImageDataViewType>(schema, transform, name, parameter);

    public static DataViewSchema.Column RequireMap(
        DataViewSchema schema, string transform, string name, string parameter = InputSchema) =>
        Require<SegmentationMapDataViewType>(schema, transform, name, parameter);

    public static DataViewSchema.Column RequireText(
        DataViewSchema schema, string transform, string name, string parameter = InputSchema) =>
        Require<TextDataViewType>(schema, transform, name, parameter);

    public static DataViewSchema.Column RequireNumbers(
        DataViewSchema schema, string transform, string name, string parameter = InputSchema)
    {
        DataViewSchema.Column column = Require<VectorDataViewType>(schema, transform, name, parameter);
        return ((VectorDataViewType)column.Type).ItemType == NumberDataViewType.Single ? column
            : throw WrongType<VectorDataViewType>(transform, name, column.Type.ToString()!, parameter);
    }

    /// <summary>Throws unless the shape has a column of single values of a type.</summary>
    public static void Require<TType>(SchemaShape shape, string transform, string name)
        where TType : DataViewType
    {
        SchemaShape.Column column = shape.FirstOrDefault(column => column.Name == name);
        if (column.Name is null)
            throw Missing<TType>(transform, name, shape.Select(c => c.Name), InputSchema);
        if (column.Kind != SchemaShape.Column.VectorKind.Scalar || column.IsKey || column.ItemType is not TType)
            throw WrongType<TType>(transform, name, Describe(column), InputSchema);
    }

    /// <summary>Throws unless the shape has a column of vectors of numbers.</summary>
    public static void RequireNumbers(SchemaShape shape, string transform, string name)
    {
        SchemaShape.Column column = shape.FirstOrDefault(column => column.Name == name);
        if (column.Name is null)
            throw Missing<VectorDataViewType>(transform, name, shape.Select(c => c.Name), InputSchema);
        if (column.Kind == SchemaShape.Column.VectorKind.Scalar || column.IsKey
            || column.ItemType != NumberDataViewType.Single)
            throw WrongType<VectorDataViewType>(transform, name, Describe(column), InputSchema);
    }

    private static DataViewSchema.Column Require<TType>(
        DataViewSchema schema, string transform, string name, string parameter)
        where TType : DataViewType
    {
        // ML.NET calls an empty name null.
        DataViewSchema.Column column = (name.Length == 0 ? null : schema.GetColumnOrNull(name))
            ?? throw Missing<TType>(transform, name, schema.Where(c => !c.IsHidden).Select(c => c.Name), parameter);
        return column.Type is TType ? column
            : throw WrongType<TType>(transform, name, column.Type.ToString()!, parameter);
    }

    private static ArgumentException Missing<TType>(
        string transform, string name, IEnumerable<string> found, string parameter)
    {
        (string what, string source) = Explain(typeof(TType));
        return new(
            $"{transform} needs a column '{name}' that holds {what}; the data has the columns "
            + $"[{string.Join(", ", found)}]. Name one of these, or add it: {source}.", parameter);
    }

    private static ArgumentException WrongType<TType>(string transform, string name, string found, string parameter)
    {
        (string what, string source) = Explain(typeof(TType));
        return new(
            $"{transform} needs a column '{name}' that holds {what}; its type is {found}. Name another column, or "
                + $"add one: {source}.", parameter);
    }

    private static (string What, string Source) Explain(Type type) =>
        type == typeof(ImageDataViewType) ? (
            "an image (ImageDataViewType)",
            "mlContext.Transforms.LoadImages makes images of file names, and a member of type MLImage with "
                + "[AnySizeImageType] is one")
        : type == typeof(SegmentationMapDataViewType) ? (
            "a SegmentationMap",
            "LoadSegmentationMaps makes maps of mask files and FastScnnSegment of images, and a member of type "
                + "SegmentationMap with [SegmentationMapType] is one")
        : type == typeof(VectorDataViewType) ? (
            "a number for each pixel (Vector<Single>)",
            "FastScnnSegment adds one where FastScnnSegmentationOptions.ConfidenceColumnName names it")
        : (
            "a text (TextDataViewType) that holds a file name",
            "a member of type string is one");

    private static string Describe(SchemaShape.Column column)
    {
        string item = column.IsKey ? $"Key<{column.ItemType}>" : column.ItemType.ToString()!;
        return column.Kind == SchemaShape.Column.VectorKind.Scalar ? item : $"{column.Kind}<{item}>";
    }
}

/// <summary>The columns that segmentation adds: a map and, where asked for, its scores and its confidence.</summary>
internal static class SegmentationColumns
{
    public static DataViewSchema.DetachedColumn Map(string name, ClassList classes) =>
        new(name, SegmentationMapDataViewType.Instance, ClassNames(classes));

    // The length of the vectors follows the size of the image: 0 stands for the dimensions that differ from row to row.
    public static DataViewSchema.DetachedColumn Scores(string name, ClassList classes) =>
        new(name, new VectorDataViewType(NumberDataViewType.Single, classes.Count, 0, 0), ClassNames(classes));

    public static DataViewSchema.DetachedColumn Confidence(string name) =>
        new(name, new VectorDataViewType(NumberDataViewType.Single, 0, 0));

    /// <summary>Throws where two added columns have the same name.</summary>
    /// <param name="options">The names.</param>
    /// <param name="mapProperty">What the caller's options call the name of the column of maps.</param>
    public static void CheckNames(FastScnnSegmentationOptions options, string mapProperty)
    {
        Differ((options.OutputColumnName, mapProperty), (options.ScoreColumnName, nameof(options.ScoreColumnName)));
        Differ((options.OutputColumnName, mapProperty),
            (options.ConfidenceColumnName, nameof(options.ConfidenceColumnName)));
        Differ((options.ScoreColumnName, nameof(options.ScoreColumnName)),
            (options.ConfidenceColumnName, nameof(options.ConfidenceColumnName)));

        static void Differ((string? Name, string Property) first, (string? Name, string Property) second)
        {
            if (first.Name is { } name && name == second.Name)
            {
                throw new ArgumentException(
                    $"{first.Property} and {second.Property} are both '{name}'; each added column needs a name of "
                        + "its own.", second.Property);
            }
        }
    }

    public static SchemaShape AddTo(SchemaShape shape, FastScnnSegmentationOptions options)
    {
        shape = AddTo(shape, MapShape(options.OutputColumnName));
        if (options.ScoreColumnName is { } scores)
            shape = AddTo(shape, NewShape(scores, SchemaShape.Column.VectorKind.VariableVector,
                NumberDataViewType.Single, false, ClassNamesShape()));
        if (options.ConfidenceColumnName is { } confidence)
            shape = AddTo(shape, NewShape(confidence, SchemaShape.Column.VectorKind.VariableVector,
                NumberDataViewType.Single, false, null));
        return shape;
    }

    /// <summary>The shape with one more column, which replaces one of the same name.</summary>
    public static SchemaShape AddTo(SchemaShape shape, SchemaShape.Column added) =>
        new([.. shape.Where(column => column.Name != added.Name), added]);

    public static SchemaShape.Column MapShape(string name) =>
        ScalarShape(name, SegmentationMapDataViewType.Instance, ClassNamesShape());

    public static SchemaShape.Column ScalarShape(string name, DataViewType type, SchemaShape? annotations = null) =>
        NewShape(name, SchemaShape.Column.VectorKind.Scalar, type, false, annotations);

    /// <summary>The shape of a column of vectors of any length.</summary>
    public static SchemaShape.Column VectorShape(string name, DataViewType itemType) =>
        NewShape(name, SchemaShape.Column.VectorKind.VariableVector, itemType, false, null);

    private static DataViewSchema.Annotations ClassNames(ClassList classes)
    {
        var names = new VBuffer<ReadOnlyMemory<char>>(classes.Count, [.. classes.Select(c => c.Name.AsMemory())]);
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add(
            SegmentationMapDataViewType.ClassNamesKind,
            new VectorDataViewType(TextDataViewType.Instance, classes.Count),
            (ref VBuffer<ReadOnlyMemory<char>> value) => names.CopyTo(ref value));
        return annotations.ToAnnotations();
    }

    private static SchemaShape ClassNamesShape() => new(
        [NewShape(SegmentationMapDataViewType.ClassNamesKind, SchemaShape.Column.VectorKind.Vector,
            TextDataViewType.Instance, false, null)]);

    // ML.NET shows this constructor only to its own assemblies.
    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern SchemaShape.Column NewShape(
        string name, SchemaShape.Column.VectorKind vecKind, DataViewType itemType, bool isKey,
        SchemaShape? annotations);
}
