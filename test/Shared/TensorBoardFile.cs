using System.Numerics;
using System.Text;

namespace FastScnn.Testing;

/// <summary>One record of a TensorBoard event file: what it logs under a tag at a step, or the version that begins the
/// file.</summary>
internal sealed record TensorBoardEvent(double WallTime, long Step, string FileVersion = "", string Tag = "",
    float? Scalar = null, string? Text = null, string Plugin = "", TensorBoardHistogram? Histogram = null);

/// <summary>The buckets of a logged histogram: <c>Counts[i]</c> values lie below <c>Limits[i]</c> and not below the
/// limit before.</summary>
internal sealed record TensorBoardHistogram(double Min, double Max, double Count, double Sum, double SumOfSquares,
    double[] Limits, double[] Counts);

/// <summary>Reads TensorBoard event files as TensorBoard does: TFRecords with masked CRC-32C, each an Event of
/// event.proto.</summary>
internal static class TensorBoardFile
{
    /// <summary>Every record in order.</summary>
    /// <exception cref="InvalidDataException">A checksum is wrong or the file ends within a record.</exception>
    public static List<TensorBoardEvent> Read(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        List<TensorBoardEvent> events = [];
        for (int position = 0; position < bytes.Length;)
        {
            byte[] length = Take(8), lengthChecksum = Take(4);
            Check(length, lengthChecksum);
            byte[] data = Take(checked((int)BitConverter.ToInt64(length)));
            Check(data, Take(4));
            events.Add(Event(data));

            byte[] Take(int count)
            {
                if (bytes.Length - position < count)
                    throw new InvalidDataException(
                        $"'{path}' ends within a record: {count} bytes are due at {position} of {bytes.Length}.");
                return bytes[position..(position += count)];
            }
        }
        return events;
    }

    private static void Check(byte[] data, byte[] stored)
    {
        uint crc = ~data.Aggregate(uint.MaxValue, BitOperations.Crc32C);
        uint masked = BitOperations.RotateRight(crc, 15) + 0xA282EAD8;
        if (BitConverter.ToUInt32(stored) != masked)
            throw new InvalidDataException(
                $"The checksum is {BitConverter.ToUInt32(stored):X8}; that of these {data.Length} bytes is {masked:X8}.");
    }

    private static TensorBoardEvent Event(byte[] message)
    {
        ILookup<int, byte[]> fields = Fields(message);
        TensorBoardEvent read = new(Double(fields[1]), Integer(fields[2]), String(fields[3]));
        if (!fields[5].Any()) return read;
        ILookup<int, byte[]> value = Fields(Fields(fields[5].Single())[1].Single());
        ILookup<int, byte[]> tensor = Fields(Bytes(value[8])), metadata = Fields(Bytes(value[9]));
        if (value[8].Any())
        {
            Assert.That(Integer(tensor[1]), Is.EqualTo(7), "DT_STRING");
            Assert.That(Integer(Fields(Fields(tensor[2].Single())[2].Single())[1]), Is.EqualTo(tensor[8].Count()),
                "elements of a tensor of one dimension");
        }
        return read with
        {
            Tag = String(value[1]),
            Scalar = value[2].Any() ? BitConverter.ToSingle(value[2].Single()) : null,
            Text = value[8].Any() ? String(tensor[8]) : null,
            Plugin = String(Fields(Bytes(metadata[1]))[1]),
            Histogram = value[5].Any() ? Histogram(Fields(value[5].Single())) : null,
        };
    }

    private static TensorBoardHistogram Histogram(ILookup<int, byte[]> fields) =>
        new(Double(fields[1]), Double(fields[2]), Double(fields[3]), Double(fields[4]), Double(fields[5]),
            Doubles(fields[6]), Doubles(fields[7]));

    // A field that is absent has its default; integers are given as 8 bytes.
    private static double Double(IEnumerable<byte[]> field) => field.Any() ? BitConverter.ToDouble(field.Single()) : 0;

    private static long Integer(IEnumerable<byte[]> field) => field.Any() ? BitConverter.ToInt64(field.Single()) : 0;

    private static byte[] Bytes(IEnumerable<byte[]> field) => field.SingleOrDefault() ?? [];

    private static string String(IEnumerable<byte[]> field) => Encoding.UTF8.GetString(Bytes(field));

    private static double[] Doubles(IEnumerable<byte[]> packed) =>
    [
        .. Bytes(packed).Chunk(8).Select(item => BitConverter.ToDouble(item))
    ];

    private static ILookup<int, byte[]> Fields(byte[] message)
    {
        List<(int Number, byte[] Value)> fields = [];
        using BinaryReader reader = new(new MemoryStream(message));
        while (reader.BaseStream.Position < message.Length)
        {
            int tag = reader.Read7BitEncodedInt();
            fields.Add((tag >> 3, (tag & 7) switch
            {
                0 => BitConverter.GetBytes(reader.Read7BitEncodedInt64()),
                1 => reader.ReadBytes(8),
                2 => reader.ReadBytes(reader.Read7BitEncodedInt()),
                5 => reader.ReadBytes(4),
                int type => throw new InvalidDataException($"Field {tag >> 3} has the unknown wire type {type}."),
            }));
        }
        return fields.ToLookup(field => field.Number, field => field.Value);
    }
}
