using System;
using System.Linq;
using TorchSharp.Modules;

#nullable enable
namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public partial class Module
            {
                protected internal virtual Module _to(Device device, ScalarType dtype, bool non_blocking)
                {
                    CheckType(dtype);
                    return Move(device, dtype);
                }

                protected internal virtual Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking)
                    => Move(new Device(deviceType, deviceType == TorchSharp.DeviceType.CUDA ? deviceIndex : -1), null);

                protected internal virtual Module _to(ScalarType dtype, bool non_blocking)
                {
                    CheckType(dtype);
                    return Move(null, dtype);
                }

                private static void CheckType(ScalarType dtype)
                {
                    if (!is_floating_point(dtype))
                        throw new ArgumentException($"nn.Module.to only accepts floating point or complex types, but got desired dtype={dtype}");
                }

                // Replaces what has to change; a property or field that holds the old tensor gets the new one.
                private Module Move(Device? device, ScalarType? dtype)
                {
                    if (device is not null) {
                        if (device.type == TorchSharp.DeviceType.CUDA && !torch.cuda.is_available()) throw new InvalidOperationException("CUDA is not available.");
                        InitializeDeviceType(device.type);
                    }
                    foreach (var (_, child) in named_children()) {
                        if (device is null) child._to(dtype!.Value, false);
                        else if (dtype is null) child._to(device.type, device.index, false);
                        else child._to(device, dtype.Value, false);
                    }
                    foreach (var (key, parameter) in named_parameters(false).ToList())
                        if (ReplaceParameter(dtype, device, parameter, out var moved)) Replace(key, parameter, moved!, () => ConditionallyRegisterParameter(key, moved));
                    foreach (var (key, buffer) in named_buffers(false).ToList())
                        if (ReplaceBuffer(dtype, device, buffer, out var moved)) Replace(key, buffer, moved!, () => ConditionallyRegisterBuffer(key, moved));
                    return this;
                }

                private void Replace(string key, Tensor before, Tensor after, Action register)
                {
                    var property = GetType().GetProperty(key);
                    if (property is not null && property.CanWrite) {
                        property.SetValue(this, after);
                        return;
                    }
                    before.Dispose();
                    register();
                    Fields().FirstOrDefault(f => f.ComponentName() == key)?.SetValue(this, after);
                }

                protected static bool ReplaceBuffer(ScalarType? dtype, Device? device, Tensor buffer, out Tensor? result)
                {
                    result = null;
                    var type = dtype.HasValue && buffer.is_floating_point() ? dtype.Value : buffer.dtype;
                    if (!buffer.toWillCopy(type, device ?? buffer.device)) return false;
                    result = buffer.to(type, device ?? buffer.device, disposeAfter: true).DetachFromDisposeScope();
                    return true;
                }

                protected static bool ReplaceParameter(ScalarType? dtype, Device? device, Parameter param, out Parameter? p)
                {
                    p = null;
                    var type = dtype.HasValue && param.is_floating_point() ? dtype.Value : param.dtype;
                    if (!param.toWillCopy(type, device ?? param.device)) return false;
                    using var _ = no_grad();
                    p = new Parameter(param.to(type, device ?? param.device), param.requires_grad);
                    p.DetachFromDisposeScope();
                    using var grad = param.grad;
                    if (grad is not null) {
                        using var movedGrad = grad.to(type, device ?? param.device);
                        p.grad = movedGrad;
                    }
                    return true;
                }
            }
        }
    }

    public static class ModuleExtensionMethods
    {
        public static T to<T>(this T module, torch.ScalarType type, bool non_blocking = false) where T : torch.nn.Module => (T)module._to(type, non_blocking);

        public static T to<T>(this T module, torch.Device device, torch.ScalarType type, bool non_blocking = false) where T : torch.nn.Module => (T)module._to(device, type, non_blocking);

        public static T to<T>(this T module, DeviceType deviceType, int deviceIndex = -1, bool non_blocking = false) where T : torch.nn.Module => (T)module._to(deviceType, deviceIndex, non_blocking);

        public static T to<T>(this T module, torch.Device device, bool non_blocking = false) where T : torch.nn.Module => (T)module._to(device.type, device.index, non_blocking);

        public static T to<T>(this T module, string device, bool non_blocking = false) where T : torch.nn.Module => module.to(new torch.Device(device), non_blocking);

        public static T cpu<T>(this T module, bool non_blocking = false) where T : torch.nn.Module => (T)module._to(DeviceType.CPU, -1, non_blocking);

        public static T cuda<T>(this T module, int deviceIndex = -1, bool non_blocking = false) where T : torch.nn.Module => (T)module._to(DeviceType.CUDA, deviceIndex, non_blocking);

        public static T half<T>(this T module, bool non_blocking = false) where T : torch.nn.Module => module.to(torch.ScalarType.Float16, non_blocking);

        public static T @float<T>(this T module, bool non_blocking = false) where T : torch.nn.Module => module.to(torch.ScalarType.Float32, non_blocking);

        public static T @double<T>(this T module, bool non_blocking = false) where T : torch.nn.Module => module.to(torch.ScalarType.Float64, non_blocking);
    }
}
