using System.Text;
using FastScnn.Testing;
using FastScnn.Torch.Checkpoints;

namespace FastScnn.Torch.Tests.Checkpoints;

public class SafetensorsTests
{
    private string _path = null!;

    [SetUp]
    public void NewPath() => _path = Path.Combine(TestFiles.NewFolder(), "model.safetensors");

    [Test]
    public void Round_trip_keeps_every_byte()
    {
        Checkpoint golden = Checkpoint.Load(TestFiles.Golden("ref19_aux.pth"));
        Checkpoint written = new(golden.Tensors, [new("epoch", "60"), new("name", "Straße \"1\"\n")]);

        written.SaveSafetensors(_path);
        Checkpoint read = Checkpoint.Load(_path);

        Assert.That(read.Metadata, Is.EqualTo(written.Metadata));
        Assert.That(read.Tensors.Keys, Is.EqualTo(golden.Tensors.Keys));
        foreach ((string name, CheckpointTensor tensor) in golden.Tensors)
        {
            Assert.That(read.Tensors[name].Type, Is.EqualTo(tensor.Type), name);
            Assert.That(read.Tensors[name].Shape, Is.EqualTo(tensor.Shape), name);
            Assert.That(read.Tensors[name].Bytes.Span.SequenceEqual(tensor.Bytes.Span), name);
        }
        Assert.That(Directory.GetFiles(Path.GetDirectoryName(_path)!), Is.EqualTo(new[] { _path }),
            "no temporary file is left");
    }

    [Test]
    public void Writer_follows_the_format()
    {
        new Checkpoint([new("b", CheckpointTensor.FromSingle([1, 2], 2)),
            new("a", new(CheckpointType.UInt8, [], new byte[] { 7 }))], [new("k", "v")]).SaveSafetensors(_path);

        const string Header =
            """{"__metadata__":{"k":"v"},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"U8","shape":[],"data_offsets":[8,9]}}""";
        int padded = (Header.Length + 7) / 8 * 8;
        Assert.That(File.ReadAllBytes(_path), Is.EqualTo((byte[])
            [.. BitConverter.GetBytes((long)padded), .. Encoding.ASCII.GetBytes(Header.PadRight(padded)), 0, 0, 0x80,
                0x3F, 0, 0, 0, 0x40, 7]));
    }

    [Test]
    public void The_prefix_of_DataParallel_is_dropped_and_metadata_stay()
    {
        new Checkpoint([new("module.b", CheckpointTensor.FromSingle([1], 1)),
            new("module.a", CheckpointTensor.FromSingle([2], 1))], [new("k", "v")]).SaveSafetensors(_path);

        Checkpoint checkpoint = Checkpoint.Load(_path);

        Assert.That(checkpoint.Tensors.Keys, Is.EqualTo(new[] { "b", "a" }));
        Assert.That(checkpoint.Tensors["a"].ToSingle(), Is.EqualTo(new[] { 2f }));
        Assert.That(checkpoint.Metadata, Is.EqualTo(new Dictionary<string, string> { ["k"] = "v" }));
    }

    [Test]
    public void Tensors_in_another_order_than_their_data_are_read()
    {
        Write(
            """{"b":{"dtype":"I16","shape":[1,2],"data_offsets":[1,5]},"a":{"dtype":"BOOL","shape":[],"data_offsets":[0,1]}}""", [1, 2, 0, 3, 0]);

        Checkpoint checkpoint = Checkpoint.Load(_path);

        Assert.That(checkpoint.Tensors["a"].ToSingle(), Is.EqualTo(new float[] { 1 }));
        Assert.That(checkpoint.Tensors["b"].ToSingle(), Is.EqualTo(new float[] { 2, 3 }));
    }

    [TestCase("""{"w":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}}""", "F8_E4M3")]
    [TestCase("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", "'w'")]
    [TestCase("""{"w":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", "[-1]")]
    [TestCase("""{"w":{"dtype":"U8","shape":[5],"data_offsets":[0,5]}}""", "[0, 5]")]
    [TestCase("""{"w":{"dtype":"U8","shape":[4],"data_offsets":[4,0]}}""", "[4, 0]")]
    [TestCase("""{"w":{"dtype":"U8","shape":[4],"data_offsets":[0,4,8]}}""", "[0, 4, 8]")]
    [TestCase("""{"w":{"dtype":"F64","shape":[9223372036854775807,9223372036854775807],"data_offsets":[0,4]}}""",
        "9223372036854775807")]
    [TestCase("""{"w":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}""", "its tensors use 3")]
    [TestCase("""{"w":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}}""", "begins at offset 1")]
    [TestCase(
        """{"v":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"w":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""",
        "begins at offset 2")]
    [TestCase("""{"w":{"dtype":"U8","shape":[4]}}""", "header")]
    [TestCase("""{"w":{"dtype":"U8","shape":[4.5],"data_offsets":[0,4]}}""", "header")]
    [TestCase("""{"w":3}""", "header")]
    [TestCase("""{"__metadata__":{"k":3}}""", "header")]
    [TestCase(
        """{"w":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"w":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""",
        "header")]
    [TestCase("""{"w":""", "header")]
    public void Damaged_header_is_refused(string header, string message)
    {
        Write(header, [1, 2, 3, 4]);

        Assert.That(() => Checkpoint.Load(_path),
            Throws.TypeOf<CheckpointException>().With.Message.Contains(message).And.Message.Contains(_path));
    }

    [Test]
    public void Header_longer_than_the_file_is_refused()
    {
        File.WriteAllBytes(_path, [.. BitConverter.GetBytes(90_000_000L), (byte)'{', (byte)'}']);

        Assert.That(() => Checkpoint.Load(_path),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("90000000"));
    }

    private void Write(string header, byte[] data) =>
        File.WriteAllBytes(_path,
            [.. BitConverter.GetBytes((long)header.Length), .. Encoding.ASCII.GetBytes(header), .. data]);
}
