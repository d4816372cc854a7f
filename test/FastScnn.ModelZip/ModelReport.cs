using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FastScnn.ML.Imaging;
using FastScnn.ML.Transforms;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.ML.Testing;

internal sealed class ImageAndMask
{
    public string Image { get; set; } = "";

    public string Label { get; set; } = "";
}

internal sealed class Segmented
{
    [SegmentationMapType]
    public SegmentationMap? PredictedLabel { get; set; }

    [SegmentationMapType]
    public SegmentationMap? Other { get; set; }

    [SegmentationMapType]
    public SegmentationMap? Copy { get; set; }

    [SegmentationMapType]
    public SegmentationMap? Truth { get; set; }
}

/// <summary>Everything that a model with the columns of <see cref="Segmented"/> and a <c>Drawing</c> shows of itself,
/// as text.</summary>
internal static class ModelReport
{
    public static string Write(MLContext context, ITransformer model, ImageAndMask[] rows)
    {
        var report = new StringBuilder();
        report.AppendLine(string.Join(", ",
            ((IEnumerable<ITransformer>)model).Select(transformer => transformer.GetType().Name)));
        IDataView data = context.Data.LoadFromEnumerable(rows);
        IDataView result = model.Transform(data);
        foreach (DataViewSchema.Column column in result.Schema)
            report.AppendLine(CultureInfo.InvariantCulture, $"{column.Name}: {column.Type}");
        foreach (Segmented row in context.Data.CreateEnumerable<Segmented>(result, reuseRowObject: false))
            report.AppendLine($"row: {Describe(row)}");
        // Not disposed: with it the model would be.
        PredictionEngine<ImageAndMask, Segmented> engine =
            context.Model.CreatePredictionEngine<ImageAndMask, Segmented>(model);
        foreach (ImageAndMask row in rows)
            report.AppendLine($"engine: {Describe(engine.Predict(row))}");
        using DataViewRowCursor cursor = result.GetRowCursor([result.Schema["Drawing"]]);
        ValueGetter<MLImage> getDrawing = cursor.GetGetter<MLImage>(result.Schema["Drawing"]);
        MLImage drawing = null!;
        while (cursor.MoveNext())
        {
            getDrawing(ref drawing);
            report.AppendLine(CultureInfo.InvariantCulture,
                $"drawing: {drawing.Width}x{drawing.Height} {Hash(drawing.GetBGRPixels)}");
        }
        return report.ToString();
    }

    private static string Describe(Segmented row) =>
        string.Join("; ", new[] { row.PredictedLabel!, row.Other!, row.Copy!, row.Truth! }.Select(map =>
            $"{map.Width}x{map.Height} {Hash(map.ClassIds.Span)} {map.Classes.Count} "
                + $"{Hash(Encoding.UTF8.GetBytes(map.Classes.ToJson()))}"));

    private static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexString(SHA256.HashData(bytes))[..16];
}
