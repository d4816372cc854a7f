using FastScnn.ML;

namespace Microsoft.ML;

/// <summary>Gives <see cref="MLContext"/> a catalog for semantic segmentation beside those of ML.NET.</summary>
public static class SemanticSegmentationExtensions
{
    extension(MLContext mlContext)
    {
        /// <summary>Training, scoring and data of semantic segmentation: a class for every pixel.</summary>
        /// <example><code>
        /// var metrics = mlContext.SemanticSegmentation.Evaluate(model.Transform(testData));
        /// Console.WriteLine(metrics.Summary);
        /// </code></example>
        public SemanticSegmentationCatalog SemanticSegmentation => new(mlContext);
    }
}
