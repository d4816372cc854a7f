using FastScnn.ML.Imaging;
using FastScnn.ML.Transforms;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace FastScnn.Bench.Scoring.Peers;

/// <summary>Our transformer in ML.NET: an MLImage through a prediction engine to a segmentation map.</summary>
internal sealed class Transformer : IScoringPeer
{
    private readonly MLImage _image;
    private readonly PredictionEngine<Row, Scored> _engine;

    public Transformer(ScoringFiles files, ScoringCase scored, string model)
    {
        _image = files.Decoded(scored);
        var context = new MLContext();
        ITransformer transformer = context.Transforms.FastScnnSegment(new FastScnnSegmentationOptions
        {
            OutputColumnName = nameof(Scored.PredictedLabel),
            InputColumnName = nameof(Row.Image),
            ModelFile = model,
            Segmenter = new() { IntraOpThreads = scored.Threads },
        }).Fit(context.Data.LoadFromEnumerable(new List<Row>()));
        _engine = context.Model.CreatePredictionEngine<Row, Scored>(transformer);
    }

    public byte[]? Mask { get; private set; }

    public void Score()
    {
        SegmentationMap map = _engine.Predict(new Row { Image = _image }).PredictedLabel!;
        if (Mask is null)
            Mask = map.ClassIds.ToArray();
    }

    public void Dispose()
    {
        _engine.Dispose();
        _image.Dispose();
    }

    private sealed class Row
    {
        [ImageType(1, 1)]
        public MLImage? Image { get; set; }
    }

    private sealed class Scored
    {
        [SegmentationMapType]
        public SegmentationMap? PredictedLabel { get; set; }
    }
}
