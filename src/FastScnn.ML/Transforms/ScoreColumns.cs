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

    /// <summary>The shape with the columns that segmentation adds: of maps and, where asked for, of scores and of confidence.</summary>
    public static SchemaShape AddTo(SchemaShape shape, FastScnnSegmentationOptions options)
    {
        shape = SchemaShapes.With(shape, MapColumn.Shape(options.OutputColumnName));
        if (options.ScoreColumnName is { } scores)
            shape = SchemaShapes.With(shape, SchemaShapes.VariableVector(scores, NumberDataViewType.Single, MapColumn.ClassNamesShape));
        return options.ConfidenceColumnName is { } confidence
            ? SchemaShapes.With(shape, SchemaShapes.VariableVector(confidence, NumberDataViewType.Single))
            : shape;
    }

    /// <summary>Throws where two added columns have the same name.</summary>
    /// <param name="options">The names.</param>
    /// <param name="mapProperty">What the caller's options call the name of the column of maps.</param>
    public static void CheckNames(FastScnnSegmentationOptions options, string mapProperty)
    {
        if (options.ScoreColumnName == options.OutputColumnName)
            throw Errors.SameColumnNames(options.OutputColumnName, mapProperty, nameof(options.ScoreColumnName));
        if (options.ConfidenceColumnName == options.OutputColumnName)
            throw Errors.SameColumnNames(options.OutputColumnName, mapProperty, nameof(options.ConfidenceColumnName));
        if (options.ConfidenceColumnName is { } name && name == options.ScoreColumnName)
            throw Errors.SameColumnNames(name, nameof(options.ScoreColumnName), nameof(options.ConfidenceColumnName));
    }
}
