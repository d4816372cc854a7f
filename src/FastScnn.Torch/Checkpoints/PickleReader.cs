using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace FastScnn.Torch.Checkpoints;

/// <summary>Reads one pickle (protocols 2 to 4) into plain values: null, bool, long, <see cref="BigInteger"/>, double,
/// string, object?[] (tuple), List&lt;object?&gt;, <see cref="PickleDictionary"/>, <see cref="PickleTensor"/>. Executes
/// nothing: only what <see cref="PickleGlobal"/> lists can be named, and memory stays in proportion to the bytes read.
/// Opcodes: https://github.com/python/cpython/blob/main/Lib/pickletools.py</summary>
internal sealed class PickleReader(ByteCursor cursor, Func<object?[], PickleStorage> loadStorage)
{
    private readonly List<object?> _stack = [];
    private readonly List<int> _marks = [];
    private readonly List<object?> _memo = [];

    public static object? Read(ByteCursor cursor, Func<object?[], PickleStorage>? loadStorage = null) =>
        new PickleReader(cursor,
            loadStorage
                ?? (_ => throw PickleError.Damaged(cursor.File, cursor.Position,
                    "a storage outside the state dict"))).Run();

    private object? Run()
    {
        while (true)
        {
            byte opcode = cursor.ReadByte();
            if (opcode == '.') return Pop();
            if (!ReadValue(opcode) && !ReadContainer(opcode) && !ReadObject(opcode))
            {
                throw new CheckpointException(
                    $"The pickle in '{cursor.File}' has the opcode 0x{opcode:X2} at byte {cursor.Position - 1}, "
                    + $"which no state dict needs; nothing was executed. {PickleError.SaveStateDict}");
            }
        }
    }

    private bool ReadValue(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'N': Push(null); return true;
            case 0x88: Push(true); return true;
            case 0x89: Push(false); return true;
            case (byte)'K': Push((long)cursor.ReadByte()); return true;
            case (byte)'M': Push((long)cursor.ReadUInt16()); return true;
            case (byte)'J': Push((long)cursor.ReadInt32()); return true;
            case 0x8a: Push(Integer(new BigInteger(cursor.Take(cursor.ReadByte()).Span))); return true;
            case (byte)'G': Push(cursor.ReadDoubleBigEndian()); return true;
            case 0x8c or (byte)'U': Push(cursor.ReadText(cursor.ReadByte())); return true;
            case (byte)'X': Push(cursor.ReadText((uint)cursor.ReadInt32())); return true;
            case (byte)'T': Push(cursor.ReadText(cursor.ReadInt32())); return true;
            case 0x8d: Push(cursor.ReadText(cursor.ReadInt64())); return true;
            default: return false;
        }
    }

    private bool ReadContainer(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'(': _marks.Add(_stack.Count); return true;
            case (byte)')': Push(Array.Empty<object?>()); return true;
            case (byte)']': Push(new List<object?>()); return true;
            case (byte)'}': Push(new PickleDictionary()); return true;
            case (byte)'t': Push(PopToMark()); return true;
            case 0x85 or 0x86 or 0x87: Push(PopMany(opcode - 0x84)); return true;
            case (byte)'l': Push(new List<object?>(PopToMark())); return true;
            case (byte)'d': PushNewDictionary(PopToMark()); return true;
            case (byte)'a': Append(PopMany(1)); return true;
            case (byte)'e': Append(PopToMark()); return true;
            case (byte)'s': SetItems(PopMany(2)); return true;
            case (byte)'u': SetItems(PopToMark()); return true;
            case (byte)'0': Pop(); return true;
            case (byte)'1': PopToMark(); return true;
            case (byte)'2': Push(Peek()); return true;
            default: return false;
        }
    }

    private bool ReadObject(byte opcode)
    {
        switch (opcode)
        {
            case 0x80: CheckProtocol(cursor.ReadByte()); return true;
            case 0x95: cursor.ReadInt64(); return true; // the length of a frame: the bytes follow either way
            case (byte)'q': Memoize(cursor.ReadByte()); return true;
            case (byte)'r': Memoize((uint)cursor.ReadInt32()); return true;
            case 0x94: Memoize(_memo.Count); return true;
            case (byte)'h': Push(Recall(cursor.ReadByte())); return true;
            case (byte)'j': Push(Recall((uint)cursor.ReadInt32())); return true;
            case (byte)'c': Push(PickleGlobal.Find(cursor.File, cursor.ReadLine(), cursor.ReadLine())); return true;
            case 0x93:
                object?[] names = PopMany(2);
                Push(PickleGlobal.Find(cursor.File, names[0] as string ?? "?", names[1] as string ?? "?"));
                return true;
            case (byte)'R' or 0x81:
                object?[] call = PopMany(2);
                Push(PickleGlobal.Invoke(cursor.File, call[0], call[1]));
                return true;
            case (byte)'Q':
                Push(loadStorage(Pop() as object?[] ?? throw Bad("a persistent id that is no tuple")));
                return true;
            case (byte)'b':
                // Attributes, such as the _metadata of a state_dict: an OrderedDict may have them, and we need none.
                Pop();
                Peek<PickleDictionary>();
                return true;
            default: return false;
        }
    }

    private void Push(object? value) => _stack.Add(value);

    private object? Pop() => PopMany(1)[0];

    private object?[] PopMany(int count)
    {
        int start = _stack.Count - count;
        if (start < (_marks.Count > 0 ? _marks[^1] : 0)) throw Bad("too few values on its stack");
        object?[] values = [.. _stack[start..]];
        _stack.RemoveRange(start, count);
        return values;
    }

    private object?[] PopToMark()
    {
        if (_marks.Count == 0) throw Bad("no mark on its stack");
        object?[] values = PopMany(_stack.Count - _marks[^1]);
        _marks.RemoveAt(_marks.Count - 1);
        return values;
    }

    private object? Peek() => _stack.Count > 0 ? _stack[^1] : throw Bad("nothing on its stack");

    private T Peek<T>() => Peek() is T value ? value : throw Bad($"no {typeof(T).Name} where one is needed");

    private void Append(object?[] items) => Peek<List<object?>>().AddRange(items);

    private void SetItems(object?[] items)
    {
        PickleDictionary target = Peek<PickleDictionary>();
        if (items.Length % 2 != 0) throw Bad("a key without a value");
        for (int i = 0; i < items.Length; i += 2)
            target.Items.Add((items[i], items[i + 1]));
    }

    private void PushNewDictionary(object?[] items)
    {
        Push(new PickleDictionary());
        SetItems(items);
    }

    private void Memoize(long index)
    {
        // Picklers count up from 0, so an index cannot pass the number of bytes read; larger ones would only cost
        // memory.
        if (index > cursor.Position) throw Bad($"the memo index {index}");
        while (_memo.Count <= index) _memo.Add(null);
        _memo[(int)index] = Peek();
    }

    private object? Recall(long index) =>
        index < _memo.Count ? _memo[(int)index] : throw Bad($"the unknown memo index {index}");

    private void CheckProtocol(byte protocol)
    {
        if (protocol is < 2 or > 5) throw Bad($"the protocol {protocol} instead of 2 to 5");
    }

    private static object Integer(BigInteger value) =>
        value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : value;

    private CheckpointException Bad(string what) => PickleError.Damaged(cursor.File, cursor.Position, what);
}

