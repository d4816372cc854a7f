using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace FastScnn.Testing;

/// <summary>An array of a NumPy file: its type code (such as <c>&lt;f4</c>), its shape and its elements as
/// stored.</summary>
internal sealed record Npy(string Type, long[] Shape, byte[] Bytes)
{
    /// <summary>Reads a golden <c>.npy</c> file; skips the test where a clone has none.</summary>
    public static Npy Golden(string name)
    {
        using FileStream stream = File.OpenRead(TestFiles.Golden(name));
        return Read(stream);
    }

    /// <summary>Reads a golden <c>.npz</c> archive into its arrays by name.</summary>
    public static Dictionary<string, Npy> GoldenArchive(string name)
    {
        using ZipArchive archive = ZipFile.OpenRead(TestFiles.Golden(name));
        return archive.Entries.ToDictionary(entry => entry.FullName[..^".npy".Length], entry =>
        {
            using Stream stream = entry.Open();
            return Read(stream);
        });
    }

    /// <summary>The elements, which must be stored as <typeparamref name="T"/>.</summary>
    public T[] As<T>() where T : unmanaged
    {
        string expected = default(T) switch
        {
            float => "<f4",
            double => "<f8",
            long => "<i8",
            int => "<i4",
            sbyte => "|i1",
            byte => "|u1",
            _ => throw new NotSupportedException(typeof(T).Name),
        };
        if (Type != expected) throw new InvalidDataException($"The array holds {Type}, not {expected}.");
        return MemoryMarshal.Cast<byte, T>(Bytes).ToArray();
    }

    private static Npy Read(Stream stream)
    {
        using BinaryReader reader = new(stream);
        byte[] magic = reader.ReadBytes(8);
        if (Encoding.Latin1.GetString(magic) != "\u0093NUMPY\u0001\0")
            throw new InvalidDataException("not a NumPy file of format 1.0");
        string header = Encoding.Latin1.GetString(reader.ReadBytes(reader.ReadUInt16()));
        if (header.Contains("'fortran_order': True")) throw new InvalidDataException("a golden array is in C order");
        string type = Regex.Match(header, "'descr': '([^']*)'").Groups[1].Value;
        long[] shape =
        [
            .. Regex.Matches(Regex.Match(header, @"'shape': \(([^)]*)\)").Groups[1].Value, @"\d+")
                .Select(m => long.Parse(m.Value))
        ];
        int size = type[2] - '0';
        return new(type, shape, reader.ReadBytes(checked((int)(shape.Aggregate(1L, (a, b) => a * b) * size))));
    }
}
