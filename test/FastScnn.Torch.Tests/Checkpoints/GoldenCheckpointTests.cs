using System.Globalization;
using FastScnn.Testing;
using FastScnn.Torch.Checkpoints;

namespace FastScnn.Torch.Tests.Checkpoints;

/// <summary>Reads the checkpoints that PyTorch wrote.</summary>
public class GoldenCheckpointTests
{
    [TestCase("ref19.pth", 268)]
    [TestCase("ref19_aux.pth", 276)]
    public void Zip_checkpoint_equals_PyTorch(string name, int count)
    {
        Checkpoint checkpoint = Checkpoint.Load(TestFiles.Golden(name));

        var expected = File.ReadLines(TestFiles.Golden("keys_aux.txt")).Select(line => line.Split('\t'))
            .Where(row => checkpoint.HasAuxiliaryHead || !row[0].StartsWith("auxlayer.", StringComparison.Ordinal))
            .ToArray();
        Assert.That(expected, Has.Length.EqualTo(count));
        Assert.That(checkpoint.Tensors.Keys, Is.EqualTo(expected.Select(row => row[0])));
        Assert.That(checkpoint.ClassCount, Is.EqualTo(19));
        foreach (string[] row in expected)
        {
            CheckpointTensor tensor = checkpoint.Tensors[row[0]];
            float[] values = tensor.ToSingle();
            double[] sums = [values.Sum(v => (double)v), values.Sum(v => Math.Abs((double)v))];
            Assert.That(tensor.Type.ToString().ToLowerInvariant(), Is.EqualTo(row[1]), row[0]);
            Assert.That(tensor.Shape.Count == 0 ? "scalar" : string.Join('x', tensor.Shape), Is.EqualTo(row[2]),
                row[0]);
            // The file prints nine digits; a sum of mixed signs has the error of its terms.
            Assert.That(sums[0], Is.EqualTo(Number(row[3])).Within(1e-7 * Math.Max(1, sums[1])), row[0]);
            Assert.That(sums[1], Is.EqualTo(Number(row[4])).Within(1e-7 * Math.Max(1, sums[1])), row[0]);
        }
    }

    [Test]
    public void Legacy_DataParallel_checkpoint_is_read_without_its_prefix()
    {
        Checkpoint checkpoint = Checkpoint.Load(TestFiles.Shared("reference", "camvid-pytorch-60ep.pth"));
        Checkpoint other = Checkpoint.Load(TestFiles.Golden("ref19_aux.pth"));

        Assert.That(checkpoint.Tensors.Keys, Is.EqualTo(other.Tensors.Keys));
        Assert.That(checkpoint.ClassCount, Is.EqualTo(11));
        Assert.That(checkpoint.HasAuxiliaryHead, Is.True);
        Assert.That(checkpoint.Tensors["classifier.conv.1.weight"].Shape, Is.EqualTo(new long[] { 11, 128, 1, 1 }));
        Assert.That(checkpoint.Tensors.Values.SelectMany(tensor => tensor.ToSingle()),
            Is.All.Matches<float>(float.IsFinite));
        // 60 epochs of 45 steps, counted by every batch norm: storages that were mixed up would not show it.
        var counters = checkpoint.Tensors.Where(t => t.Key.EndsWith("num_batches_tracked", StringComparison.Ordinal))
            .ToArray();
        Assert.That(counters, Has.Length.EqualTo(45));
        Assert.That(counters.Select(t => t.Value.ToSingle().Single()), Is.All.EqualTo(2700));
        Assert.That(checkpoint.Tensors.Where(t => t.Key.EndsWith("running_var", StringComparison.Ordinal))
            .SelectMany(t => t.Value.ToSingle()), Is.All.GreaterThan(0));
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
