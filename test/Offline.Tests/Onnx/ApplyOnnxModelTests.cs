using FastScnn.Testing;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Transforms.Onnx;

namespace FastScnn.Offline.Tests.Onnx;

public class ApplyOnnxModelTests
{
    private sealed class ImageRow
    {
        [VectorType(6)]
        public byte[] image { get; set; } = [];
    }

    private sealed class BytesRow
    {
        [VectorType(4)]
        public byte[] bytes { get; set; } = [];
    }

    private sealed class VariableRow
    {
        public float[] values { get; set; } = [];
    }

    private sealed class FixedRow
    {
        [VectorType(3)]
        public float[] values { get; set; } = [];
    }

    private sealed class FloatImageRow
    {
        [VectorType(6)]
        public float[] image { get; set; } = [];
    }

    private sealed class ShortImageRow
    {
        [VectorType(5)]
        public byte[] image { get; set; } = [];
    }

    [Test]
    public void Bytes_go_in_and_come_out()
    {
        var context = new MLContext();
        IDataView data = context.Data.LoadFromEnumerable(new[] { new ImageRow { image = [1, 2, 3, 4, 5, 255] }, new ImageRow { image = [0, 0, 7, 0, 0, 0] } });
        using OnnxTransformer transformer = context.Transforms.ApplyOnnxModel("same", "image", Save(TinyModels.Bytes)).Fit(data);
        IDataView result = transformer.Transform(data);
        var type = (VectorDataViewType)result.Schema["same"].Type;
        Assert.Multiple(() =>
        {
            Assert.That(type.ItemType, Is.EqualTo(NumberDataViewType.Byte));
            Assert.That(type.Dimensions, Is.EqualTo(new[] { 1, 2, 3 }));
            Assert.That(DataViewReading.ReadVectors<byte>(result, "same"), Is.EqualTo(new[] { new byte[] { 1, 2, 3, 4, 5, 255 }, new byte[] { 0, 0, 7, 0, 0, 0 } }));
        });
    }

    [Test]
    public void An_unknown_first_dimension_becomes_1()
    {
        var context = new MLContext();
        IDataView data = context.Data.LoadFromEnumerable(new[] { new BytesRow { bytes = [9, 8, 7, 6] } });
        using var model = new MemoryStream(TinyModels.Batch);
        using OnnxTransformer transformer = context.Transforms.ApplyOnnxModel(model).Fit(data);
        IDataView result = transformer.Transform(data);
        Assert.Multiple(() =>
        {
            Assert.That(((VectorDataViewType)result.Schema["floats"].Type).Dimensions, Is.EqualTo(new[] { 1, 4 }));
            Assert.That(DataViewReading.ReadVectors<float>(result, "floats"), Is.EqualTo(new[] { new float[] { 9, 8, 7, 6 } }));
        });
    }

    [Test]
    public void One_other_unknown_dimension_follows_rows_of_unknown_length()
    {
        var context = new MLContext();
        IDataView data = context.Data.LoadFromEnumerable(new[] { new VariableRow { values = [1, 2, 3] }, new VariableRow { values = [4] } });
        using OnnxTransformer transformer = context.Transforms.ApplyOnnxModel(Save(TinyModels.Variable)).Fit(data);
        IDataView result = transformer.Transform(data);
        Assert.Multiple(() =>
        {
            Assert.That(((VectorDataViewType)result.Schema["same"].Type).IsKnownSize, Is.False);
            Assert.That(DataViewReading.ReadVectors<float>(result, "same"), Is.EqualTo(new[] { new float[] { 1, 2, 3 }, new float[] { 4 } }));
        });
    }

    [Test]
    public void Two_other_unknown_dimensions_are_refused()
    {
        var context = new MLContext();
        IDataView data = context.Data.LoadFromEnumerable(new[] { new VariableRow { values = [1, 2, 3] } });
        Assert.Throws<ArgumentOutOfRangeException>(() => context.Transforms.ApplyOnnxModel(Save(TinyModels.TwoUnknown)).Fit(data));
    }

