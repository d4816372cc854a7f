using Microsoft.ML.Data;

namespace FastScnn.ML;

/// <summary>The getters of a segmentation's columns.</summary>
internal interface ISegmentationValues
{
    void Map(ref SegmentationMap? value);

    void Scores(ref VBuffer<float> value);

    void Confidence(ref VBuffer<float> value);
}
