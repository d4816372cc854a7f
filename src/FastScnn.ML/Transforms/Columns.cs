using Microsoft.ML;

namespace FastScnn.ML;

/// <summary>Finds the columns of a schema that a transform reads.</summary>
internal static class Columns
{
    public const string Image = "an image (ImageDataViewType)";
    public const string Map = "a SegmentationMap (SegmentationMapDataViewType)";
    public const string Text = "a text (TextDataViewType) that holds a file name";

    /// <summary>Where a column of a kind comes from.</summary>
    public static string Source(string kind) => kind switch
    {
        Image => "mlContext.Transforms.LoadImages makes images of file names, and a member of type MLImage with [AnySizeImageType] is one",
        Map => "LoadSegmentationMaps makes maps of label files and FastScnnSegment of photos, and a member of type SegmentationMap with [SegmentationMapType] is one",
        _ => "a member of type string is one",
    };

    /// <summary>The column of a name, which must be of a type.</summary>
    public static DataViewSchema.Column Require<TType>(
        DataViewSchema schema, string transform, string name, string expected, string parameter = Errors.InputSchema)
        where TType : Microsoft.ML.Data.DataViewType
    {
        // ML.NET calls an empty name null.
        DataViewSchema.Column column = (name.Length == 0 ? null : schema.GetColumnOrNull(name))
            ?? throw Errors.MissingColumn(transform, name, expected, schema.Where(c => !c.IsHidden).Select(c => c.Name), parameter);
        return column.Type is TType ? column : throw Errors.WrongColumnType(transform, name, expected, column.Type.ToString()!, parameter);
    }
}
