using FastScnn.Torch.Checkpoints;

namespace FastScnn.Torch.Tests.Checkpoints;

public class CheckpointTensorTests
{
    [TestCase(CheckpointType.Float32, "0000C03F000000C0", new[] { 1.5f, -2f })]
    [TestCase(CheckpointType.Float64, "000000000000F83F00000000000000C0", new[] { 1.5f, -2f })]
    [TestCase(CheckpointType.Float16, "003E00C0", new[] { 1.5f, -2f })]
    [TestCase(CheckpointType.BFloat16, "C03F00C0", new[] { 1.5f, -2f })]
    [TestCase(CheckpointType.Int64, "0700000000000000FEFFFFFFFFFFFFFF", new[] { 7f, -2f })]
    [TestCase(CheckpointType.Int32, "07000000FEFFFFFF", new[] { 7f, -2f })]
    [TestCase(CheckpointType.Int16, "0700FEFF", new[] { 7f, -2f })]
    [TestCase(CheckpointType.Int8, "07FE", new[] { 7f, -2f })]
    [TestCase(CheckpointType.UInt8, "07FE", new[] { 7f, 254f })]
    [TestCase(CheckpointType.Bool, "0100", new[] { 1f, 0f })]
    public void Every_type_converts_to_single(object type, string bytes, float[] expected)
    {
        CheckpointTensor tensor = new((CheckpointType)type, [2], Convert.FromHexString(bytes));

        Assert.That(tensor.ToSingle(), Is.EqualTo(expected));
    }

    [Test]
    public void Shape_must_fit_the_bytes()
    {
        Assert.That(() => new CheckpointTensor(CheckpointType.Float32, [2, 3], new byte[20]),
            Throws.ArgumentException.With.Message.Contains("[2, 3]").And.Message.Contains("20 bytes"));
        Assert.That(() => new CheckpointTensor(CheckpointType.Float32, [-1], new byte[4]), Throws.ArgumentException);
        Assert.That(() => new CheckpointTensor(CheckpointType.Int64, [long.MaxValue, long.MaxValue], new byte[8]),
            Throws.ArgumentException);
    }
}
