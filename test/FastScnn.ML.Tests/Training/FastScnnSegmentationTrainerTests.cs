using FastScnn.ML.Evaluation;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.ML.Tests.Saving;
using FastScnn.ML.Tests.Transforms;
using FastScnn.ML.Training;
using FastScnn.ML.Transforms;
using FastScnn.Scenes;
using FastScnn.Testing;
using FastScnn.Torch.Data;
using FastScnn.Torch.Training;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.ML.Tests.Training;

/// <summary>What training through ML.NET gives.</summary>
[NonParallelizable]
public class FastScnnSegmentationTrainerTests
{
    private readonly MLContext _context = new(seed: 1);
    private readonly List<string> _log = [];
    private string _root = null!;
    private SegmentationDataset _dataset = null!;

    [OneTimeSetUp]
    public void Write()
    {
        _root = StreetRow.Folder(4, 2);
        _dataset = SegmentationDataset.FromFolder(_root, "train");
        _context.Log += (_, e) =>
        {
            if (e.Source.Contains("FastScnnTrainer"))
                _log.Add($"{e.Kind}: {e.Message}");
        };
    }

    [SetUp]
    public void Forget() => _log.Clear();

    private FastScnnSegmentationTrainer Trainer(FastScnnSegmentationTrainerOptions? options = null) =>
        _context.SemanticSegmentation.Trainers.FastScnn(options ?? new() { Training = StreetRow.Short() });

    [Test]
    public void Four_scenes_are_learned()
    {
        IDataView data = _context.SemanticSegmentation.LoadFromFolder(_root, "train");
        var reports = new Reports();
        using FastScnnSegmentationTransformer model = Trainer(new()
        {
            Training = StreetRow.Short(epochs: 60) with
            {
                Augmentation = FastScnn.Torch.Data.Augmentation.AugmentationOptions.CropOnly,
                Schedule = LearningRateSchedule.Polynomial(0.05),
            },
            Progress = reports,
        }).Fit(data);
        SemanticSegmentationMetrics metrics = _context.SemanticSegmentation.Evaluate(model.Transform(data));
        double largest = StreetRow.Of(_dataset).Select(row => row.Label!)
            .Aggregate(new double[12],
                (sums, map) => [.. sums.Zip(map.ClassFractions, (sum, share) => sum + share / 4)]).Max();
        Assert.That(reports[^1].MeanLoss, Is.LessThan(reports[0].MeanLoss / 2));
        Assert.That(metrics.PixelAccuracy, Is.GreaterThan(0.7).And.GreaterThan(largest + 0.1),
            "better than naming one class everywhere");
        Assert.That(model.Classes, Is.EqualTo(StreetScene.Classes));
        Assert.That(model.OutputColumnName, Is.EqualTo("PredictedLabel"));
    }

    // Training is the same to the last bit, so the same masks say that the rows were the same.
    [Test]
    public void Rows_from_files_from_memory_and_from_temporary_files_are_the_same()
    {
        string temp = TestFiles.NewFolder();
        _context.TempFilePath = temp;
        IDataView files = _context.SemanticSegmentation.LoadFromFolder(_root, "train");
        IDataView memory = _context.Data.LoadFromEnumerable(StreetRow.Of(_dataset));
        List<byte[]> fromFiles = Masks(files, new() { Training = StreetRow.Short() });
        Assert.That(_log, Has.None.Contains("in memory"), "a data set is read by itself");
        List<byte[]> fromMemory = Masks(memory, new() { Training = StreetRow.Short() });
        Assert.That(_log, Has.Exactly(1).Contains("Read 4 training rows: 4 are in memory").And.Exactly(1)
            .Contains("0 in temporary files"));
        int writtenFiles = 0;
        List<byte[]> fromTemp = Masks(memory, new()
        {
            Training = StreetRow.Short(),
            MemoryBytes = 4 * 64 * 48 * 3 / 2,
            Progress = new Reports
            {
                Reporting = _ => writtenFiles = Directory.GetFiles(temp, "*", SearchOption.AllDirectories).Length
            },
        });
        Assert.That(writtenFiles, Is.EqualTo(6), "one row has room in memory");
        Assert.That(Directory.GetFileSystemEntries(temp), Is.Empty, "the folder is deleted");
        Assert.That(fromMemory, Is.EqualTo(fromFiles));
        Assert.That(fromTemp, Is.EqualTo(fromFiles));

        List<byte[]> Masks(IDataView data, FastScnnSegmentationTrainerOptions options)
        {
            using FastScnnSegmentationTransformer model = Trainer(options).Fit(data);
            return model.Transform(files).Ids("PredictedLabel");
        }
    }

