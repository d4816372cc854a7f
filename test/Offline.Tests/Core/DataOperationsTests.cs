using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.Offline.Tests.Core;

/// <summary>Cache, TakeRows, SkipRows, ShuffleRows, TrainTestSplit, CrossValidationSplit.</summary>
public class DataOperationsTests
{
    private readonly MLContext _mlContext = new(1);

    [Test]
    public void Take_and_skip_count_rows()
    {
        var data = Numbers(5);
        Assert.Multiple(() =>
        {
            Assert.That(Read(_mlContext.Data.TakeRows(data, 2)), Is.EqualTo(new float[] { 0, 1 }));
            Assert.That(Read(_mlContext.Data.SkipRows(data, 3)), Is.EqualTo(new float[] { 3, 4 }));
            Assert.That(Read(_mlContext.Data.TakeRows(_mlContext.Data.SkipRows(data, 1), 9)), Is.EqualTo(new float[] { 1, 2, 3, 4 }));
            Assert.That(_mlContext.Data.TakeRows(data, 2).GetRowCount(), Is.EqualTo(2));
            Assert.That(_mlContext.Data.TakeRows(data, 2).Schema, Is.SameAs(data.Schema));
            Assert.That(() => _mlContext.Data.TakeRows(data, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        });
    }

    [Test]
    public void Cache_reads_its_source_once_and_keeps_copies()
    {
        int read = 0;
        IEnumerable<VectorRow> Rows()
        {
            for (int i = 0; i < 3; i++)
            {
                read++;
                yield return new VectorRow { Values = [i, i + 1] };
            }
        }
        var cached = _mlContext.Data.Cache(_mlContext.Data.LoadFromEnumerable(Rows()));
        var first = cached.GetColumn<float[]>("Values").ToList();
        var second = cached.GetColumn<float[]>("Values").ToList();
        Assert.That(read, Is.EqualTo(3));
        Assert.That(second, Is.EqualTo(first));
        Assert.That(second[2], Is.EqualTo(new float[] { 2, 3 }));
    }

    [Test]
    public void Cache_leaves_columns_of_own_types_out()
    {
        var data = _mlContext.Data.LoadFromEnumerable(new[] { new PixelCountRow { Number = 2, Count = new PixelCount(1, 1) } });
        var cached = _mlContext.Data.Cache(data);
        Assert.That(cached.Schema.Select(column => column.Name), Is.EqualTo(new[] { "Number" }));
        Assert.That(Read(cached), Is.EqualTo(new float[] { 2 }));
    }

    [Test]
    public void Shuffling_keeps_every_row_and_repeats_with_its_seed()
    {
        var data = Numbers(50);
        var first = Read(_mlContext.Data.ShuffleRows(data, seed: 3));
        var second = Read(_mlContext.Data.ShuffleRows(data, seed: 3));
        Assert.That(first, Is.EqualTo(second));
        Assert.That(first, Is.Not.Ordered);
        Assert.That(first, Is.EquivalentTo(Enumerable.Range(0, 50)));
    }

    [TestCase(null)]
    [TestCase("Group")]
    public void A_split_is_complete_repeatable_and_keeps_groups_together(string? key)
    {
        var rows = Enumerable.Range(0, 400).Select(i => new GroupRow { Number = i, Group = $"camera {i % 40}" }).ToList();
        var data = _mlContext.Data.LoadFromEnumerable(rows);
        var split = _mlContext.Data.TrainTestSplit(data, testFraction: 0.3, samplingKeyColumnName: key, seed: 5);
        var again = _mlContext.Data.TrainTestSplit(data, testFraction: 0.3, samplingKeyColumnName: key, seed: 5);
        var train = Read(split.TrainSet);
        var test = Read(split.TestSet);
        Assert.Multiple(() =>
        {
            Assert.That(train.Concat(test), Is.EquivalentTo(Enumerable.Range(0, 400)));
            Assert.That(test, Has.Count.InRange(10, 300));
            Assert.That(Read(again.TestSet), Is.EqualTo(test));
            Assert.That(split.TestSet.Schema.Select(column => column.Name), Is.EqualTo(new[] { "Number", "Group" }));
            if (key != null)
                Assert.That(split.TestSet.GetColumn<string>("Group").Intersect(split.TrainSet.GetColumn<string>("Group")), Is.Empty);
        });
    }

    [TestCase(null)]
    [TestCase("Group")]
    public void Folds_test_every_row_once_and_keep_groups_together(string? key)
    {
        var rows = Enumerable.Range(0, 400).Select(i => new GroupRow { Number = i, Group = $"camera {i % 40}" }).ToList();
        var data = _mlContext.Data.LoadFromEnumerable(rows);
        var folds = _mlContext.Data.CrossValidationSplit(data, numberOfFolds: 3, samplingKeyColumnName: key, seed: 5);
        Assert.Multiple(() =>
        {
            Assert.That(folds, Has.Count.EqualTo(3));
            Assert.That(folds.SelectMany(fold => Read(fold.TestSet)), Is.EquivalentTo(Enumerable.Range(0, 400)));
            foreach (var fold in folds)
            {
                Assert.That(Read(fold.TrainSet).Concat(Read(fold.TestSet)), Is.EquivalentTo(Enumerable.Range(0, 400)));
                Assert.That(Read(fold.TestSet), Has.Count.InRange(10, 300));
                if (key != null)
                    Assert.That(fold.TestSet.GetColumn<string>("Group").Intersect(fold.TrainSet.GetColumn<string>("Group")), Is.Empty);
            }
            Assert.That(() => _mlContext.Data.CrossValidationSplit(data, numberOfFolds: 1), Throws.InstanceOf<ArgumentException>());
        });
    }

    private IDataView Numbers(int count) => _mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(i => new NumberRow { Number = i }).ToList());

    private static List<float> Read(IDataView data) => data.GetColumn<float>("Number").ToList();

    public sealed class VectorRow
    {
        [VectorType(2)]
        public float[]? Values { get; set; }
    }

    public sealed class GroupRow
    {
        public float Number { get; set; }

        public string? Group { get; set; }
    }
}
