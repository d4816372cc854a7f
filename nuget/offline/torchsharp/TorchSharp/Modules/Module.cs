using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using TorchSharp.Modules;
using TorchSharp.Utils;

#nullable enable
namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>
            /// A tree of modules that owns its parameters and buffers. Unlike the real package's it has no native
            /// counterpart: libtorch sees only tensors.
            /// </summary>
            public partial class Module : IDisposable
            {
                protected OrderedDict<string, Module> _internal_submodules = new OrderedDict<string, Module>();
                protected OrderedDict<string, (Tensor, bool)> _internal_buffers = new OrderedDict<string, (Tensor, bool)>();
                protected OrderedDict<string, Parameter> _internal_params = new OrderedDict<string, Parameter>();
                protected string? name;
                private bool isTraining = true;
                private bool componentsRegistered;
                private bool disposed;

                protected Module(string name)
                {
                    InitializeDeviceType(TorchSharp.DeviceType.CPU);
                    this.name = name;
                }

                public void Dispose()
                {
                    Dispose(true);
                    GC.SuppressFinalize(this);
                }

                protected virtual void Dispose(bool disposing)
                {
                    if (!disposing || disposed) return;
                    disposed = true;
                    foreach (var (_, buffer) in named_buffers(false)) buffer.DetachFromDisposeScope().Dispose();
                    foreach (var (_, parameter) in named_parameters(false)) parameter.DetachFromDisposeScope().Dispose();
                    foreach (var (_, module) in named_modules()) module.Dispose();
                }

                public virtual string GetName() => name ?? GetType().Name;

                public virtual Module apply(Action<Module> fn)
                {
                    foreach (var (_, module) in _internal_submodules) module.apply(fn);
                    fn(this);
                    return this;
                }

                public virtual void train(bool train = true)
                {
                    isTraining = train;
                    foreach (var (_, module) in named_children()) module.train(train);
                }

                public virtual void eval() => train(false);

                public virtual bool training => isTraining;

                public virtual void zero_grad(bool set_to_none = true)
                {
                    foreach (var (_, parameter) in named_parameters()) {
                        using var grad = parameter.grad;
                        if (grad is null) continue;
                        if (set_to_none)
                            parameter.grad = null;
                        else
                            grad.zero_();
                    }
                }

                public virtual IEnumerable<(string name, Module module)> named_children() => _internal_submodules;

                public virtual IEnumerable<Module> children() => named_children().Select(child => child.module);

                public virtual IEnumerable<(string name, Module module)> named_modules()
                {
                    foreach (var child in _internal_submodules) yield return child;
                    foreach (var (childName, child) in _internal_submodules)
                        foreach (var (moduleName, module) in child.named_modules())
                            yield return ($"{childName}.{moduleName}", module);
                }

                public virtual IEnumerable<Module> modules() => named_modules().Select(pair => pair.module);

                public virtual IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
                {
                    var seen = new HashSet<IntPtr> { IntPtr.Zero };
                    foreach (var own in _internal_params)
                        if (seen.Add(own.Item2.handle)) yield return own;
                    if (!recurse) yield break;
                    foreach (var (childName, child) in _internal_submodules)
                        foreach (var (parameterName, parameter) in child.named_parameters(true))
                            if (seen.Add(parameter.handle)) yield return ($"{childName}.{parameterName}", parameter);
                }

                public virtual IEnumerable<Parameter> parameters(bool recurse = true) => named_parameters(recurse).Select(pair => pair.parameter);

                // As in the real package, buffers that are not persistent are left out whatever the argument says.
                public virtual IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_nonpersistent = true)
                {
                    var seen = new HashSet<IntPtr> { IntPtr.Zero };
                    foreach (var (bufferName, (buffer, persistent)) in _internal_buffers)
                        if (persistent && seen.Add(buffer.handle)) yield return (bufferName, buffer);
                    if (!recurse) yield break;
                    foreach (var (childName, child) in _internal_submodules)
                        foreach (var (bufferName, buffer) in child.named_buffers(true, include_nonpersistent))
                            if (seen.Add(buffer.handle)) yield return ($"{childName}.{bufferName}", buffer);
                }

                public virtual IEnumerable<Tensor> buffers(bool recurse = true, bool include_nonpersistent = true) => named_buffers(recurse, include_nonpersistent).Select(pair => pair.buffer);

                public virtual bool has_parameter(string target) => get_parameter(target) is not null;

                public virtual bool has_buffer(string target) => get_buffer(target) is not null;

                public virtual Parameter? get_parameter(string target)
                    => _internal_params.TryGetValue(target, out var parameter) ? parameter : FindBelow(target, (child, rest) => child.get_parameter(rest));

                public virtual Tensor? get_buffer(string target)
                    => _internal_buffers.TryGetValue(target, out var buffer) ? buffer.Item1 : FindBelow(target, (child, rest) => child.get_buffer(rest));

                private T? FindBelow<T>(string target, Func<Module, string, T?> find) where T : class
                {
                    var dot = target.IndexOf('.');
                    if (dot < 0) return null;
                    return named_children().Where(child => child.name == target[..dot]).Select(child => find(child.module, target[(dot + 1)..])).FirstOrDefault(found => found is not null);
                }

                public virtual void register_buffer(string name, Tensor tensor, bool persistent = true)
                {
                    if (tensor is null || tensor.IsInvalid)
                        throw new ArgumentNullException(nameof(tensor), "A null tensor cannot be registered as a buffer.");
                    if (!_internal_buffers.TryAdd(name, (tensor, persistent)))
                        throw new InvalidOperationException($"Tensor {name} is already registered.");
                }

                public virtual void register_parameter(string name, Parameter param)
                {
                    if (param is null || param.IsInvalid)
                        throw new ArgumentNullException(nameof(param), "A null tensor cannot be registered as a parameter.");
                    if (!_internal_params.TryAdd(name, param))
                        throw new InvalidOperationException($"Parameter {name} is already registered.");
                }

                public void add_module(string name, Module module) => register_module(name, module);

                public virtual void register_module(string name, Module submodule)
                {
                    if (submodule is null || submodule.disposed) {
                        _internal_submodules.Remove(name);
                        return;
                    }
                    if (name.Contains('.')) throw new ArgumentException($"module name can't contain \".\", got: {name}");
                    if (string.IsNullOrEmpty(name)) throw new ArgumentException("module name can't be empty string \"\"");
                    if (_internal_submodules.ContainsKey(name)) throw new InvalidOperationException($"Sub-module {name} is already registered.");
                    submodule.RegisterComponents();
                    _internal_submodules.Add(name, submodule);
                }

                protected void ConditionallyRegisterParameter(string name, Tensor value) => ConditionallyRegisterParameter(name, value as Parameter);

                protected void ConditionallyRegisterParameter(string name, Parameter? value)
                {
                    if (value is null)
                        _internal_params.Remove(name);
                    else
                        _internal_params[name] = value;
                }

                protected void ConditionallyRegisterBuffer(string name, Tensor? value, bool persistent = true)
                {
                    if (value is null)
                        _internal_buffers.Remove(name);
                    else
                        _internal_buffers[name] = (value, persistent);
                }

                // Every field that holds a module, parameter or tensor becomes a component under the field's name.
                protected virtual void RegisterComponents()
                {
                    if (componentsRegistered) return;
                    foreach (var field in Fields()) {
                        var component = field.ComponentName();
                        if (_internal_submodules.ContainsKey(component) || _internal_params.ContainsKey(component) || _internal_buffers.ContainsKey(component)) continue;
                        switch (field.GetValue(this)) {
                        case Module module: register_module(component, module); break;
                        case Parameter parameter: register_parameter(component, parameter); break;
                        case Tensor tensor: register_buffer(component, tensor); break;
                        }
                    }
                    componentsRegistered = true;
                }

                protected void ClearModules() => _internal_submodules.Clear();

                private IEnumerable<FieldInfo> Fields()
                {
                    var seen = new HashSet<string>();
                    for (var type = GetType(); type is not null && type != typeof(object); type = type.BaseType)
                        foreach (var field in type.GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance))
                            if (seen.Add(field.Name)) yield return field;
                }
            }

            public interface IModule<T, TResult>
            {
                public TResult call(T input1);
            }

            public interface IModule<T1, T2, TResult>
            {
                public abstract TResult call(T1 input1, T2 input2);
            }
        }
    }

    public static class FieldInfoExtensionMethods
    {
        public static string ComponentName(this FieldInfo field) => field.GetCustomAttribute<ComponentNameAttribute>()?.Name ?? field.Name;
    }
}
