using System;
using System.Numerics;

namespace TorchSharp.Utils
{
    public static class CRC32C
    {
        public static uint process(byte[] data)
        {
            var crc = uint.MaxValue;
            foreach (var value in data) crc = BitOperations.Crc32C(crc, value);
            return ~crc;
        }

        public static uint process(int data) => process(BitConverter.GetBytes(data));

        public static uint process(long data) => process(BitConverter.GetBytes(data));
    }
}
