using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

#nullable enable
namespace TorchSharp
{
    public static partial class torch
    {
        /// <summary>Owns one native tensor handle; several tensors can share one storage.</summary>
        public partial class Tensor : IDisposable
        {
            internal IntPtr handle;

            private static long _totalCount;
            private static long _peakCount;

            internal DisposeScope? OwningDisposeScope { get; set; }

            internal Tensor(IntPtr handle, bool register = true)
            {
                this.handle = handle;
                var total = System.Threading.Interlocked.Increment(ref _totalCount);
                _peakCount = Math.Max(total, _peakCount);
                if (register) OwningDisposeScope = DisposeScopeManager.ThreadSingleton.RegisterOnCurrentDisposeScope(this);
            }

            public override bool Equals(object? obj) => obj is Tensor tensor && Equals(tensor);

            public override int GetHashCode() => base.GetHashCode();

            public string? name { get; set; }

            ~Tensor() => Dispose(false);

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing)
            {
                if (handle == IntPtr.Zero) return;
                DisposeScopeManager.ThreadSingleton.Disposing(this);
                OwningDisposeScope?.MarkAsDisposed(this);
                System.Threading.Interlocked.Decrement(ref _totalCount);
                Native.ths_dispose(handle);
                handle = IntPtr.Zero;
            }

            public bool IsInvalid => handle == IntPtr.Zero;

            public Tensor MoveToOuterDisposeScope()
            {
                OwningDisposeScope?.MoveToOuter(this);
                return this;
            }

            public Tensor DetachFromDisposeScope()
            {
                OwningDisposeScope?.Detach(this);
                return this;
            }

            public Tensor MoveToOtherDisposeScope(Tensor other) => MoveToOtherDisposeScope(other.OwningDisposeScope);

            public Tensor MoveToOtherDisposeScope(DisposeScope? other)
            {
                if (OwningDisposeScope is null && other is not null)
                    other.Attach(this);
                else
                    OwningDisposeScope?.MoveToOther(other, this);
                return this;
            }

            public static long TotalCount => _totalCount;

            public static long PeakCount => _peakCount;

            public IntPtr Handle => handle != IntPtr.Zero ? handle : throw new InvalidOperationException("Tensor invalid -- empty handle.");

            // A parameter takes over the handle of the tensor it is made from.
            internal IntPtr MoveHandle()
            {
                var moved = handle;
                handle = IntPtr.Zero;
                return moved;
            }

            private System.Runtime.InteropServices.HandleRef H => new(this, Handle);

            public long Dimensions => Native.ths_ndim(H);

            public long dim() => Dimensions;

            public long ndim => Dimensions;

            public long NumberOfElements => Native.ths_numel(H);

            public long numel() => NumberOfElements;

            public long ElementSize => Native.ths_element_size(H);

            public long element_size() => ElementSize;

            public bool is_integral() => torch.is_integral(dtype);

            public bool is_floating_point() => torch.is_floating_point(dtype);

            public bool is_cuda => device.type == DeviceType.CUDA;

            public bool is_cpu() => device.type == DeviceType.CPU;

            public bool is_leaf { get => Native.ths_is_leaf(H); }

            public ScalarType dtype => (ScalarType)Native.ths_type(H);

            public Device device {
                get {
                    var type = device_type;
                    return type == DeviceType.CUDA ? new Device(DeviceType.CUDA, device_index) : new Device(type);
                }
            }

            public int device_index => Native.ths_device_index(H);

            public DeviceType device_type => (DeviceType)Native.ths_device_type(H);

            public long size(int dim)
            {
                var result = Native.ths_size(H, dim);
                CheckForErrors();
                return result;
            }

            public unsafe long[] size()
            {
                var sizes = new long[Dimensions];
                fixed (long* psizes = sizes) Native.ths_sizes(H, psizes);
                return sizes;
            }

            public long[] shape {
                get => size();
            }

            public unsafe long[] stride()
            {
                var strides = new long[Dimensions];
                fixed (long* pstrides = strides) Native.ths_strides(H, pstrides);
                return strides;
            }