    [Test]
    public void It_trains_in_the_middle_of_a_chain()
    {
        IDataView data = _context.Data.LoadFromEnumerable(StreetRow.Of(_dataset)
            .Select(row => new FileRow { ImageFile = row.ImageFile, MaskFile = row.MaskFile }));
        var chain = _context.Transforms.LoadImages("Image", null, nameof(FileRow.ImageFile))
            .Append(_context.Transforms.LoadSegmentationMaps("Truth", null, StreetScene.Classes,
                nameof(FileRow.MaskFile)))
            .Append(Trainer(new()
            {
                ImageColumnName = "Image",
                LabelColumnName = "Truth",
                PredictedLabelColumnName = "Guess",
                Training = StreetRow.Short()
            }))
            .Append(_context.Transforms.DrawSegmentation("Drawn", "Image", "Guess"));
        using var model = chain.Fit(data);
        IDataView scored = model.Transform(data);
        Assert.That(scored.Schema.Select(column => column.Name),
            Is.SupersetOf(new[] { "Image", "Truth", "Guess", "Drawn" }));
        Assert.That(scored.Schema["Guess"].Type, Is.EqualTo(SegmentationMapDataViewType.Instance));
        Assert.That(scored.Select("Drawn", (MLImage image) => (image.Width, image.Height)),
            Is.EqualTo(Enumerable.Repeat((64, 48), 4)));
        Assert.That(_context.SemanticSegmentation.Evaluate(scored, "Truth", "Guess").Rows, Is.EqualTo(4));
        List<byte[]> expected = scored.Ids("Guess");
        using PredictionEngine<FileRow, GuessRow> engine =
            _context.Model.CreatePredictionEngine<FileRow, GuessRow>(model);
        foreach ((FileRow row, byte[] ids) in _context.Data.CreateEnumerable<FileRow>(data, false).Zip(expected))
            Assert.That(engine.Predict(row).Guess!.ClassIds.ToArray(), Is.EqualTo(ids));
    }

    [Test]
    public void Scores_and_confidence_come_as_columns_where_they_are_asked_for()
    {
        IDataView data = _context.SemanticSegmentation.LoadFromFolder(_root, "train");
        var trainer = Trainer(new()
        {
            Training = StreetRow.Short(1),
            ScoreColumnName = "Score",
            ScoreKind = ScoreKind.Logits,
            ConfidenceColumnName = "Confidence"
        });
        // In a chain, so that the shapes are asked for too.
        using var chain = trainer.Append(_context.Transforms.CopyColumns("Copy", "Confidence")).Fit(data);
        FastScnnSegmentationTransformer model = chain.OfType<FastScnnSegmentationTransformer>().Single();
        Assert.That((model.ScoreColumnName, model.ScoreKind, model.ConfidenceColumnName),
            Is.EqualTo(("Score", ScoreKind.Logits, "Confidence")));
        IDataView scored = chain.Transform(data);
        foreach ((float[] scores,
            float[] confidence) in scored.GetColumn<float[]>("Score").Zip(scored.GetColumn<float[]>("Copy")))
        {
            Assert.That(scores, Has.Length.EqualTo(12 * 64 * 48));
            Assert.That(confidence, Has.Length.EqualTo(64 * 48).And.All.InRange(1 / 12f, 1));
        }
    }

    [Test]
    public void A_validation_set_chooses_the_weights_and_is_logged()
    {
        IDataView data = _context.SemanticSegmentation.LoadFromFolder(_root, "train"),
            val = _context.SemanticSegmentation.LoadFromFolder(_root, "val");
        var reports = new Reports();
        using FastScnnSegmentationTransformer model =
            Trainer(new() { ValidationSet = val, Training = StreetRow.Short(epochs: 3), Progress = reports }).Fit(data);
        Assert.That(reports.Count(report => report.Scores is not null), Is.EqualTo(3));
        double best = reports.Max(report => report.Scores?.MeanIoU ?? 0);
        // ONNX Runtime adds in another order, which may turn a pixel.
        Assert.That(_context.SemanticSegmentation.Evaluate(model.Transform(val)).MeanIoU,
            Is.EqualTo(best).Within(0.002));
        Assert.Multiple(() =>
        {
            for (int epoch = 1; epoch <= 3; epoch++)
                Assert.That(_log, Has.Exactly(1)
                    .Contains($"Epoch {epoch} of 3: loss ").And.Contains("validation: mIoU "));
            Assert.That(_log, Has.Exactly(1)
                .Contains("Trained for 3 epochs, 3 steps.").And.Contains(
                    FormattableString.Invariant($"mIoU {100 * best:F2} %")));
        });
    }