    [Test]
    public void A_shape_dictionary_fixes_unknown_dimensions()
    {
        var context = new MLContext();
        IDataView data = context.Data.LoadFromEnumerable(new[] { new VariableRow { values = [1, 2, 3, 4, 5, 6] } });
        using OnnxTransformer transformer = context.Transforms.ApplyOnnxModel(new OnnxOptions
        {
            ModelFile = Save(TinyModels.TwoUnknown),
            InputColumns = ["values"],
            OutputColumns = ["same"],
            ShapeDictionary = new Dictionary<string, int[]> { ["values"] = [1, -1, 3], ["same"] = [1, 2, 3] },
        }).Fit(data);
        IDataView result = transformer.Transform(data);
        Assert.Multiple(() =>
        {
            Assert.That(((VectorDataViewType)result.Schema["same"].Type).Dimensions, Is.EqualTo(new[] { 1, 2, 3 }));
            Assert.That(DataViewReading.ReadVectors<float>(result, "same"), Is.EqualTo(new[] { new float[] { 1, 2, 3, 4, 5, 6 } }));
        });
    }

    [Test]
    public void A_shape_that_contradicts_the_model_is_refused()
    {
        var context = new MLContext();
        var options = new OnnxOptions
        {
            ModelFile = Save(TinyModels.Bytes),
            InputColumns = ["image"],
            OutputColumns = ["same"],
            ShapeDictionary = new Dictionary<string, int[]> { ["image"] = [1, 3, 3] },
        };
        Assert.Catch<ArgumentException>(() => context.Transforms.ApplyOnnxModel(options));
    }

    [Test]
    public void Item_types_must_match_exactly()
    {
        var context = new MLContext();
        IDataView data = context.Data.LoadFromEnumerable(new[] { new FloatImageRow { image = [1, 2, 3, 4, 5, 6] } });
        ArgumentException error = Assert.Throws<ArgumentOutOfRangeException>(() => context.Transforms.ApplyOnnxModel(Save(TinyModels.Bytes)).Fit(data))!;
        Assert.That(error.Message, Does.Contain("image").And.Contain("Byte"));
    }

    [Test]
    public void A_column_of_another_length_is_refused()
    {
        var context = new MLContext();
        IDataView data = context.Data.LoadFromEnumerable(new[] { new ShortImageRow { image = [1, 2, 3, 4, 5] } });
        Assert.Throws<InvalidOperationException>(() => context.Transforms.ApplyOnnxModel(Save(TinyModels.Bytes)).Fit(data));
    }

    [Test]
    public void A_missing_column_is_refused()
    {
        var context = new MLContext();
        IDataView data = context.Data.LoadFromEnumerable(new[] { new BytesRow() });
        Assert.Throws<ArgumentOutOfRangeException>(() => context.Transforms.ApplyOnnxModel(Save(TinyModels.Bytes)).Fit(data));
    }

    [Test]
    public void Half_precision_is_refused() =>
        Assert.Throws<InvalidOperationException>(() => new MLContext().Transforms.ApplyOnnxModel(Save(TinyModels.Half)));

    [Test]
    public void A_missing_file_is_refused() =>
        Assert.Throws<IOException>(() => new MLContext().Transforms.ApplyOnnxModel(Path.Combine(TestFiles.NewFolder(), "absent.onnx")));

    [Test]
    public void What_is_no_model_is_refused() =>
        Assert.Throws<InvalidOperationException>(() => new MLContext().Transforms.ApplyOnnxModel(Save([1, 2, 3, 4])));

    [Test]
    public void Only_the_outputs_asked_for_are_made()
    {
        var context = new MLContext();
        IDataView data = context.Data.LoadFromEnumerable(new[] { new FixedRow { values = [1, 2, 3] } });
        string path = Save(TinyModels.TwoOutputs);
        using OnnxTransformer one = context.Transforms.ApplyOnnxModel(["negative"], ["values"], path).Fit(data);
        using OnnxTransformer all = context.Transforms.ApplyOnnxModel(path).Fit(data);
        Assert.Multiple(() =>
        {
            Assert.That(one.Transform(data).Schema.Select(column => column.Name), Is.EqualTo(new[] { "values", "negative" }));
            Assert.That(all.Transform(data).Schema.Select(column => column.Name), Is.EquivalentTo(new[] { "values", "twice", "negative" }));
            Assert.That(DataViewReading.ReadVectors<float>(one.Transform(data), "negative"), Is.EqualTo(new[] { new float[] { -1, -2, -3 } }));
            Assert.That(DataViewReading.ReadVectors<float>(all.Transform(data), "twice"), Is.EqualTo(new[] { new float[] { 2, 4, 6 } }));
        });
    }

