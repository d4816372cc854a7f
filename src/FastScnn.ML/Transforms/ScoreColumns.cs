using FastScnn.Torch.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.ML;

/// <summary>
/// Describes columns of scores and of confidence: vectors of floats whose length follows the photo's size. The type names the dimensions
/// that are the same for all photos; 0 stands for the others.
/// </summary>
internal static class ScoreColumns
{
    public static DataViewSchema.DetachedColumn Scores(string name, ClassList classes) =>
        new(name, new VectorDataViewType(NumberDataViewType.Single, classes.Count, 0, 0), MapColumn.ClassNames(classes));

    public static DataViewSchema.DetachedColumn Confidence(string name) => new(name, new VectorDataViewType(NumberDataViewType.Single, 0, 0));

    public static SchemaShape.Column ScoresShape(string name) =>
        SchemaShapes.VariableVector(name, NumberDataViewType.Single, MapColumn.ClassNamesShape);

    public static SchemaShape.Column ConfidenceShape(string name) => SchemaShapes.VariableVector(name, NumberDataViewType.Single);
}