            public long storage_offset() => Native.ths_storage_offset(H);

            public bool is_contiguous() => Native.ths_is_contiguous(H);

            public bool requires_grad {
                get => Native.ths_requires_grad(H);
                set {
                    Native.ths_set_requires_grad(H, value);
                    CheckForErrors();
                }
            }

            public Tensor requires_grad_(bool requires_grad = true) => with_requires_grad(requires_grad);

            public Tensor with_requires_grad(bool requires_grad = true)
            {
                this.requires_grad = requires_grad;
                return this;
            }

            public void retain_grad()
            {
                Native.ths_retain_grad(H);
                CheckForErrors();
            }

            public Tensor? grad {
                get {
                    var result = Native.ths_grad_of(H);
                    if (result != IntPtr.Zero) return new Tensor(result);
                    CheckForErrors();
                    return null;
                }
                set {
                    Native.ths_set_grad(H, Native.Ref(value!));
                    CheckForErrors();
                }
            }

            public void backward() => autograd.backward(new[] { this });

            public void backward(IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false, IList<Tensor>? inputs = null)
                => autograd.backward(new[] { this }, grad_tensors, retain_graph, create_graph, inputs);

            public Tensor alias() => Native.Make(Native.ths_alias(H));

            public Tensor clone() => Native.Make(Native.ths_clone(H));

            public Tensor contiguous() => Native.Make(Native.ths_contiguous(H));

            public Tensor detach() => Native.Make(Native.ths_detach(H));

            public Tensor detach_()
            {
                Native.ths_detach_(H);
                return Done();
            }

            public Tensor copy_(Tensor source, bool nonBlocking = false)
            {
                Native.ths_copy_(H, Native.Ref(source), nonBlocking);
                return Done();
            }

            public Tensor set_(Tensor source)
            {
                Native.ths_set_(H, Native.Ref(source));
                return Done();
            }

            // What every in-place operation ends with.
            private Tensor Done()
            {
                CheckForErrors();
                return this;
            }

            public Tensor cpu() => to(DeviceType.CPU);

            public Tensor cuda(Device? device = null, bool non_blocking = false)
            {
                if (device is not null && device.type != DeviceType.CUDA) throw new ArgumentException("Not a CUDA device.", "device");
                return to(device ?? new Device(DeviceType.CUDA), non_blocking: non_blocking);
            }

            public Tensor to_type(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false)
                => Converted(Native.ths_to_type(H, (sbyte)type, copy, non_blocking), disposeAfter);

            public Tensor type_as(Tensor tensor) => to_type(tensor.dtype);

            public Tensor to(DeviceType deviceType, int deviceIndex = -1, bool copy = false, bool disposeAfter = false, bool non_blocking = false)
            {
                InitializeDeviceType(deviceType);
                return Converted(Native.ths_to_device(H, (int)deviceType, deviceIndex, copy, non_blocking), disposeAfter);
            }

            public Tensor to(ScalarType type, Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false)
            {
                device = InitializeDevice(device);
                return Converted(Native.ths_to_both(H, (sbyte)type, (int)device.type, device.index, copy, non_blocking), disposeAfter);
            }

            public Tensor to(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) => to_type(type, copy, disposeAfter, non_blocking);

            public Tensor to(string device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) => to(new Device(device), copy, disposeAfter, non_blocking);

            public Tensor to(Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) => to(device.type, device.index, copy, disposeAfter, non_blocking);

            public Tensor to(Tensor other, bool non_blocking = false) => to(other.dtype, other.device, non_blocking);

            public Tensor @bool() => to_type(ScalarType.Bool);

            public Tensor @byte() => to_type(ScalarType.Byte);

            public Tensor @int() => to_type(ScalarType.Int32);

            public Tensor @long() => to_type(ScalarType.Int64);

            public Tensor half() => to_type(ScalarType.Float16);

            public Tensor @float() => to_type(ScalarType.Float32);

            public Tensor @double() => to_type(ScalarType.Float64);

