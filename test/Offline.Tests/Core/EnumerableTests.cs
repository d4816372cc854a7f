using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.Offline.Tests.Core;

/// <summary>Row objects in and out: LoadFromEnumerable, CreateEnumerable, GetColumn and Preview.</summary>
public class EnumerableTests
{
    private readonly MLContext _mlContext = new(1);

    [Test]
    public void Members_become_columns_and_come_back()
    {
        var rows = new[]
        {
            new Everything { Text = "a", Numbers = [1, 2, 3], Pixels = [1, 2], Words = ["x", "y"], Flag = true, Renamed = 5 },
            new Everything { Text = null, Numbers = [4, 5, 6], Pixels = [], Words = null, Flag = false, Renamed = 6 },
        };
        var data = _mlContext.Data.LoadFromEnumerable(rows);
        var back = _mlContext.Data.CreateEnumerable<Everything>(data, reuseRowObject: false).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(data.GetRowCount(), Is.EqualTo(2));
            Assert.That(data.CanShuffle, Is.False);
            Assert.That(data.Schema["Numbers"].Type, Is.EqualTo(new VectorDataViewType(NumberDataViewType.Single, 3)));
            Assert.That(data.Schema["Pixels"].Type, Is.EqualTo(new VectorDataViewType(NumberDataViewType.Byte)));
            Assert.That(data.Schema.Select(column => column.Name), Does.Contain("Other name").And.Not.Contains("Hidden").And.Not.Contains("Renamed"));
            Assert.That(back[0].Text, Is.EqualTo("a"));
            Assert.That(back[0].Numbers, Is.EqualTo(new float[] { 1, 2, 3 }));
            Assert.That(back[0].Pixels, Is.EqualTo(new byte[] { 1, 2 }));
            Assert.That(back[0].Words, Is.EqualTo(new[] { "x", "y" }));
            Assert.That(back[0].Renamed, Is.EqualTo(5));
            Assert.That(back[1].Text, Is.Empty, "text columns know no null");
            Assert.That(back[1].Words, Is.Null, "an empty vector leaves a null array null");
        });
    }

    [Test]
    public void A_reused_row_object_keeps_its_array_and_a_new_one_does_not()
    {
        var data = _mlContext.Data.LoadFromEnumerable(new[] { new Everything { Numbers = [1, 2, 3] }, new Everything { Numbers = [4, 5, 6] } });
        var arrays = _mlContext.Data.CreateEnumerable<Everything>(data, reuseRowObject: true).Select(row => row.Numbers).ToList();
        Assert.That(arrays[1], Is.SameAs(arrays[0]));
        arrays = _mlContext.Data.CreateEnumerable<Everything>(data, reuseRowObject: false).Select(row => row.Numbers).ToList();
        Assert.That(arrays[0], Is.EqualTo(new float[] { 1, 2, 3 }));
    }

    [Test]
    public void A_scalar_key_counts_from_one_and_reading_it_does_not_count_back()
    {
        var data = _mlContext.Data.LoadFromEnumerable(new uint[] { 0, 2, 3 }.Select(key => new KeyRow { Key = key }));
        var column = data.Schema["Key"];
        Assert.That(column.Type, Is.EqualTo(new KeyDataViewType(typeof(uint), 3)));
        Assert.That(data.GetColumn<uint>("Key"), Is.EqualTo(new uint[] { 1, 3, 0 }), "what is outside becomes missing");
        Assert.That(_mlContext.Data.CreateEnumerable<KeyRow>(data, false).Select(row => row.Key), Is.EqualTo(new uint[] { 1, 3, 0 }));
    }

    [Test]
    public void A_vector_of_keys_passes_as_it_is()
    {
        var definition = SchemaDefinition.Create(typeof(KeysRow));
        definition["Keys"].ColumnType = new VectorDataViewType(new KeyDataViewType(typeof(uint), 3));
        var data = _mlContext.Data.LoadFromEnumerable([new KeysRow { Keys = [0, 1, 3] }], definition);
        Assert.That(data.GetColumn<uint[]>("Keys").Single(), Is.EqualTo(new uint[] { 0, 1, 3 }));
    }

    [Test]
    public void A_schema_definition_adds_annotations()
    {
        var definition = SchemaDefinition.Create(typeof(KeyRow));
        definition["Key"].AddAnnotation("KeyValues", new[] { "road", "sky", "car" }, new VectorDataViewType(TextDataViewType.Instance, 3));
        var data = _mlContext.Data.LoadFromEnumerable([new KeyRow()], definition);
        Assert.That(data.Schema["Key"].HasKeyValues());
        VBuffer<ReadOnlyMemory<char>> names = default;
        data.Schema["Key"].GetKeyValues(ref names);
        Assert.That(names.DenseValues().Select(name => name.ToString()), Is.EqualTo(new[] { "road", "sky", "car" }));

        var again = _mlContext.Data.LoadFromEnumerable([new KeyRow()], data.Schema);
        Assert.That(again.Schema["Key"].HasKeyValues());
    }

    [Test]
    public void A_type_of_our_own_travels_through_an_attribute()
    {
        var data = _mlContext.Data.LoadFromEnumerable(new[] { new PixelCountRow { Count = new PixelCount(4, 3) } });
        Assert.That(data.Schema["Count"].Type, Is.InstanceOf<PixelCountDataViewType>());
        Assert.That(data.GetColumn<PixelCount>("Count").Single(), Is.EqualTo(new PixelCount(4, 3)));
        Assert.That(_mlContext.Data.CreateEnumerable<PixelCountRow>(data, false).Single().Count, Is.EqualTo(new PixelCount(4, 3)));
        Assert.That(data.Preview().RowView[0].Values.Single(pair => pair.Key == "Count").Value, Is.EqualTo(new PixelCount(4, 3)));
    }

    [Test]
    public void A_type_that_was_never_registered_reads_by_column_and_not_into_a_class()
    {
        var data = new OneRowView(new UnknownDataViewType(), new Unknown());
        Assert.That(data.GetColumn<Unknown>("Value").Single(), Is.Not.Null);
        Assert.That(() => _mlContext.Data.CreateEnumerable<UnknownRow>(data, false).ToList(),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("Could not determine an IDataView type"));
    }

    [Test]
    public void A_class_reads_only_the_very_type_that_was_registered()
    {
        // Sized registers size 1 for the class; a column of size 2 is another type.
        SchemaDefinition.Create(typeof(SizedRow));
        Assert.That(_mlContext.Data.CreateEnumerable<SizedRow>(new OneRowView(new SizedDataViewType(1), new Sized()), false).Single().Value, Is.Not.Null);
        var other = new OneRowView(new SizedDataViewType(2), new Sized());
        Assert.That(() => _mlContext.Data.CreateEnumerable<SizedRow>(other, false).ToList(), Throws.TypeOf<NotImplementedException>());
        Assert.That(other.GetColumn<Sized>("Value").Single(), Is.Not.Null);
    }

    [Test]
    public void A_missing_column_and_a_wrong_type_are_errors()
    {
        var data = _mlContext.Data.LoadFromEnumerable(new[] { new NumberRow() });
        Assert.That(() => _mlContext.Data.CreateEnumerable<KeyRow>(data, false).ToList(),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("Could not find  column 'Key'"));
        Assert.That(_mlContext.Data.CreateEnumerable<KeyRow>(data, false, ignoreMissingColumns: true).Count(), Is.EqualTo(1));
        Assert.That(() => _mlContext.Data.CreateEnumerable<TextNumberRow>(data, false).ToList(),
            Throws.InvalidOperationException.With.Message.Contains("Can't bind the IDataView column 'Number'"));
        Assert.That(() => data.GetColumn<int>("Number").ToList(), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void A_null_row_is_an_error_when_it_is_reached()
    {
        var data = _mlContext.Data.LoadFromEnumerable(new[] { new NumberRow(), null! });
        Assert.That(() => data.GetColumn<float>("Number").ToList(), Throws.InvalidOperationException.With.Message.Contains("null"));
    }

    [Test]
    public void Each_cursor_enumerates_the_rows_anew()
    {
        int opened = 0;
        IEnumerable<NumberRow> Rows()
        {
            opened++;
            yield return new NumberRow { Number = opened };
        }
        var data = _mlContext.Data.LoadFromEnumerable(Rows());
        Assert.That(data.GetRowCount(), Is.Null);
        Assert.That(data.GetColumn<float>("Number"), Is.EqualTo(new float[] { 1 }));
        Assert.That(data.GetColumn<float>("Number"), Is.EqualTo(new float[] { 2 }));
    }

    [Test]
    public void Only_needed_columns_are_active()
    {
        var data = _mlContext.Data.LoadFromEnumerable(new[] { new PixelCountRow() });
        using var cursor = data.GetRowCursor([data.Schema["Number"]]);
        Assert.That(cursor.IsColumnActive(data.Schema["Number"]));
        Assert.That(cursor.IsColumnActive(data.Schema["Count"]), Is.False);
        Assert.That(() => cursor.GetGetter<PixelCount>(data.Schema["Count"]), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => cursor.GetGetter<int>(data.Schema["Number"]), Throws.InvalidOperationException);
        Assert.That(cursor.Position, Is.EqualTo(-1));
        Assert.That(cursor.MoveNext());
        Assert.That(cursor.Position, Is.Zero);
        Assert.That(cursor.MoveNext(), Is.False);
    }

    public sealed class Everything
    {
        public string? Text;

        [VectorType(3)]
        public float[]? Numbers { get; set; }

        public byte[]? Pixels { get; set; }

        public string[]? Words { get; set; }

        public bool Flag { get; set; }

        [ColumnName("Other name")]
        public int Renamed { get; set; }

        [NoColumn]
        public object? Hidden { get; set; }
    }

    public sealed class KeyRow
    {
        [KeyType(3)]
        public uint Key { get; set; }
    }

    public sealed class KeysRow
    {
        public uint[]? Keys { get; set; }
    }

    public sealed class TextNumberRow
    {
        public string? Number { get; set; }
    }

    public sealed class Unknown;

    public sealed class UnknownRow
    {
        public Unknown? Value { get; set; }
    }

    public sealed class UnknownDataViewType() : StructuredDataViewType(typeof(Unknown))
    {
        public override bool Equals(DataViewType? other) => other is UnknownDataViewType;
    }

    public sealed class Sized;

    public sealed class SizedRow
    {
        [SizedType]
        public Sized? Value { get; set; }
    }

    public sealed class SizedDataViewType(int size) : StructuredDataViewType(typeof(Sized))
    {
        private readonly int _size = size;

        public override bool Equals(DataViewType? other) => other is SizedDataViewType sized && sized._size == _size;

        public override bool Equals(object? other) => other is DataViewType type && Equals(type);

        public override int GetHashCode() => _size;
    }

    public sealed class SizedTypeAttribute : DataViewTypeAttribute
    {
        public override void Register() => DataViewTypeManager.Register(new SizedDataViewType(1), typeof(Sized), this);

        public override bool Equals(DataViewTypeAttribute? other) => other is SizedTypeAttribute;

        public override int GetHashCode() => 1;
    }
}
