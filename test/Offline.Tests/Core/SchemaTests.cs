using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.Offline.Tests.Core;

/// <summary>Schemas, column types, annotations and vectors.</summary>
public class SchemaTests
{
    [Test]
    public void Of_two_columns_with_one_name_the_last_is_seen()
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("a", NumberDataViewType.Int32);
        builder.AddColumn("b", TextDataViewType.Instance);
        builder.AddColumn("a", BooleanDataViewType.Instance);
        var schema = builder.ToSchema();
        Assert.Multiple(() =>
        {
            Assert.That(schema["a"].Index, Is.EqualTo(2));
            Assert.That(schema[0].IsHidden);
            Assert.That(schema[2].IsHidden, Is.False);
            Assert.That(schema.GetColumnOrNull("c"), Is.Null);
            Assert.That(() => schema["c"], Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(schema[1].ToString(), Is.EqualTo("b: String"));
        });
    }

    [Test]
    public void Types_are_equal_by_what_they_say()
    {
        var keys = new KeyDataViewType(typeof(uint), 19);
        Assert.Multiple(() =>
        {
            Assert.That(keys, Is.EqualTo(new KeyDataViewType(typeof(uint), 19)));
            Assert.That(keys, Is.Not.EqualTo(new KeyDataViewType(typeof(byte), 19)));
            Assert.That(keys.ToString(), Is.EqualTo("Key<UInt32, 0-18>"));
            Assert.That(new VectorDataViewType(NumberDataViewType.Byte, 3, 4).Size, Is.EqualTo(12));
            Assert.That(new VectorDataViewType(NumberDataViewType.Byte, 3, 4), Is.Not.EqualTo(new VectorDataViewType(NumberDataViewType.Byte, 12)));
            Assert.That(new VectorDataViewType(NumberDataViewType.Byte).IsKnownSize, Is.False);
            Assert.That(new VectorDataViewType(NumberDataViewType.Single, 3, 0, 5).ToString(), Is.EqualTo("Vector<Single, 3, *, 5>"));
            Assert.That(() => new KeyDataViewType(typeof(int), 3), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => new KeyDataViewType(typeof(byte), 256), Throws.TypeOf<ArgumentOutOfRangeException>());
        });
    }

    [TestCase(3, true)]
    [TestCase(4, false)]
    public void Key_values_count_only_when_there_is_one_for_each_key(int names, bool expected)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        ReadOnlyMemory<char>[] values = Enumerable.Range(0, names).Select(i => $"class {i}".AsMemory()).ToArray();
        annotations.Add("KeyValues", new VectorDataViewType(TextDataViewType.Instance, names),
            (ref VBuffer<ReadOnlyMemory<char>> value) => value = new VBuffer<ReadOnlyMemory<char>>(names, values));
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("map", new VectorDataViewType(new KeyDataViewType(typeof(uint), 3)), annotations.ToAnnotations());
        var column = builder.ToSchema()["map"];

        Assert.That(column.HasKeyValues(), Is.EqualTo(expected));
        VBuffer<ReadOnlyMemory<char>> read = default;
        column.GetKeyValues(ref read);
        Assert.That(read.DenseValues().Last().ToString(), Is.EqualTo($"class {names - 1}"));
    }

    [Test]
    public void An_annotation_getter_must_be_of_the_raw_type()
    {
        var builder = new DataViewSchema.Annotations.Builder();
        ValueGetter<int> getter = (ref int value) => value = 1;
        Assert.That(() => builder.Add("a", NumberDataViewType.Single, getter), Throws.ArgumentException);
    }

    [Test]
    public void A_vector_is_edited_in_place_when_its_buffer_is_large_enough()
    {
        float[] buffer = [1, 2, 3, 4];
        var vector = new VBuffer<float>(4, buffer);
        var editor = VBufferEditor.Create(ref vector, 3);
        Assert.That(editor.CreatedNewValues, Is.False);
        editor.Values[0] = 9;
        vector = editor.Commit();
        Assert.That(vector.GetValues().ToArray(), Is.EqualTo(new float[] { 9, 2, 3 }));
        Assert.That(buffer[0], Is.EqualTo(9));

        editor = VBufferEditor.Create(ref vector, 5);
        Assert.That(editor.CreatedNewValues);
    }

    [Test]
    public void Sparse_vectors_read_like_dense_ones()
    {
        var sparse = new VBuffer<int>(5, 2, [7, 8], [1, 3]);
        VBuffer<int> dense = default;
        sparse.CopyToDense(ref dense);
        Assert.Multiple(() =>
        {
            Assert.That(sparse.IsDense, Is.False);
            Assert.That(sparse.DenseValues(), Is.EqualTo(new[] { 0, 7, 0, 8, 0 }));
            Assert.That(dense.GetValues().ToArray(), Is.EqualTo(new[] { 0, 7, 0, 8, 0 }));
            Assert.That(sparse.GetItemOrDefault(3), Is.EqualTo(8));
            Assert.That(sparse.Items().Select(item => item.Key), Is.EqualTo(new[] { 1, 3 }));
        });
    }

    [Test]
    public void The_class_of_schema_shapes_is_public_and_its_columns_come_from_stock_parts()
    {
        var mlContext = new MLContext();
        var data = mlContext.Data.LoadFromEnumerable(new[] { new NumberRow() });
        SchemaShape shape = mlContext.Transforms.CopyColumns("Copy", "Number")
            .Append(mlContext.Transforms.SelectColumns("Copy"))
            .GetOutputSchema(ShapeOf(mlContext, data));
        Assert.That(shape.Select(column => (column.Name, column.Kind, column.ItemType)),
            Is.EqualTo(new[] { ("Copy", SchemaShape.Column.VectorKind.Scalar, (DataViewType)NumberDataViewType.Single) }));
        Assert.That(new SchemaShape(shape), Has.Count.EqualTo(1));
    }

    // SchemaShape.Create is internal: an estimator that notes what it is given sees the shape.
    private static SchemaShape ShapeOf(MLContext mlContext, IDataView data)
    {
        var spy = new ShapeSpy();
        new EstimatorChain<ITransformer>().Append(mlContext.Transforms.CopyColumns("unused", data.Schema[0].Name)).Append(spy).Fit(data);
        return new SchemaShape(spy.Seen!.Where(column => column.Name != "unused"));
    }

    private sealed class ShapeSpy : IEstimator<ITransformer>
    {
        public SchemaShape? Seen { get; private set; }

        public ITransformer Fit(IDataView input) => new TransformerChain<ITransformer>(new DoublingTransformer());

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => Seen = inputSchema;
    }
}
