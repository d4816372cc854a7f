using System;
using System.Collections.Generic;
using System.Linq;

namespace TorchSharp
{
    internal sealed class GradMode : IDisposable
    {
        private readonly bool before;

        public GradMode(bool enabled)
        {
            torch.InitializeDeviceType(DeviceType.CPU);
            before = Native.ths_grad_enabled();
            Native.ths_set_grad_enabled(enabled);
        }

        public void Dispose() => Native.ths_set_grad_enabled(before);
    }

    internal sealed class InferenceGuard : IDisposable
    {
        private IntPtr guard;

        public InferenceGuard(bool enabled)
        {
            torch.InitializeDeviceType(DeviceType.CPU);
            guard = Native.ths_inference_new(enabled);
            if (guard == IntPtr.Zero) torch.CheckForErrors();
        }

        public void Dispose()
        {
            if (guard != IntPtr.Zero) Native.ths_inference_dispose(guard);
            guard = IntPtr.Zero;
        }
    }

    public static partial class torch
    {
#nullable enable
        public static IDisposable no_grad() => new GradMode(false);

        public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);

        public static IDisposable set_grad_enabled(bool mode = true) => new GradMode(mode);

        public static bool is_grad_enabled() => Native.ths_grad_enabled();

        public static IDisposable inference_mode(bool mode = true) => new InferenceGuard(mode);

        public static bool is_inference_mode_enabled() => Native.ths_inference_enabled();

#nullable disable
        public static partial class autograd
        {
            public static unsafe IList<Tensor> grad(IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor> grad_outputs = null, bool retain_graph = false, bool create_graph = false, bool allow_unused = false)
            {
                IntPtr[] outs = Handles(outputs), ins = Handles(inputs), grads = Handles(grad_outputs), results = new IntPtr[ins.Length];
                fixed (IntPtr* pouts = outs, pins = ins, pgrads = grads, presults = results)
                    Native.ths_grad(pouts, outs.Length, pins, ins.Length, pgrads, grads.Length, retain_graph, create_graph, allow_unused, presults);
                GC.KeepAlive(outputs);
                GC.KeepAlive(inputs);
                GC.KeepAlive(grad_outputs);
                CheckForErrors();
                return results.Select(x => new Tensor(x)).ToList();
            }

            public static unsafe void backward(IList<Tensor> tensors, IList<Tensor> grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor> inputs = null)
            {
                IntPtr[] roots = Handles(tensors), grads = Handles(grad_tensors), ins = Handles(inputs);
                fixed (IntPtr* proots = roots, pgrads = grads, pins = ins)
                    Native.ths_backward(proots, roots.Length, pgrads, grads.Length, retain_graph ?? create_graph, create_graph, pins, ins.Length);
                GC.KeepAlive(tensors);
                GC.KeepAlive(grad_tensors);
                GC.KeepAlive(inputs);
                CheckForErrors();
            }

            public static void backward(Tensor tensor, IList<Tensor> grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor> inputs = null)
                => backward(new[] { tensor }, grad_tensors, retain_graph, create_graph, inputs);

            public static void backward(Tensor tensor, Tensor grad_tensor, bool? retain_graph = null, bool create_graph = false, IList<Tensor> inputs = null)
                => backward(new[] { tensor }, new[] { grad_tensor }, retain_graph, create_graph, inputs);

            private static IntPtr[] Handles(IList<Tensor> tensors) => tensors is null ? Array.Empty<IntPtr>() : tensors.Select(t => t.Handle).ToArray();
        }
    }
}
