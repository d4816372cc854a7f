using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace FastScnn.Torch.Tests.Checkpoints;

/// <summary>Writes pickles opcode by opcode, so that tests can make files that torch.save would not.</summary>
internal sealed class PickleWriter
{
    private readonly MemoryStream _stream = new();

    public PickleWriter() => Op(0x80, 2);

    public PickleWriter Op(params byte[] bytes)
    {
        _stream.Write(bytes);
        return this;
    }

    public PickleWriter Op(char opcode) => Op((byte)opcode);

    public PickleWriter Text(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, utf8.Length);
        return Op('X').Op(length).Op(utf8);
    }

    public PickleWriter Integer(long value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return Op(0x8a, 8).Op(bytes);
    }

    public PickleWriter Integers(params long[] values)
    {
        Op('(');
        foreach (long value in values)
            Integer(value);
        return Op('t');
    }

    public PickleWriter Global(string module, string name) =>
        Op('c').Op(Encoding.ASCII.GetBytes($"{module}\n{name}\n"));

    /// <summary>A tensor as torch.save writes it: _rebuild_tensor_v2(storage, offset, shape, strides, False,
    /// OrderedDict()).</summary>
    public PickleWriter Tensor(string storageType, string key, long elements, long offset, long[] shape, long[] strides,
        bool legacy = false)
    {
        Global("torch._utils", "_rebuild_tensor_v2").Op('(');
        Op('(').Text("storage").Global("torch", storageType).Text(key).Text("cpu").Integer(elements);
        if (legacy) Op('N');
        Op('t').Op('Q');
        return Integer(offset).Integers(shape).Integers(strides).Op(0x89).Global("collections", "OrderedDict").Op(')')
            .Op('R').Op('t').Op('R');
    }

    public byte[] End()
    {
        Op('.');
        return _stream.ToArray();
    }

    /// <summary>Wraps a pickle and its storages in the zip archive of torch.save.</summary>
    public static void WriteZip(string path, byte[] pickle, CompressionLevel level = CompressionLevel.NoCompression,
        params (string Key, byte[] Bytes)[] storages)
    {
        using ZipArchive archive = ZipFile.Open(path, ZipArchiveMode.Create);
        Write("data.pkl", pickle);
        foreach ((string key, byte[] bytes) in storages)
            Write($"data/{key}", bytes);

        void Write(string name, byte[] bytes)
        {
            using Stream entry = archive.CreateEntry($"archive/{name}", level).Open();
            entry.Write(bytes);
        }
    }
}
