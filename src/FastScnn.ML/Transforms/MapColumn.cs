using FastScnn.Torch.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.ML;

/// <summary>Describes columns of maps: their type, and the class names as an annotation.</summary>
internal static class MapColumn
{
    public static DataViewSchema.DetachedColumn Detached(string name, ClassList classes) =>
        new(name, SegmentationMapDataViewType.Instance, ClassNames(classes));

    public static SchemaShape.Column Shape(string name) => SchemaShapes.Scalar(name, SegmentationMapDataViewType.Instance, ClassNamesShape);

    public static SchemaShape ClassNamesShape { get; } =
        new([SchemaShapes.Vector(SegmentationMapDataViewType.ClassNamesKind, TextDataViewType.Instance)]);

    public static DataViewSchema.Annotations ClassNames(ClassList classes)
    {
        var names = new VBuffer<ReadOnlyMemory<char>>(classes.Count, [.. classes.Select(c => c.Name.AsMemory())]);
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add(
            SegmentationMapDataViewType.ClassNamesKind,
            new VectorDataViewType(TextDataViewType.Instance, classes.Count),
            (ref VBuffer<ReadOnlyMemory<char>> value) => names.CopyTo(ref value));
        return annotations.ToAnnotations();
    }
}
