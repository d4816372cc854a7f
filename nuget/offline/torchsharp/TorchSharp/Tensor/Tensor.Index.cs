using System;
using System.Linq;
using System.Runtime.CompilerServices;

#nullable enable
namespace TorchSharp
{
    public static partial class torch
    {
        public struct TensorIndex
        {
            internal enum Kind { None, Ellipsis, Single, Bool, Tensor, Slice }

            internal Kind kind;
            internal long? start, stop, step;
            internal Tensor? tensor;

            static public TensorIndex Slice(long? start = null, long? stop = null, long? step = null)
                => new TensorIndex { kind = Kind.Slice, start = start, stop = stop, step = step };

            static public TensorIndex Slice((int? start, int? end) range) => Slice((long?)range.start, (long?)range.end);

            static public TensorIndex Slice(Range range)
            {
                long start = range.Start.IsFromEnd ? -range.Start.Value : range.Start.Value;
                long? end = !range.End.IsFromEnd ? range.End.Value : range.End.Value == 0 ? null : -range.End.Value;
                return Slice(start, end);
            }

            static public TensorIndex Bool(bool value) => new TensorIndex { kind = Kind.Bool, start = value ? 1 : 0 };

            static public TensorIndex Single(long? index) => new TensorIndex { kind = Kind.Single, start = index };

            static public TensorIndex Tensor(Tensor tensor) => new TensorIndex { kind = Kind.Tensor, tensor = tensor };

            static public TensorIndex Ellipsis = new TensorIndex { kind = Kind.Ellipsis };

            static public TensorIndex None = new TensorIndex { kind = Kind.None };

            static public TensorIndex Null = new TensorIndex { kind = Kind.None };

            static public TensorIndex Colon = Slice();

            public static implicit operator TensorIndex(long value) => Single(value);

            // Only so that overload resolution prefers an indexer of TensorIndex to one of Tensor.
            public static implicit operator Tensor(TensorIndex value) => throw new InvalidOperationException("Should not be called.");

            public static implicit operator TensorIndex((int? start, int? end) range) => Slice(range);

            public static implicit operator TensorIndex(Range range) => Slice(range);

            public static implicit operator TensorIndex(Index index) => Single(index.IsFromEnd ? -index.Value : index.Value);

            internal NativeIndex ToNative() => new NativeIndex {
                Kind = (long)kind,
                Has = (start.HasValue ? 1 : 0) | (stop.HasValue ? 2 : 0) | (step.HasValue ? 4 : 0),
                Start = start ?? 0,
                Stop = stop ?? 0,
                Step = step ?? 0,
                Tensor = tensor is null ? IntPtr.Zero : tensor.Handle
            };
        }

        public partial class Tensor
        {
            [IndexerName("TensorItems")]
            public Tensor this[params TensorIndex[] indices] {
                get => index(indices);
                set => index_put_(value, indices);
            }

            [IndexerName("TensorItems")]
            public Tensor this[params Tensor[] indices] {
                get => index(indices);
                set => index_put_(value, indices);
            }

            [IndexerName("TensorItems")]
            public Tensor this[long i1] {
                get => index(TensorIndex.Single(i1));
                set => index_put_(value, TensorIndex.Single(i1));
            }

            [IndexerName("TensorItems")]
            public Tensor this[long i1, long i2] {
                get => index(TensorIndex.Single(i1), TensorIndex.Single(i2));
                set => index_put_(value, TensorIndex.Single(i1), TensorIndex.Single(i2));
            }

            [IndexerName("TensorItems")]
            public Tensor this[long i1, long i2, long i3] {
                get => this[new[] { i1, i2, i3 }];
                set => this[new[] { i1, i2, i3 }] = value;
            }

            [IndexerName("TensorItems")]
            public Tensor this[long i1, long i2, long i3, long i4] {
                get => this[new[] { i1, i2, i3, i4 }];
                set => this[new[] { i1, i2, i3, i4 }] = value;
            }

            [IndexerName("TensorItems")]
            public Tensor this[params long[] indices] {
                get => index(indices.Select(i => TensorIndex.Single(i)).ToArray());
                set => index_put_(value, indices.Select(i => TensorIndex.Single(i)).ToArray());
            }

            public unsafe Tensor index(params TensorIndex[] indices)
            {
                fixed (NativeIndex* p = indices.Select(i => i.ToNative()).ToArray()) {
                    var result = Native.ths_index(H, p, indices.Length);
                    GC.KeepAlive(indices);
                    return Native.Make(result);
                }
            }

            public Tensor index(params Tensor[] indices) => index(indices.Select(t => TensorIndex.Tensor(t)).ToArray());

            public unsafe Tensor index_put_(Tensor value, params TensorIndex[] indices)
            {
                fixed (NativeIndex* p = indices.Select(i => i.ToNative()).ToArray())
                    Native.ths_index_put_(H, p, indices.Length, Native.Ref(value));
                GC.KeepAlive(indices);
                return Done();
            }

            public Tensor index_put_(Tensor value, params Tensor[] indices) => index_put_(value, indices.Select(t => TensorIndex.Tensor(t)).ToArray());
        }
    }
}
