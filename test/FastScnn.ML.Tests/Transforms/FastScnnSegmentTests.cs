using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.ML.Transforms;
using FastScnn.Torch.Data;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Transforms.Image;
using Microsoft.ML.Transforms.Onnx;

namespace FastScnn.ML.Tests.Transforms;

public class FastScnnSegmentTests
{
    private readonly MLContext _context = new(seed: 1);

    private IDataView Files(params string[] files) =>
        _context.Data.LoadFromEnumerable(files.Select(file => new ImageFileRow { File = file }));

    private IEstimator<ITransformer> Pipeline() =>
        _context.Transforms.LoadImages("Image", null, nameof(ImageFileRow.File))
        .Append(_context.Transforms.FastScnnSegment("PredictedLabel", "Image", Models.CamVid));

    [Test]
    public void The_pipeline_gives_the_segmenters_maps()
    {
        string[] files = TestImages.Val(3);
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid);
        List<byte[]> expected = [.. files.Select(file => segmenter.Segment(file).ClassIds.ToArray())];
        IDataView data = Files(files);
        ITransformer model = Pipeline().Fit(data);
        Assert.That(model.Transform(data).Ids("PredictedLabel"), Is.EqualTo(expected));
        MapRow[] rows = [.. _context.Data.CreateEnumerable<MapRow>(model.Transform(data), reuseRowObject: false)];
        Assert.That(rows.Select(row => row.PredictedLabel!.ClassIds.ToArray()), Is.EqualTo(expected));
        Assert.That(rows[0].PredictedLabel!.Classes, Is.EqualTo(ClassList.CamVid));
        Assert.That(rows[0].PredictedLabel!.Timings.Inference, Is.GreaterThan(TimeSpan.Zero));
    }

    [Test]
    public void Cursors_on_several_threads_give_the_same_maps()
    {
        ImageRow[] images =
        [
            .. Enumerable.Range(0, 12).Select(i => new ImageRow { Image = TestImages.Image(80, 60, i), Number = i })
        ];
        IDataView data = _context.Data.LoadFromEnumerable(images);
        IDataView maps = _context.Transforms.FastScnnSegment("Map", "Image", Models.CamVid).Fit(data).Transform(data);
        List<byte[]> expected = maps.Ids("Map");
        DataViewRowCursor[] cursors = maps.GetRowCursorSet([maps.Schema["Map"], maps.Schema["Number"]], 4);
        var found = new byte[12][];
        Parallel.ForEach(cursors, cursor =>
        {
            using (cursor)
            {
                ValueGetter<SegmentationMap> getMap = cursor.GetGetter<SegmentationMap>(maps.Schema["Map"]);
                ValueGetter<float> getNumber = cursor.GetGetter<float>(maps.Schema["Number"]);
                SegmentationMap map = null!;
                float number = 0;
                while (cursor.MoveNext())
                {
                    getMap(ref map);
                    getNumber(ref number);
                    found[(int)number] = map.ClassIds.ToArray();
                }
            }
        });
        Assert.That(found, Is.EqualTo(expected));
        Parallel.For(0, 4, _ => Assert.That(maps.Ids("Map"), Is.EqualTo(expected)));
    }

    [Test]
    public void Images_in_memory_stay_the_callers()
    {
        using MLImage image = TestImages.Image(80, 60);
        IDataView data = _context.Data.LoadFromEnumerable([new ImageRow { Image = image },
            new ImageRow { Image = TestImages.Image(80, 60, 2) }]);
        using FastScnnSegmentationTransformer model = _context.Transforms.FastScnnSegment("Map", "Image", Models.CamVid)
            .Fit(data);
        Assert.That(model.Transform(data).Ids("Map"), Has.Count.EqualTo(2));
        Assert.That(image.Width, Is.EqualTo(80));
    }

    [Test]
    public void There_is_one_schema_that_names_type_and_classes()
    {
        IDataView data = _context.Data.LoadFromEnumerable([new ImageRow { Image = TestImages.Image(80, 60) }]);
        using FastScnnSegmentationTransformer model = _context.Transforms.FastScnnSegment("Map", "Image", Models.CamVid)
            .Fit(data);
        DataViewSchema schema = model.GetOutputSchema(data.Schema);
        IRowToRowMapper mapper = ((ITransformer)model).GetRowToRowMapper(data.Schema);
        Assert.Multiple(() =>
        {
            Assert.That(model.Transform(data).Schema, Is.SameAs(schema));
            Assert.That(mapper.OutputSchema, Is.SameAs(schema));
            Assert.That(mapper.InputSchema, Is.SameAs(data.Schema));
            Assert.That(schema["Map"].Type, Is.EqualTo(SegmentationMapDataViewType.Instance));
            Assert.That(schema.Select(column => column.Name),
                Is.EqualTo(data.Schema.Select(column => column.Name).Append("Map")));
            Assert.That(mapper.GetDependencies([schema["Map"]]).Select(column => column.Name),
                Is.EqualTo(new[] { "Image" }));
            Assert.That(mapper.GetDependencies([schema["Number"]]).Select(column => column.Name),
                Is.EqualTo(new[] { "Number" }));
        });
        VBuffer<ReadOnlyMemory<char>> names = default;
        schema["Map"].Annotations.GetValue(SegmentationMapDataViewType.ClassNamesKind, ref names);
        Assert.That(names.DenseValues().Select(name => name.ToString()),
            Is.EqualTo(ClassList.CamVid.Select(c => c.Name)));
    }

    [Test]
    public void The_column_of_images_may_be_replaced()
    {
        IDataView data = _context.Data.LoadFromEnumerable([new ImageRow { Image = TestImages.Image(80, 60) }]);
        using FastScnnSegmentationTransformer model = _context.Transforms.FastScnnSegment("Image", null, Models.CamVid)
            .Fit(data);
        IDataView maps = model.Transform(data);
        Assert.That(maps.Schema["Image"].Type, Is.InstanceOf<SegmentationMapDataViewType>());
        Assert.That(maps.Select("Image", (SegmentationMap map) => map.Width), Is.EqualTo(new[] { 80 }));
    }

    [Test]
    public void Wrong_columns_are_named()
    {
        IDataView data = _context.Data.LoadFromEnumerable([new ImageRow { Image = TestImages.Image(80, 60) }]);
        FastScnnSegmentationEstimator missing = _context.Transforms.FastScnnSegment("Map", "Street", Models.CamVid);
        FastScnnSegmentationEstimator number = _context.Transforms.FastScnnSegment("Map", "Number", Models.CamVid);
        // A chain asks for shapes before it fits, a lone estimator looks at the data.
        var chain = _context.Transforms.CopyColumns("Other", "Number").Append(number);
        var missingInChain = _context.Transforms.CopyColumns("Other", "Number").Append(missing);
        Assert.Multiple(() =>
        {
            Assert.That(() => missing.Fit(data),
                Throws.ArgumentException.With.Message.Contains("'Street'").And.Message.Contains(
                    "Image, Number").And.Message.Contains("LoadImages"));
            Assert.That(() => _context.Transforms.FastScnnSegment("Map", "", Models.CamVid).Fit(data),
                Throws.ArgumentException.With.Message.Contains("''").And.Message.Contains("Image, Number"));
            Assert.That(() => missingInChain.Fit(data),
                Throws.ArgumentException.With.Message.Contains("'Street'").And.Message.Contains("Image, Number"));
            Assert.That(() => number.Fit(data),
                Throws.ArgumentException.With.Message.Contains("'Number'").And.Message.Contains(
                    "ImageDataViewType").And.Message.Contains("Single"));
            Assert.That(() => chain.Fit(data),
                Throws.ArgumentException.With.Message.Contains("'Number'").And.Message.Contains(
                    "ImageDataViewType").And.Message.Contains("Single"));
        });
    }

    [Test]
    public void A_missing_model_file_is_named_at_once() => Assert.That(
        () => _context.Transforms.FastScnnSegment("Map", "Image", "none.onnx"),
        Throws.InstanceOf<FileNotFoundException>().With.Message.Contains("none.onnx"));

    [Test]
    public void The_contexts_GPU_settings_hold()
    {
        // No machine has this many.
        var context = new MLContext { GpuDeviceId = 1000, FallbackToCpu = false };
        var messages = new List<string>();
        context.Log += (_, e) => messages.Add($"{e.Kind} {e.RawMessage}");
        IDataView data = context.Data.LoadFromEnumerable([new ImageRow { Image = TestImages.Image(80, 60) }]);
        FastScnnSegmentationEstimator estimator = context.Transforms.FastScnnSegment("Map", "Image", Models.CamVid);
        Assert.That(() => estimator.Fit(data), Throws.InvalidOperationException.With.Message.Contains("GPU 1000"));
        context.FallbackToCpu = true;
        using FastScnnSegmentationTransformer model = estimator.Fit(data);
        Assert.That(model.ActiveProvider, Is.EqualTo("CPUExecutionProvider"));
        Assert.That(messages.Count(m => m.StartsWith("Warning") && m.Contains("GPU 1000")), Is.EqualTo(1));
        Assert.That(messages.Where(m => m.StartsWith("Info")),
            Is.EqualTo(new[] { $"Info '{Models.CamVid}', a model of 11 classes, runs on CPUExecutionProvider." }));
        messages.Clear();
        Assert.That(model.Transform(data).Ids("Map"), Has.Count.EqualTo(1));
        Assert.That(messages.Where(m => m.Contains("ExecutionProvider")), Is.Empty, "once, when the model is loaded");
    }

    [Test]
    public void An_own_GPU_setting_comes_before_the_contexts()
    {
        var context = new MLContext { GpuDeviceId = 1000, FallbackToCpu = false };
        IDataView data = context.Data.LoadFromEnumerable([new ImageRow { Image = TestImages.Image(80, 60) }]);
        using FastScnnSegmentationTransformer model =
            context.Transforms.FastScnnSegment("Map", "Image", Models.CamVid, gpuDeviceId: 1001, fallbackToCpu: true)
                .Fit(data);
        Assert.That(model.ActiveProvider, Is.EqualTo("CPUExecutionProvider"));
    }

    [Test]
    public void SetOnnxSessionOption_holds()
    {
        string optimized = Path.Combine(Path.GetDirectoryName(Models.CamVid)!, $"{Guid.NewGuid():N}.onnx");
        var context = new MLContext();
        IDataView data = context.Data.LoadFromEnumerable([new ImageRow { Image = TestImages.Image(80, 60) }]);
        context.SetOnnxSessionOption(new OnnxSessionOptions
        {
            OptimizedModelFilePath = optimized,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_BASIC
        });
        using (FastScnnSegmentationTransformer model = context.Transforms.FastScnnSegment("Map", "Image", Models.CamVid)
            .Fit(data))
            Assert.That(model.Transform(data).Ids("Map"), Has.Count.EqualTo(1));
        Assert.That(File.Exists(optimized), Is.True);

        int made = 0;
        context.SetOnnxSessionOption(new OnnxSessionOptions
        {
            CreateSessionOptions = () =>
            {
                made++;
                return new SessionOptions();
            },
        });
        using (FastScnnSegmentationTransformer model = context.Transforms.FastScnnSegment("Map", "Image", Models.CamVid)
            .Fit(data))
            Assert.That(model.Transform(data).Ids("Map"), Has.Count.EqualTo(1));
        Assert.That(made, Is.EqualTo(1));
    }
}