/// <summary>Reads little-endian values from a file in memory and never past its end.</summary>
internal sealed class ByteCursor(byte[] data, string file)
{
    public string File => file;

    public int Position { get; private set; }

    public ReadOnlyMemory<byte> Take(long count)
    {
        if (count < 0 || count > data.Length - Position)
            throw Truncated(file, Position, count, data.Length);
        ReadOnlyMemory<byte> bytes = data.AsMemory(Position, (int)count);
        Position += (int)count;
        return bytes;
    }

    public byte ReadByte() => Take(1).Span[0];

    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2).Span);

    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4).Span);

    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8).Span);

    public double ReadDoubleBigEndian() => BinaryPrimitives.ReadDoubleBigEndian(Take(8).Span);

    public string ReadText(long bytes) => Encoding.UTF8.GetString(Take(bytes).Span);

    public string ReadLine()
    {
        int length = data.AsSpan(Position).IndexOf((byte)'\n');
        if (length < 0) throw Truncated(file, Position, 1L + data.Length - Position, data.Length);
        string line = ReadText(length);
        Position++;
        return line;
    }

    public static CheckpointException Truncated(string file, long position, long needed, long length) =>
        new(
            $"'{file}' is cut off or damaged: at byte {position} it promises {needed} more bytes, but the data end "
                + $"at byte {length}.");
}

/// <summary>What is wrong with a pickle, where more than one place finds it.</summary>
internal static class PickleError
{
    public const string SaveStateDict =
        "Save the weights alone, with torch.save(model.state_dict(), path), or as .safetensors.";

    public static CheckpointException Damaged(string file, long position, string what) =>
        new($"The pickle in '{file}' is damaged or of an unknown kind: {what} before byte {position}.");

    public static CheckpointException StorageSize(string file, PickleStorage storage, long bytes) =>
        new(
            $"'{file}' is cut off or damaged: its storage '{storage.Key}' should hold {storage.ElementCount} "
            + $"elements of {storage.Type} from element {storage.Offset}, but has {bytes} bytes.");

    public static CheckpointException TooMuchData(string file, long length) =>
        new($"'{file}' is damaged or hostile: its tensors claim more data than the {length} bytes of the file.");
}
