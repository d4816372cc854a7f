using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.ML.Tests.Saving;
using FastScnn.ML.Transforms;
using FastScnn.Torch.Data;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace FastScnn.ML.Tests.Transforms;

/// <summary>Columns of scores and of confidence beside the map.</summary>
public class ScoreColumnTests
{
    private readonly MLContext _context = new(seed: 1);

    private readonly FastScnnSegmenterOptions _options = new()
    {
        Classes = ClassList.Generic(3),
        Inference = new() { Flip = true }
    };

    private IDataView Data =>
        _context.Data.LoadFromEnumerable([new ImageRow { Image = TestImages.Image(80, 60) }, new ImageRow(),
            new ImageRow { Image = TestImages.Image(41, 33, 2) }]);

    [Test]
    public void Columns_hold_what_the_segmenter_gives()
    {
        IDataView data = Data;
        using FastScnnSegmentationTransformer model = Segment().Fit(data);
        using var segmenter = FastScnnSegmenter.Load(Models.Tiny, _options);
        IDataView scored = model.Transform(data);
        float[][] scores = [.. scored.GetColumn<float[]>("Score")],
            confidence = [.. scored.GetColumn<float[]>("Confidence")];
        using MLImage first = TestImages.Image(80, 60), last = TestImages.Image(41, 33, 2);
        ScoredSegmentation[] expected = [segmenter.SegmentWithScores(first), segmenter.SegmentWithScores(last)];
        Assert.That(scores, Is.EqualTo(new[] { expected[0].Scores.ToArray(), [], expected[1].Scores.ToArray() }));
        Assert.That(confidence,
            Is.EqualTo(new[] { expected[0].Confidence.ToArray(), [], expected[1].Confidence.ToArray() }));
        Assert.That(scored.Select("Map", (SegmentationMap? map) => map?.ClassIds.ToArray()),
            Is.EqualTo(new[] { expected[0].Map.ClassIds.ToArray(), null, expected[1].Map.ClassIds.ToArray() }));
    }

    [Test]
    public void The_schema_names_the_dimensions_that_are_known()
    {
        IDataView data = Data;
        using FastScnnSegmentationTransformer model = Segment().Fit(data);
        DataViewSchema schema = model.GetOutputSchema(data.Schema);
        var scores = (VectorDataViewType)schema["Score"].Type;
        Assert.That((scores.ItemType, scores.IsKnownSize), Is.EqualTo((NumberDataViewType.Single, false)));
        Assert.That(scores.Dimensions, Is.EqualTo(new[] { 3, 0, 0 }));
        Assert.That(((VectorDataViewType)schema["Confidence"].Type).Dimensions, Is.EqualTo(new[] { 0, 0 }));
        VBuffer<ReadOnlyMemory<char>> names = default;
        schema["Score"].Annotations.GetValue(SegmentationMapDataViewType.ClassNamesKind, ref names);
        Assert.That(names.DenseValues().Select(name => name.ToString()),
            Is.EqualTo(new[] { "class 0", "class 1", "class 2" }));
        Assert.That(schema.Select(column => column.Name),
            Is.EqualTo(new[] { "Image", "Number", "Map", "Score", "Confidence" }));
        IRowToRowMapper mapper = ((ITransformer)model).GetRowToRowMapper(data.Schema);
        Assert.That(mapper.GetDependencies([schema["Confidence"], schema["Score"]]).Select(column => column.Name),
            Is.EqualTo(new[] { "Image" }));
    }

    [Test]
    public void A_prediction_engine_gives_map_scores_and_confidence()
    {
        IDataView data = Data;
        // In a chain, so that the shapes are asked for too.
        ITransformer model = Segment(ScoreKind.Logits).Append(_context.Transforms.CopyColumns("Copy", "Score"))
            .Fit(data);
        using var engine = _context.Model.CreatePredictionEngine<ImageRow, ScoredRow>(model);
        foreach ((int width, int height) in new[] { (80, 60), (33, 41) })
        {
            ScoredRow row = engine.Predict(new ImageRow { Image = TestImages.Image(width, height) });
            Assert.That((row.Map!.Width, row.Map.Height), Is.EqualTo((width, height)));
            Assert.That((row.Score!.Length, row.Confidence!.Length, row.Copy.Length),
                Is.EqualTo((3 * width * height, width * height, 3 * width * height)));
            Assert.That(row.Score, Is.All.LessThanOrEqualTo(0),
                "logarithms of probabilities, as the image is averaged");
            for (int i = 0; i < width * height; i++)
                Assert.That(row.Score[row.Map.ClassIds.Span[i] * width * height + i],
                    Is.EqualTo(Math.Log(row.Confidence[i])).Within(1e-5));
        }
        ScoredRow empty = engine.Predict(new ImageRow());
        Assert.That((empty.Map, empty.Score?.Length ?? 0, empty.Confidence?.Length ?? 0),
            Is.EqualTo(((SegmentationMap?)null, 0, 0)));
    }

    [Test]
    public void Columns_that_were_not_asked_for_have_no_getter()
    {
        IDataView data = Data;
        using FastScnnSegmentationTransformer model = Segment().Fit(data);
        IDataView scored = model.Transform(data);
        using DataViewRowCursor cursor = scored.GetRowCursor([scored.Schema["Confidence"]]);
        Assert.That(() => cursor.GetGetter<VBuffer<float>>(scored.Schema["Score"]),
            Throws.InvalidOperationException.With.Message.Contains("'Score'"));
        Assert.That(() => cursor.GetGetter<float>(scored.Schema["Confidence"]),
            Throws.InvalidOperationException.With.Message.Contains("Single"));
    }

    [Test]
    public void Added_columns_need_names_of_their_own()
    {
        Assert.Multiple(() =>
        {
            Assert.That(() => SaveAndLoadTests.Tiny(_context, _options, "Map"),
                Throws.ArgumentException.With.Message.Contains("'Map'").And.Message.Contains("ScoreColumnName"));
            Assert.That(() => SaveAndLoadTests.Tiny(_context, _options, confidence: "Map"),
                Throws.ArgumentException.With.Message.Contains("ConfidenceColumnName"));
            Assert.That(() => SaveAndLoadTests.Tiny(_context, _options, "Score", confidence: "Score"),
                Throws.ArgumentException.With.Message.Contains("'Score'"));
            Assert.That(() => SaveAndLoadTests.Tiny(_context, _options, " "),
                Throws.ArgumentException.With.Message.Contains("ScoreColumnName"));
            Assert.That(() => SaveAndLoadTests.Tiny(_context, _options, "Score", (ScoreKind)4),
                Throws.InstanceOf<ArgumentOutOfRangeException>());
        });
    }

    private FastScnnSegmentationEstimator Segment(ScoreKind kind = ScoreKind.Probabilities) =>
        SaveAndLoadTests.Tiny(_context, _options, "Score", kind, "Confidence");

    private sealed class ScoredRow
    {
        [SegmentationMapType]
        public SegmentationMap? Map { get; set; }

        public float[]? Score { get; set; }

        [VectorType]
        public float[]? Confidence { get; set; }

        public VBuffer<float> Copy { get; set; }
    }
}