            private Tensor Converted(IntPtr result, bool disposeAfter)
            {
                if (result == IntPtr.Zero) CheckForErrors();
                if (disposeAfter) Dispose();
                return new Tensor(result);
            }

            internal bool toWillCopy(ScalarType dtype, Device device)
                => this.dtype != dtype || device_type != device.type || (device.type == DeviceType.CUDA && device.index != -1 && device_index != device.index);

            public Utils.TensorAccessor<T> data<T>() where T : unmanaged
            {
                ValidateType(typeof(T));
                return new Utils.TensorAccessor<T>(device_type == DeviceType.CPU ? this : cpu());
            }

            public Scalar ToScalar()
            {
                var type = Native.ths_item(H, out var bits);
                if (type < 0) CheckForErrors();
                return new Scalar((ScalarType)type, bits);
            }

            public T item<T>() where T : unmanaged
            {
                if (NumberOfElements != 1) throw new ArgumentException("Number of elements in the tensor must be 1");
                return data<T>()[0];
            }

            internal void ValidateType(Type dotnetType)
            {
                if (dotnetType != DotnetType(dtype)) throw new ArgumentException($"{dotnetType.Name} is not compatible with {dtype}");
            }

            internal IntPtr Data()
            {
                var data = Native.ths_data(H);
                if (data == IntPtr.Zero) CheckForErrors();
                return data;
            }

            public unsafe Span<byte> bytes {
                get {
                    var total = NumberOfElements * ElementSize;
                    ValidateBytes(total);
                    return new Span<byte>((void*)Data(), (int)total);
                }
                set {
                    if (!is_contiguous()) throw new InvalidOperationException("SetBytes() called on non-contiguous tensor.");
                    if (NumberOfElements * ElementSize != value.Length) throw new ArgumentException("Mismatched data sizes in SetBytes().");
                    value.CopyTo(new Span<byte>((void*)Data(), value.Length));
                }
            }

            private void ValidateBytes(long total)
            {
                if (!is_contiguous()) throw new InvalidOperationException("Bytes() called on non-contiguous tensor.");
                if (total > int.MaxValue) throw new ArgumentException("Span only supports up to int.MaxValue elements.");
                if (device_type != DeviceType.CPU)
                    throw new InvalidOperationException("Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
            }

            public unsafe void WriteBytesToStream(Stream stream, int bufferSize = 1024)
            {
                ValidateBytes(0);
                var data = (byte*)Data();
                for (long left = NumberOfElements * ElementSize; left > 0;) {
                    var count = (int)Math.Min(left, Math.Max(bufferSize, 1 << 16));
                    stream.Write(new ReadOnlySpan<byte>(data, count));
                    data += count;
                    left -= count;
                }
            }

            public unsafe void ReadBytesFromStream(Stream stream, int bufferSize = 1024)
            {
                ValidateBytes(0);
                var data = (byte*)Data();
                for (long left = NumberOfElements * ElementSize; left > 0;) {
                    var count = stream.Read(new Span<byte>(data, (int)Math.Min(left, Math.Max(bufferSize, 1 << 16))));
                    if (count == 0) throw new EndOfStreamException();
                    data += count;
                    left -= count;
                }
            }

            public float ReadCpuSingle(long i) => Utils.TensorAccessor<float>.ReadItemAt(this, i);

            public double ReadCpuDouble(long i) => Utils.TensorAccessor<double>.ReadItemAt(this, i);

            public int ReadCpuInt32(long i) => Utils.TensorAccessor<int>.ReadItemAt(this, i);

            public long ReadCpuInt64(long i) => Utils.TensorAccessor<long>.ReadItemAt(this, i);

            public byte ReadCpuByte(long i) => Utils.TensorAccessor<byte>.ReadItemAt(this, i);

            public override string ToString()
            {
                var text = new StringBuilder("[").AppendJoin('x', shape).Append(']');
                text.Append($", type = {dtype}, device = {device}");
                return text.ToString();
            }
        }
    }
}