    [Test]
    public void Every_epoch_is_logged_without_validation_too()
    {
        using FastScnnSegmentationTransformer model =
            Trainer(new() { Training = StreetRow.Short(epochs: 3, batchSize: 2) })
                .Fit(_context.SemanticSegmentation.LoadFromFolder(_root, "train"));
        Assert.That(_log.Where(line => line.Contains("Epoch ")),
            Has.Exactly(3).Items.And.All.Contains("Info").And.All.Contains("loss "));
        Assert.That(_log, Has.Exactly(1)
            .EndsWith(
                "Training on 4 rows of 12 classes, without validation: 3 epochs in batches of 2, on the processor."));
        Assert.That(_log, Has.Exactly(1).Contains("Epoch 3 of 3").And.Exactly(1)
            .Contains("Trained for 3 epochs, 6 steps. The weights are those of epoch 3."));
    }

    [Test]
    public void The_short_overload_sets_what_it_names()
    {
        IDataView data = _context.SemanticSegmentation.LoadFromFolder(_root, "train"),
            val = _context.SemanticSegmentation.LoadFromFolder(_root, "val");
        IDataView renamed = _context.Transforms.CopyColumns("Image", "Image")
            .Append(_context.Transforms.CopyColumns("Truth", "Label")).Fit(data).Transform(data);
        IDataView renamedVal = _context.Transforms.CopyColumns("Image", "Image")
            .Append(_context.Transforms.CopyColumns("Truth", "Label")).Fit(val).Transform(val);
        using FastScnnSegmentationTransformer model = _context.SemanticSegmentation.Trainers
            .FastScnn("Truth", "Image", "Guess", epochs: 1, batchSize: 2, validationSet: renamedVal).Fit(renamed);
        Assert.That((model.InputColumnName, model.OutputColumnName), Is.EqualTo(("Image", "Guess")));
        Assert.That(_log, Has.Exactly(1).Contains("Trained for 1 epochs, 2 steps").And.Contains("validation set"));
    }

    [Test]
    public void Rows_without_image_or_label_are_left_out_with_a_warning()
    {
        StreetRow[] rows = StreetRow.Of(_dataset);
        rows[1].Label = null;
        rows[3].Image = null;
        using FastScnnSegmentationTransformer model = Trainer(new() { Training = StreetRow.Short(1, 2) })
            .Fit(_context.Data.LoadFromEnumerable(rows));
        Assert.That(_log.Where(line => line.Contains("1 have no label and 1 no image")).ToArray(),
            Has.Length.EqualTo(1).And.All.StartsWith("Warning"));
        Assert.That(_log, Has.Exactly(1).Contains("1 steps"));
    }

    [Test]
    public void The_model_can_be_saved_for_MLNet_and_as_ONNX()
    {
        IDataView data = _context.SemanticSegmentation.LoadFromFolder(_root, "train");
        using FastScnnSegmentationTransformer model = Trainer().Fit(data);
        List<byte[]> expected = model.Transform(data).Ids("PredictedLabel");
        using var loaded = (FastScnnSegmentationTransformer)ModelZip.Save(_context, model).Load(new MLContext());
        Assert.That(loaded.Transform(data).Ids("PredictedLabel"), Is.EqualTo(expected));

        string onnx = Path.Combine(TestFiles.NewFolder(), "model.onnx");
        File.WriteAllText(onnx, "an old file");
        model.SaveOnnx(onnx);
        Assert.That(Directory.GetFiles(Path.GetDirectoryName(onnx)!), Is.EqualTo(new[] { onnx }),
            "no temporary file is left");
        using var segmenter = FastScnnSegmenter.Load(onnx);
        Assert.That(segmenter.Classes, Is.EqualTo(StreetScene.Classes));
        Assert.That(_dataset.Samples.Select(sample => segmenter.Segment(sample.ImagePath).ClassIds.ToArray()),
            Is.EqualTo(expected));
    }

    // A gigabyte of padding is no faster to train on than a gigabyte of images.
    [TestCase(true, null, 1, 64, 64)]
    [TestCase(true, null, 2, 128, 96)]
    [TestCase(true, 1024, 1, 768, 768)]
    [TestCase(false, null, 1, 768, 768)]
    public void Crops_are_cut_down_to_the_images(bool fit, int? baseSize, double inputScale, int width, int height)
    {
        var options = new FastScnnSegmentationTrainerOptions
        {
            FitCropToImages = fit,
            Training = StreetRow.Short() with { InputScale = inputScale, Augmentation = new() { BaseSize = baseSize } },
        };
        IDataView data = _context.SemanticSegmentation.LoadFrom(_dataset);
        using TrainingRows rows = TrainingRows.Open(data, "training", options, "", null!);
        var augmentation = TrainingPlan.Make(options, null, rows, null).Augmentation;
        Assert.That((augmentation.CropWidth, augmentation.CropHeight), Is.EqualTo((width, height)));
    }

    private sealed class FileRow
    {
        public string ImageFile { get; set; } = "";

        public string MaskFile { get; set; } = "";
    }

    private sealed class GuessRow
    {
        [SegmentationMapType]
        public SegmentationMap? Guess { get; set; }
    }
}