    [Test]
    public void A_saved_model_holds_the_onnx_bytes()
    {
        var context = new MLContext();
        IDataView data = context.Data.LoadFromEnumerable(new[] { new FixedRow { values = [1, 2, 3] } });
        string folder = TestFiles.NewFolder(), onnx = Save(TinyModels.TwoOutputs), zip = Path.Combine(folder, "model.zip");
        var pipeline = context.Transforms.ApplyOnnxModel("twice", "values", onnx).Append(context.Transforms.CopyColumns("copy", "twice"));
        context.Model.Save(pipeline.Fit(data), data.Schema, zip);
        File.Delete(onnx);

        var fresh = new MLContext();
        ITransformer loaded = fresh.Model.Load(zip, out DataViewSchema schema);
        IDataView again = fresh.Data.LoadFromEnumerable(new[] { new FixedRow { values = [4, 5, 6] } });
        Assert.Multiple(() =>
        {
            Assert.That(schema.Select(column => column.Name), Is.EqualTo(new[] { "values" }));
            Assert.That(DataViewReading.ReadVectors<float>(loaded.Transform(again), "copy"), Is.EqualTo(new[] { new float[] { 8, 10, 12 } }));
        });
    }

    [Test]
    public void Session_options_of_the_context_are_used_by_estimators_and_by_load()
    {
        int sessions = 0;
        var options = new OnnxSessionOptions
        {
            CreateSessionOptions = () =>
            {
                sessions++;
                return new SessionOptions();
            },
        };
        var context = new MLContext();
        context.SetOnnxSessionOption(options);
        IDataView data = context.Data.LoadFromEnumerable(new[] { new FixedRow { values = [1, 2, 3] } });
        string zip = Path.Combine(TestFiles.NewFolder(), "model.zip");
        using OnnxTransformer transformer = context.Transforms.ApplyOnnxModel("twice", "values", Save(TinyModels.TwoOutputs)).Fit(data);
        Assert.That(sessions, Is.EqualTo(1));
        context.Model.Save(transformer, data.Schema, zip);
        ITransformer loaded = context.Model.Load(zip, out _);
        Assert.Multiple(() =>
        {
            Assert.That(loaded, Is.InstanceOf<ITransformer>());
            Assert.That(sessions, Is.EqualTo(2));
        });
    }

    [Test]
    public void Session_options_can_be_read_back()
    {
        var context = new MLContext();
        var options = new OnnxSessionOptions { IntraOpNumThreads = 1 };
        Assert.That(context.GetOnnxSessionOption(), Is.Null);
        context.SetOnnxSessionOption(options);
        Assert.Multiple(() =>
        {
            Assert.That(context.GetOnnxSessionOption(), Is.SameAs(options));
            Assert.That(context.TryGetOption("OnnxSessionOptions", out OnnxSessionOptions found), Is.True);
            Assert.That(found, Is.SameAs(options));
        });
    }

    [Test]
    public void A_gpu_that_is_not_there_falls_back_unless_the_library_has_no_cuda_at_all()
    {
        var context = new MLContext();
        IDataView data = context.Data.LoadFromEnumerable(new[] { new FixedRow { values = [1, 2, 3] } });
        string path = Save(TinyModels.TwoOutputs);
        try
        {
            using OnnxTransformer transformer = context.Transforms.ApplyOnnxModel("twice", "values", path, gpuDeviceId: 0, fallbackToCpu: true).Fit(data);
            Assert.That(DataViewReading.ReadVectors<float>(transformer.Transform(data), "twice"), Is.EqualTo(new[] { new float[] { 2, 4, 6 } }));
        }
        catch (EntryPointNotFoundException e)
        {
            Assert.That(e.Message, Does.Contain("CUDA"));
        }
    }

    private static string Save(byte[] model)
    {
        string path = Path.Combine(TestFiles.NewFolder(), "model.onnx");
        File.WriteAllBytes(path, model);
        return path;
    }
}
