using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace FastScnn.Offline.Tests.Core;

/// <summary>Model.Save and Model.Load.</summary>
public class SaveLoadTests
{
    private readonly MLContext _mlContext = new(1);

    [Test]
    public void A_chain_comes_back_with_its_input_schema()
    {
        var data = Numbers();
        var model = _mlContext.Transforms.CopyColumns("A", "Number").Append(_mlContext.Transforms.SelectColumns("A", "Number")).Fit(data);
        using var file = new MemoryStream();
        _mlContext.Model.Save(model, data.Schema, file);

        var loaded = new MLContext().Model.Load(file, out var schema);
        Assert.Multiple(() =>
        {
            Assert.That(loaded, Is.InstanceOf<TransformerChain<ITransformer>>());
            Assert.That(schema.Select(column => (column.Name, column.Type)), Is.EqualTo(new[] { ("Number", (DataViewType)NumberDataViewType.Single) }));
            Assert.That(loaded.Transform(data).Schema.Select(column => column.Name), Is.EqualTo(new[] { "A", "Number" }));
            Assert.That(loaded.Transform(data).GetColumn<float>("A"), Is.EqualTo(new float[] { 3 }));
        });
    }

    [Test]
    public void The_archive_holds_a_folder_for_each_transformer()
    {
        var data = Numbers();
        var model = _mlContext.Transforms.CopyColumns("A", "Number").Append(_mlContext.Transforms.CopyColumns("B", "A")).Fit(data);
        using var file = new MemoryStream();
        _mlContext.Model.Save(model, data.Schema, file);
        using var archive = new ZipArchive(file, ZipArchiveMode.Read);
        Assert.That(archive.Entries.Select(entry => entry.FullName.Replace('\\', '/')), Is.SupersetOf(new[]
        {
            "TrainingInfo/Version.txt", "TransformerChain/Model.key", "TransformerChain/Transform_000/Model.key",
            "TransformerChain/Transform_001/Model.key", "Schema",
        }));
    }

    [Test]
    public void Without_a_schema_none_comes_back()
    {
        using var file = new MemoryStream();
        _mlContext.Model.Save(_mlContext.Transforms.CopyColumns("A", "Number").Fit(Numbers()), null, file);
        Assert.That(_mlContext.Model.Load(file, out var schema), Is.InstanceOf<ColumnCopyingTransformer>());
        Assert.That(schema, Is.Null);
    }

    [Test]
    public void Key_values_survive_in_the_schema_and_columns_of_own_types_do_not()
    {
        var definition = SchemaDefinition.Create(typeof(LabelRow));
        definition["Label"].AddAnnotation("KeyValues", new[] { "road", "sky" }, new VectorDataViewType(TextDataViewType.Instance, 2));
        var data = _mlContext.Data.LoadFromEnumerable([new LabelRow()], definition);
        using var file = new MemoryStream();
        _mlContext.Model.Save(_mlContext.Transforms.CopyColumns("A", "Label").Fit(data), data.Schema, file);
        _mlContext.Model.Load(file, out var schema);

        Assert.That(schema.Select(column => column.Name), Is.EqualTo(new[] { "Label" }));
        VBuffer<ReadOnlyMemory<char>> names = default;
        schema["Label"].GetKeyValues(ref names);
        Assert.That(names.DenseValues().Select(name => name.ToString()), Is.EqualTo(new[] { "road", "sky" }));
    }

    [Test]
    public void A_schema_with_columns_of_own_types_only_cannot_be_saved()
    {
        var view = new OneRowView(new PixelCountDataViewType(), new PixelCount(1, 1));
        var model = _mlContext.Transforms.CopyColumns("A", "Value").Fit(view);
        Assert.That(() => _mlContext.Model.Save(model, view.Schema, new MemoryStream()),
            Throws.InvalidOperationException.With.Message.Contains("No valid columns to save"));
    }

    [Test]
    public void A_transformer_that_saves_nothing_is_refused()
        => Assert.That(() => _mlContext.Model.Save(new DoublingTransformer(), null, new MemoryStream()),
            Throws.InvalidOperationException.With.Message.Contains("ModelSignature not specified!"));

    [Test]
    public void A_transformer_may_save_a_stock_chain_in_its_place_amid_a_longer_chain()
    {
        var data = Numbers();
        var inner = _mlContext.Transforms.CopyColumns("A", "Number").Append(_mlContext.Transforms.CopyColumns("B", "A")).Fit(data);
        var model = new TransformerChain<ITransformer>(
            new Delegating(inner),
            _mlContext.Transforms.CopyColumns("C", "B").Fit(inner.Transform(data)));
        using var file = new MemoryStream();
        _mlContext.Model.Save(model, data.Schema, file);
        var loaded = (TransformerChain<ITransformer>)_mlContext.Model.Load(file, out _);
        Assert.That(loaded.First(), Is.InstanceOf<TransformerChain<ITransformer>>(), "its own type is lost");
        Assert.That(loaded.Transform(data).GetColumn<float>("C"), Is.EqualTo(new float[] { 3 }));
    }

    [Test]
    public void A_custom_mapping_comes_back_by_its_contract_without_registration()
    {
        var data = Numbers();
        var model = _mlContext.Transforms.CustomMapping(new AddingFactory().GetMapping(), AddingFactory.Contract)
            .Append(_mlContext.Transforms.CopyColumns("A", "Sum")).Fit(data);
        using var file = new MemoryStream();
        _mlContext.Model.Save(model, data.Schema, file);
        var loaded = new MLContext().Model.Load(file, out _);
        Assert.That(loaded.Transform(data).GetColumn<float>("A").Single(), Is.EqualTo(13));
    }

    [Test]
    public void A_custom_mapping_without_a_contract_cannot_be_saved()
    {
        var model = _mlContext.Transforms.CustomMapping(new AddingFactory().GetMapping(), null).Fit(Numbers());
        Assert.That(() => _mlContext.Model.Save(model, null, new MemoryStream()), Throws.InvalidOperationException.With.Message.Contains("Empty contract name"));
    }

    [Test]
    public void A_file_that_is_no_archive_is_refused()
        => Assert.That(() => _mlContext.Model.Load(new MemoryStream(new byte[100]), out _), Throws.TypeOf<FormatException>());

    private IDataView Numbers() => _mlContext.Data.LoadFromEnumerable(new[] { new NumberRow { Number = 3 } });

    public sealed class LabelRow
    {
        [KeyType(2)]
        public uint Label { get; set; }

        [PixelCountType]
        public PixelCount? Count { get; set; }
    }

    public sealed class SumRow
    {
        public float Sum { get; set; }
    }

    [CustomMappingFactoryAttribute(Contract)]
    public sealed class AddingFactory : CustomMappingFactory<NumberRow, SumRow>
    {
        public const string Contract = "adds ten";

        public override Action<NumberRow, SumRow> GetMapping() => static (source, destination) => destination.Sum = source.Number + 10;
    }

    private sealed class Delegating(ITransformer inner) : ITransformer
    {
        public bool IsRowToRowMapper => true;

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => inner.GetOutputSchema(inputSchema);

        public IDataView Transform(IDataView input) => inner.Transform(input);

        public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => inner.GetRowToRowMapper(inputSchema);

        void ICanSaveModel.Save(ModelSaveContext ctx) => inner.Save(ctx);
    }
}
