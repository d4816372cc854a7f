using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace TorchSharp.Utils.tensorboard
{
    /// <summary>A protocol buffer message that grows field by field; numbers that are 0 and texts that are empty are left out, as by the classes that protoc generates.</summary>
    internal sealed class ProtoMessage
    {
        private const int Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5;

        private readonly MemoryStream stream = new MemoryStream();
        private readonly BinaryWriter writer;

        public ProtoMessage() => writer = new BinaryWriter(stream);

        public ProtoMessage Add(int field, long value)
        {
            if (value == 0) return this;
            Tag(field, Varint).Write7BitEncodedInt64(value);
            return this;
        }

        public ProtoMessage Add(int field, double value)
        {
            if (value == 0) return this;
            Tag(field, Fixed64).Write(value);
            return this;
        }

        public ProtoMessage Add(int field, string value) => value.Length == 0 ? this : AddBytes(field, Encoding.UTF8.GetBytes(value));

        public ProtoMessage Add(int field, ProtoMessage message) => AddBytes(field, message.ToArray());

        public ProtoMessage AddPacked(int field, IEnumerable<double> values) => AddBytes(field, values.SelectMany(BitConverter.GetBytes).ToArray());

        /// <summary>Adds a choice of several fields or an element of a repeated one, which is written even when it is 0 or empty.</summary>
        public ProtoMessage AddChosen(int field, float value)
        {
            Tag(field, Fixed32).Write(value);
            return this;
        }

        /// <inheritdoc cref="AddChosen(int, float)"/>
        public ProtoMessage AddChosen(int field, string value) => AddBytes(field, Encoding.UTF8.GetBytes(value));

        public byte[] ToArray() => stream.ToArray();

        private ProtoMessage AddBytes(int field, byte[] value)
        {
            var target = Tag(field, Bytes);
            target.Write7BitEncodedInt(value.Length);
            target.Write(value);
            return this;
        }

        private BinaryWriter Tag(int field, int wireType)
        {
            writer.Write7BitEncodedInt(field << 3 | wireType);
            return writer;
        }
    }
}
