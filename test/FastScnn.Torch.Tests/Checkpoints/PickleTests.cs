using System.IO.Compression;
using System.Runtime.InteropServices;
using FastScnn.Testing;
using FastScnn.Torch.Checkpoints;

namespace FastScnn.Torch.Tests.Checkpoints;

/// <summary>Pickles made by hand: forms that the golden files do not have, and hostile ones.</summary>
public class PickleTests
{
    private static readonly byte[] s_sixFloats = MemoryMarshal.AsBytes<float>(new float[] { 0, 1, 2, 3, 4, 5 })
        .ToArray();

    private string _path = null!;

    [SetUp]
    public void NewPath() => _path = Path.Combine(TestFiles.NewFolder(), "model.pth");

    [TestCase("state_dict")]
    [TestCase("model_state_dict")]
    [TestCase("model")]
    public void State_dict_is_found_below_a_key(string key)
    {
        PickleWriter pickle = new PickleWriter().Op('}').Op('(').Text("epoch").Integer(7).Text("best").Op('G')
            .Op(new byte[8]).Text(key).Op('}');
        pickle.Text("module.w").Tensor("FloatStorage", "0", 6, 0, [2, 3], [3, 1]).Op('s').Op('u');
        PickleWriter.WriteZip(_path, pickle.End(), storages: ("0", s_sixFloats));

        Checkpoint checkpoint = Checkpoint.Load(_path);

        Assert.That(checkpoint.Tensors.Keys, Is.EqualTo(new[] { "w" }));
        Assert.That(checkpoint.Tensors["w"].ToSingle(), Is.EqualTo(new float[] { 0, 1, 2, 3, 4, 5 }));
    }

    [Test]
    public void Prefix_that_not_every_key_has_is_kept()
    {
        WriteDictionary(w => w.Text("module.w").Tensor("FloatStorage", "0", 6, 0, [6], [1]).Text("v")
            .Tensor("FloatStorage", "0", 6, 1, [2], [1]));

        Assert.That(Checkpoint.Load(_path).Tensors.Keys, Is.EqualTo(new[] { "module.w", "v" }));
    }

    [Test]
    public void Strided_views_become_contiguous()
    {
        WriteDictionary(w => w
            .Text("transposed").Tensor("FloatStorage", "0", 6, 0, [3, 2], [1, 3])
            .Text("column").Tensor("FloatStorage", "0", 6, 1, [2], [3])
            .Text("scalar").Tensor("FloatStorage", "0", 6, 5, [], [])
            .Text("empty").Tensor("FloatStorage", "0", 6, 6, [0, 4], [4, 1]));

        Checkpoint checkpoint = Checkpoint.Load(_path);

        Assert.That(checkpoint.Tensors["transposed"].ToSingle(), Is.EqualTo(new float[] { 0, 3, 1, 4, 2, 5 }));
        Assert.That(checkpoint.Tensors["column"].ToSingle(), Is.EqualTo(new float[] { 1, 4 }));
        Assert.That(checkpoint.Tensors["scalar"].ToSingle(), Is.EqualTo(new float[] { 5 }));
        Assert.That(checkpoint.Tensors["empty"].ToSingle(), Is.Empty);
    }

    [TestCase(0, new long[] { 7 }, new long[] { 1 })]
    [TestCase(1, new long[] { 6 }, new long[] { 1 })]
    [TestCase(0, new long[] { 2, 3 }, new long[] { 4, 1 })]
    [TestCase(-1, new long[] { 2 }, new long[] { 1 })]
    [TestCase(0, new long[] { 2 }, new long[] { -1 })]
    [TestCase(7, new long[] { 0 }, new long[] { 1 })]
    [TestCase(0, new long[] { 1L << 40 }, new long[] { 0 })]
    [TestCase(0, new long[] { 1L << 40, 1L << 40 }, new long[] { 1, 1 })]
    [TestCase(long.MaxValue, new long[] { 1 }, new long[] { 1 })]
    [TestCase(0, new long[] { 2 }, new long[] { long.MaxValue })]
    [TestCase(0, new long[] { 2, 3 }, new long[] { 1 })]
    public void View_outside_its_storage_is_refused(long offset, long[] shape, long[] strides)
    {
        WriteDictionary(w => w.Text("w").Tensor("FloatStorage", "0", 6, offset, shape, strides));

        Assert.That(() => Checkpoint.Load(_path),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("does not lie within its storage"));
    }

    [TestCase(5)]
    [TestCase(7)]
    [TestCase(1L << 60)]
    public void Storage_of_another_size_is_refused(long elements)
    {
        WriteDictionary(w => w.Text("w").Tensor("FloatStorage", "0", elements, 0, [5], [1]));

        Assert.That(() => Checkpoint.Load(_path),
            Throws.TypeOf<CheckpointException>().With.Message.Contains($"{elements} elements").And.Message.Contains(
                "24 bytes"));
    }

    [Test]
    public void Missing_storage_is_refused()
    {
        WriteDictionary(w => w.Text("w").Tensor("FloatStorage", "nowhere", 6, 0, [6], [1]));

        Assert.That(() => Checkpoint.Load(_path),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("'nowhere'"));
    }

