using System.Buffers.Binary;
using System.Text.Json;

namespace FastScnn.Torch.Checkpoints;

/// <summary>The safetensors format: the length of a JSON header in 8 bytes, the header, then the elements of all
/// tensors without gaps. https://github.com/huggingface/safetensors#format</summary>
internal static class SafetensorsFile
{
    private const string MetadataKey = "__metadata__";
    private const int LengthBytes = 8;
    private const int MaxHeaderBytes = 100_000_000; // as in the reference implementation

    private static readonly Dictionary<string, CheckpointType> s_types = new()
    {
        ["F32"] = CheckpointType.Float32,
        ["F64"] = CheckpointType.Float64,
        ["F16"] = CheckpointType.Float16,
        ["BF16"] = CheckpointType.BFloat16,
        ["I64"] = CheckpointType.Int64,
        ["I32"] = CheckpointType.Int32,
        ["I16"] = CheckpointType.Int16,
        ["I8"] = CheckpointType.Int8,
        ["U8"] = CheckpointType.UInt8,
        ["BOOL"] = CheckpointType.Bool,
    };

    public static bool Matches(ReadOnlySpan<byte> start) =>
        start.Length > LengthBytes && start[LengthBytes] == '{'
            && BinaryPrimitives.ReadUInt64LittleEndian(start) <= MaxHeaderBytes;

    public static Checkpoint Read(byte[] data, string file)
    {
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(data);
        if (length > (ulong)(data.Length - LengthBytes))
            throw ByteCursor.Truncated(file, LengthBytes, (long)length, data.Length);
        ReadOnlyMemory<byte> elements = data.AsMemory(LengthBytes + (int)length);
        try
        {
            using JsonDocument header = JsonDocument.Parse(data.AsMemory(LengthBytes, (int)length),
                new JsonDocumentOptions { AllowDuplicateProperties = false });
            Dictionary<string, string> metadata = [];
            List<(string Name, long Begin, CheckpointTensor Tensor)> tensors = [];
            foreach (JsonProperty property in header.RootElement.EnumerateObject())
                if (property.Name == MetadataKey)
                    metadata = property.Value.EnumerateObject().ToDictionary(item => item.Name,
                        item => item.Value.GetString() ?? "");
                else
                    tensors.Add(ReadTensor(file, property, elements));
            CheckTiling(file, tensors, elements.Length);
            return new Checkpoint(tensors.Select(t => KeyValuePair.Create(t.Name, t.Tensor)), metadata);
        }
        // What System.Text.Json throws on malformed text, a missing property, and a value of another kind or range.
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException
            or InvalidOperationException or FormatException)
        {
            throw new CheckpointException(
                $"The header of '{file}' is not what the safetensors format asks for: {exception.Message}", exception);
        }
    }

    private static (string, long, CheckpointTensor) ReadTensor(string file, JsonProperty property,
        ReadOnlyMemory<byte> elements)
    {
        string type = property.Value.GetProperty("dtype").GetString() ?? "";
        if (!s_types.TryGetValue(type, out CheckpointType checkpointType))
            throw new CheckpointException(
                $"The tensor '{property.Name}' in '{file}' has the type '{type}'; known are "
                    + $"{string.Join(", ", s_types.Keys)}.");
        long[] shape = [.. property.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())];
        long[] offsets =
        [
            .. property.Value.GetProperty("data_offsets").EnumerateArray().Select(offset => offset.GetInt64())
        ];
        if (offsets is not [long begin and >= 0, long end] || end < begin || end > elements.Length ||
            !CheckpointTensor.TryCountElements(shape, out long count)
            || (Int128)count * checkpointType.Size != end - begin)
        {
            throw new CheckpointException(
                $"The tensor '{property.Name}' in '{file}' has type {type}, shape {ErrorText.Shape(shape)} and offsets "
                + $"{ErrorText.Shape(offsets)}, which do not agree with each other or with the {elements.Length} "
                + "bytes of data.");
        }
        return (property.Name, begin, new CheckpointTensor(checkpointType, shape, elements[(int)begin..(int)end]));
    }

    // The format forbids gaps and overlaps, so a damaged offset shows even where the tensor itself would fit.
    private static void CheckTiling(string file, List<(string Name, long Begin, CheckpointTensor Tensor)> tensors,
        int length)
    {
        long position = 0;
        foreach ((string name, long begin, CheckpointTensor tensor)
            in tensors.OrderBy(t => t.Begin).ThenBy(t => t.Tensor.Bytes.Length))
        {
            if (begin != position)
            {
                throw new CheckpointException(
                    $"The tensor '{name}' in '{file}' begins at offset {begin}; without gaps and overlaps it would "
                    + $"begin at {position}. The file is damaged.");
            }
            position += tensor.Bytes.Length;
        }
        if (position != length)
            throw new CheckpointException(
                $"'{file}' has {length} bytes of data of which its tensors use {position}; the file is damaged.");
    }

    public static void Write(Stream stream, Checkpoint checkpoint)
    {
        using MemoryStream header = new();
        using (Utf8JsonWriter json = new(header))
        {
            json.WriteStartObject();
            if (checkpoint.Metadata.Count > 0)
            {
                json.WriteStartObject(MetadataKey);
                foreach ((string key, string value) in checkpoint.Metadata)
                    json.WriteString(key, value);
                json.WriteEndObject();
            }
            long position = 0;
            foreach ((string name, CheckpointTensor tensor) in checkpoint.Tensors)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", s_types.First(type => type.Value == tensor.Type).Key);
                WriteNumbers(json, "shape", tensor.Shape);
                WriteNumbers(json, "data_offsets", [position, position + tensor.Bytes.Length]);
                json.WriteEndObject();
                position += tensor.Bytes.Length;
            }
            json.WriteEndObject();
        }
        // Spaces bring the elements to a multiple of 8 bytes, so that readers may map them.
        while (header.Length % LengthBytes != 0) header.WriteByte((byte)' ');

        Span<byte> length = stackalloc byte[LengthBytes];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        stream.Write(length);
        header.WriteTo(stream);
        foreach (CheckpointTensor tensor in checkpoint.Tensors.Values)
            stream.Write(tensor.Bytes.Span);
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, IReadOnlyList<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (long number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}
