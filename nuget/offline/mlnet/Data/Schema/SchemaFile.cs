using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>
/// The Schema entry of a model file: columns and annotations of standard types; others are left out. The real package
/// writes an empty data view in its own binary format there: the two cannot read each other's entry.
/// </summary>
internal static class SchemaFile
{
    private enum TypeKind : byte
    {
        Primitive,
        Key,
        Vector,
    }

    public static void Write(IHostEnvironment env, DataViewSchema schema, Stream stream)
    {
        env.Check(schema.Any(column => IsSavable(column.Type)), "No valid columns to save");
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        WriteColumns(writer, schema, null);
    }

    public static DataViewSchema Read(Stream stream)
    {
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        var builder = new DataViewSchema.Builder();
        for (int count = reader.ReadInt32(); count > 0; count--)
            builder.AddColumn(reader.ReadString(), ReadType(reader), ReadAnnotations(reader));
        return builder.ToSchema();
    }

    private static void WriteColumns(BinaryWriter writer, DataViewSchema schema, DataViewSchema.Annotations values)
    {
        var columns = schema.Where(column => IsSavable(column.Type)).ToArray();
        writer.Write(columns.Length);
        foreach (var column in columns)
        {
            writer.Write(column.Name);
            WriteType(writer, column.Type);
            if (values == null)
                WriteColumns(writer, column.Annotations.Schema, column.Annotations);
            else
                Generic.Invoke(WriteValue<int>, column.Type.GetItemType().RawType, writer, values, column);
        }
    }

    private static DataViewSchema.Annotations ReadAnnotations(BinaryReader reader)
    {
        var builder = new DataViewSchema.Annotations.Builder();
        for (int count = reader.ReadInt32(); count > 0; count--)
        {
            string name = reader.ReadString();
            var type = ReadType(reader);
            builder.Add(name, type, Generic.Invoke(ReadValue<int>, type.GetItemType().RawType, reader, type));
        }
        return builder.ToAnnotations();
    }

    private static bool IsSavable(DataViewType type) => type.GetItemType() is PrimitiveDataViewType item && ValueFormats.All.ContainsKey(item.RawType);

    private static void WriteType(BinaryWriter writer, DataViewType type)
    {
        switch (type)
        {
            case VectorDataViewType vector:
                writer.Write((byte)TypeKind.Vector);
                WriteType(writer, vector.ItemType);
                writer.Write(vector.Dimensions.Length);
                foreach (int dimension in vector.Dimensions)
                    writer.Write(dimension);
                break;
            case KeyDataViewType key:
                writer.Write((byte)TypeKind.Key);
                writer.Write(key.RawType.FullName);
                writer.Write(key.Count);
                break;
            default:
                writer.Write((byte)TypeKind.Primitive);
                writer.Write(type.RawType.FullName);
                break;
        }
    }

    private static DataViewType ReadType(BinaryReader reader)
    {
        switch ((TypeKind)reader.ReadByte())
        {
            case TypeKind.Vector:
                var itemType = ReadType(reader) as PrimitiveDataViewType;
                int rank = reader.ReadInt32();
                Contracts.CheckDecode(itemType != null && rank is > 0 and < 100);
                return new VectorDataViewType(itemType, Enumerable.Range(0, rank).Select(_ => reader.ReadInt32()).ToArray());
            case TypeKind.Key:
                return new KeyDataViewType(ReadRawType(reader), reader.ReadUInt64());
            default:
                return ColumnTypeExtensions.PrimitiveTypeFromType(ReadRawType(reader));
        }
    }

    private static Type ReadRawType(BinaryReader reader)
    {
        string name = reader.ReadString();
        return ValueFormats.All.Keys.FirstOrDefault(type => type.FullName == name) ?? throw Contracts.ExceptDecode(null, "Corrupt model file");
    }

    private static bool WriteValue<T>(BinaryWriter writer, DataViewSchema.Annotations values, DataViewSchema.Column column)
    {
        T[] items = new T[1];
        if (column.Type is VectorDataViewType)
        {
            VBuffer<T> vector = default;
            values.GetGetter<VBuffer<T>>(column)(ref vector);
            items = vector.DenseValues().ToArray();
        }
        else
        {
            values.GetGetter<T>(column)(ref items[0]);
        }
        writer.Write(items.Length);
        foreach (var item in items)
            ValueFormats.All[typeof(T)].Write(writer, item);
        return true;
    }

    private static Delegate ReadValue<T>(BinaryReader reader, DataViewType type)
    {
        var items = new List<T>();
        for (int count = reader.ReadInt32(); count > 0; count--)
            items.Add((T)ValueFormats.All[typeof(T)].Read(reader));
        if (type is not VectorDataViewType)
            return (ValueGetter<T>)((ref T destination) => destination = items[0]);
        var vector = new VBuffer<T>(items.Count, items.ToArray());
        return (ValueGetter<VBuffer<T>>)((ref VBuffer<T> destination) => vector.CopyTo(ref destination));
    }

    private sealed record ValueFormats(Action<BinaryWriter, object> Write, Func<BinaryReader, object> Read)
    {
        public static readonly Dictionary<Type, ValueFormats> All = new()
        {
            [typeof(sbyte)] = new((writer, value) => writer.Write((sbyte)value), reader => reader.ReadSByte()),
            [typeof(byte)] = new((writer, value) => writer.Write((byte)value), reader => reader.ReadByte()),
            [typeof(short)] = new((writer, value) => writer.Write((short)value), reader => reader.ReadInt16()),
            [typeof(ushort)] = new((writer, value) => writer.Write((ushort)value), reader => reader.ReadUInt16()),
            [typeof(int)] = new((writer, value) => writer.Write((int)value), reader => reader.ReadInt32()),
            [typeof(uint)] = new((writer, value) => writer.Write((uint)value), reader => reader.ReadUInt32()),
            [typeof(long)] = new((writer, value) => writer.Write((long)value), reader => reader.ReadInt64()),
            [typeof(ulong)] = new((writer, value) => writer.Write((ulong)value), reader => reader.ReadUInt64()),
            [typeof(float)] = new((writer, value) => writer.Write((float)value), reader => reader.ReadSingle()),
            [typeof(double)] = new((writer, value) => writer.Write((double)value), reader => reader.ReadDouble()),
            [typeof(bool)] = new((writer, value) => writer.Write((bool)value), reader => reader.ReadBoolean()),
            [typeof(ReadOnlyMemory<char>)] = new((writer, value) => writer.Write(value.ToString()), reader => reader.ReadString().AsMemory()),
            [typeof(TimeSpan)] = new((writer, value) => writer.Write(((TimeSpan)value).Ticks), reader => new TimeSpan(reader.ReadInt64())),
            [typeof(DateTime)] = new((writer, value) => writer.Write(((DateTime)value).Ticks), reader => new DateTime(reader.ReadInt64())),
        };
    }
}