    [TestCase("posix", "system")]
    [TestCase("builtins", "eval")]
    [TestCase("models.fast_scnn", "FastSCNN")]
    [TestCase("torch.storage", "_load_from_bytes")]
    public void Anything_but_tensors_is_refused_by_name(string module, string name)
    {
        string witness = Path.Combine(Path.GetDirectoryName(_path)!, "executed");
        File.WriteAllBytes(_path,
            new PickleWriter().Global(module, name).Text($"touch {witness}").Op(0x85).Op('R').End());
        string zip = _path + ".zip";
        PickleWriter.WriteZip(zip, File.ReadAllBytes(_path));

        Assert.That(() => Checkpoint.Load(zip), Throws.TypeOf<CheckpointException>()
            .With.Message.Contains($"{module}.{name}").And.Message.Contains(zip).And.Message.Contains("state_dict()"));
        Assert.That(witness, Does.Not.Exist);
    }

    [Test]
    public void Name_from_the_stack_is_refused_too()
    {
        byte[] pickle = new PickleWriter().Text("posix").Text("system").Op(0x93).Text("true").Op(0x85).Op('R').End();
        PickleWriter.WriteZip(_path, pickle);

        Assert.That(() => Checkpoint.Load(_path),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("posix.system"));
    }

    [Test]
    public void Hostile_name_below_the_state_dict_of_a_legacy_file_is_refused()
    {
        byte[] start = File.ReadAllBytes(TestFiles.Shared("reference", "camvid-pytorch-60ep.pth"))[..137];
        File.WriteAllBytes(_path, [.. start, .. new PickleWriter().Global("posix", "system").End()]);

        Assert.That(() => Checkpoint.Load(_path),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("posix.system"));
    }

    [TestCase('i')] // INST
    [TestCase('o')] // OBJ
    [TestCase((char)0x82)] // EXT1
    [TestCase('I')]
    public void Other_opcodes_are_refused(char opcode)
    {
        PickleWriter.WriteZip(_path, new PickleWriter().Op(opcode).End());

        Assert.That(() => Checkpoint.Load(_path),
            Throws.TypeOf<CheckpointException>().With.Message.Contains($"0x{(int)opcode:X2}"));
    }

    [Test]
    public void Text_that_promises_gigabytes_is_refused()
    {
        PickleWriter.WriteZip(_path, new PickleWriter().Op('X').Op(0xFF, 0xFF, 0xFF, 0xFF).End());

        Assert.That(() => Checkpoint.Load(_path),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("4294967295"));
    }

    [Test]
    public void Memo_index_far_away_is_refused()
    {
        PickleWriter.WriteZip(_path, new PickleWriter().Op('N').Op('r').Op(0xFF, 0xFF, 0xFF, 0x7F).End());

        Assert.That(() => Checkpoint.Load(_path), Throws.TypeOf<CheckpointException>().With.Message.Contains("memo"));
    }

    [Test]
    public void Calls_cannot_multiply_text()
    {
        PickleWriter pickle = new PickleWriter().Op('}').Text("device").Text("0123456789abcdef");
        for (int i = 0; i < 60; i++)
            pickle.Op('q').Op(0).Op('0').Global("torch", "device").Op('h').Op(0).Op('h').Op(0).Op(0x86).Op('R');
        pickle.Op('s').Text("w").Tensor("FloatStorage", "0", 6, 0, [6], [1]).Op('s');
        PickleWriter.WriteZip(_path, pickle.End(), storages: ("0", s_sixFloats));

        Assert.That(Checkpoint.Load(_path).Tensors.Keys, Is.EqualTo(new[] { "w" }));
    }

    [Test]
    public void Compressed_entry_is_refused()
    {
        byte[] pickle = new PickleWriter().Op('}').Text("w").Tensor("FloatStorage", "0", 1 << 20, 0, [1 << 20], [1])
            .Op('s').End();
        PickleWriter.WriteZip(_path, pickle, CompressionLevel.Optimal, ("0", new byte[4 << 20]));

        Assert.That(() => Checkpoint.Load(_path),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("compressed"));
    }

    [Test]
    public void File_without_a_state_dict_says_what_it_holds()
    {
        PickleWriter.WriteZip(_path, new PickleWriter().Op('}').Text("epoch").Integer(3).Op('s').End());

        Assert.That(() => Checkpoint.Load(_path),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("epoch").And.Message.Contains("state_dict"));
    }

    [Test]
    public void Legacy_view_of_a_root_storage_is_read()
    {
        byte[] start = File.ReadAllBytes(TestFiles.Shared("reference", "camvid-pytorch-60ep.pth"))[..137];
        PickleWriter pickle = new PickleWriter().Op('}').Text("w").Global("torch._utils", "_rebuild_tensor").Op('(');
        pickle.Op('(').Text("storage").Global("torch", "FloatStorage").Text("root").Text("cpu").Integer(6);
        pickle.Op('(').Text("view").Integer(2).Integer(3).Op('t').Op('t').Op('Q').Integer(1).Integers(2).Integers(1)
            .Op('t').Op('R').Op('s');
        File.WriteAllBytes(_path,
            [.. start, .. pickle.End(), .. new PickleWriter().Op(']').Text("root").Op('a').End(),
                .. BitConverter.GetBytes(6L), .. s_sixFloats]);

        Assert.That(Checkpoint.Load(_path).Tensors["w"].ToSingle(), Is.EqualTo(new float[] { 3, 4 }));
    }

    private void WriteDictionary(Action<PickleWriter> items)
    {
        PickleWriter pickle = new PickleWriter().Global("collections", "OrderedDict").Op(')').Op('R').Op('(');
        items(pickle);
        PickleWriter.WriteZip(_path, pickle.Op('u').End(), storages: ("0", s_sixFloats));
    }
}
