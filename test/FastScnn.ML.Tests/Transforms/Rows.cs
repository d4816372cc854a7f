using FastScnn.ML.Imaging;
using FastScnn.ML.Transforms;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace FastScnn.ML.Tests.Transforms;

internal sealed class ImageFileRow
{
    public string File { get; set; } = "";
}

internal sealed class ImageRow
{
    [ImageType(60, 80)]
    public MLImage? Image { get; set; }

    public float Number { get; set; }
}

internal sealed class MapRow
{
    [SegmentationMapType]
    public SegmentationMap? PredictedLabel { get; set; }
}

/// <summary>Reads columns through the data view interface alone, one value at a time.</summary>
internal static class Rows
{
    /// <summary>What <paramref name="look"/> makes of each value, before the next one is read.</summary>
    public static List<TResult> Select<TValue, TResult>(this IDataView data, string column, Func<TValue, TResult> look)
    {
        var results = new List<TResult>();
        using DataViewRowCursor cursor = data.GetRowCursor([data.Schema[column]]);
        ValueGetter<TValue> getter = cursor.GetGetter<TValue>(data.Schema[column]);
        TValue value = default!;
        while (cursor.MoveNext())
        {
            getter(ref value);
            results.Add(look(value));
        }
        return results;
    }

    public static List<byte[]> Ids(this IDataView data, string column) =>
        data.Select(column, (SegmentationMap map) => map.ClassIds.ToArray());
}
