using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Microsoft.ML.Transforms.Onnx;

namespace FastScnn.Bench.Scoring.Peers;

/// <summary>ML.NET without FastScnn, as in samples/05-score-with-stock-mlnet.cs: ExtractPixels, ApplyOnnxModel, and the
/// best class of each pixel in a loop.</summary>
internal sealed class StockPipeline : IScoringPeer
{
    private readonly MLImage _image;
    private readonly PredictionEngine<Row, Scored> _engine;
    private readonly int _pixels;

    public StockPipeline(ScoringFiles files, ScoringCase scored)
    {
        _pixels = scored.Width * scored.Height;
        _image = files.Decoded(scored);
        var context = new MLContext();
        // The sides of an image column are part of its type, which ML.NET must know.
        new ImageTypeAttribute(scored.Height, scored.Width).Register();
        SchemaDefinition schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Image)].ColumnType = new ImageDataViewType(scored.Height, scored.Width);
        // No ResizeImages: the image has the model's size.
        ITransformer model = context.Transforms.ExtractPixels("image", nameof(Row.Image))
            .Append(context.Transforms.ApplyOnnxModel(new OnnxOptions
            {
                OutputColumns = ["logits"],
                InputColumns = ["image"],
                ModelFile = files.Stock(scored),
                IntraOpNumThreads = scored.Threads,
            }))
            .Fit(context.Data.LoadFromEnumerable(new List<Row>(), schema));
        _engine = context.Model.CreatePredictionEngine<Row, Scored>(model, inputSchemaDefinition: schema);
    }

    public byte[]? Mask { get; private set; }

    public void Score()
    {
        byte[] mask = BestClasses.Find(_engine.Predict(new Row { Image = _image }).Logits, _pixels);
        Mask ??= mask;
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
        [ColumnName("logits")]
        public float[] Logits { get; set; } = [];
    }
}
