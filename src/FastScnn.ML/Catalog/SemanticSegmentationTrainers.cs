using Microsoft.ML.Runtime;

namespace FastScnn.ML;

/// <summary>The trainers of <see cref="SemanticSegmentationCatalog.Trainers"/>.</summary>
public sealed class SemanticSegmentationTrainers
{
    internal SemanticSegmentationTrainers(IHostEnvironment environment) => Environment = environment;

    internal IHostEnvironment Environment { get; }
}
