using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace TorchSharp
{
    using Modules;

    namespace Modules
    {
#nullable enable
        public class Sequential : nn.Module<Tensor, Tensor>
        {
            private readonly List<(string name, nn.IModule<Tensor, Tensor> module)> items = new();

            internal Sequential() : base(nameof(Sequential)) { }

            protected Sequential(params (string name, nn.Module<Tensor, Tensor> submodule)[] modules) : this()
            {
                foreach (var (name, module) in modules) append(name, module);
            }

            protected Sequential(params nn.Module<Tensor, Tensor>[] modules) : this()
            {
                foreach (var module in modules) append(module);
            }

            public Sequential append(string name, nn.IModule<Tensor, Tensor> module)
            {
                items.Add((name, module));
                return this;
            }

            public Sequential append(nn.IModule<Tensor, Tensor> module) => append(items.Count.ToString(), module);

            private IEnumerable<(string, nn.Module)> Items => items.Select(item => (item.name, (nn.Module)item.module));

            public override IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
            {
                if (!recurse) yield break;
                var seen = new HashSet<IntPtr> { IntPtr.Zero };
                foreach (var (name, module) in Items)
                    foreach (var (parameterName, parameter) in module.named_parameters(true))
                        if (seen.Add(parameter.handle)) yield return ($"{name}.{parameterName}", parameter);
            }

            public override IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_persistent = true)
            {
                if (!recurse) yield break;
                var seen = new HashSet<IntPtr> { IntPtr.Zero };
                foreach (var (name, module) in Items)
                    foreach (var (bufferName, buffer) in module.named_buffers(true, include_persistent))
                        if (seen.Add(buffer.handle)) yield return ($"{name}.{bufferName}", buffer);
            }

            public override IEnumerable<(string name, nn.Module module)> named_children() => Items;

            public override IEnumerable<(string name, nn.Module module)> named_modules()
            {
                foreach (var item in Items) yield return item;
                foreach (var (name, module) in Items)
                    foreach (var (below, found) in module.named_modules())
                        yield return ($"{name}.{below}", found);
            }

            // Every result but the last is disposed: a module that returns its own argument would lose the caller's tensor.
            public override Tensor forward(Tensor tensor)
            {
                if (items.Count == 0) return tensor.alias();
                var result = items[0].module.call(tensor);
                for (var i = 1; i < items.Count; i++) {
                    var next = items[i].module.call(result);
                    result.Dispose();
                    result = next;
                }
                return result;
            }

            public override nn.Module apply(Action<nn.Module> fn)
            {
                foreach (var (_, module) in Items) module.apply(fn);
                fn(this);
                return this;
            }

            public int Count => items.Count;

            [IndexerName("SequentialItems")]
            public nn.IModule<Tensor, Tensor> this[int index] => items[index].module;

            protected override void Dispose(bool disposing)
            {
                if (disposing)
                    foreach (var (_, module) in Items) module.Dispose();
                base.Dispose(disposing);
            }
        }
#nullable disable

        public class ModuleList<T> : nn.Module, IList<T> where T : nn.Module
        {
            private readonly List<T> list = new List<T>();
            private bool registered;

            public ModuleList(params T[] modules) : base(nameof(ModuleList<T>)) => append(modules);

            protected override void RegisterComponents()
            {
                if (registered) return;
                for (var i = 0; i < list.Count; i++) register_module($"{i}", list[i]);
                registered = true;
            }

            public T this[int index] {
                get => list[index];
                set => list[index] = value;
            }

            public int Count => list.Count;

            public bool IsReadOnly => false;

            public void Add(T item) => list.Add(item);

            public void append(params T[] parameters)
            {
                if (parameters != null) list.AddRange(parameters);
            }

            public void extend(IEnumerable<T> modules) => list.AddRange(modules);

            public void Clear() => list.Clear();

            public bool Contains(T item) => list.Contains(item);

            public void CopyTo(T[] array, int arrayIndex) => list.CopyTo(array, arrayIndex);

            public int IndexOf(T item) => list.IndexOf(item);

            public void Insert(int index, T item) => list.Insert(index, item);

            public bool Remove(T item) => list.Remove(item);

            public void RemoveAt(int index) => list.RemoveAt(index);

            public IEnumerator<T> GetEnumerator() => list.GetEnumerator();

            IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
#nullable enable
            public static Sequential Sequential() => new Sequential();

            public static Sequential Sequential(params (string name, Module<Tensor, Tensor> submodule)[] modules) => Sequential((IEnumerable<(string, Module<Tensor, Tensor>)>)modules);

            public static Sequential Sequential(params Module<Tensor, Tensor>[] modules) => Sequential((IEnumerable<Module<Tensor, Tensor>>)modules);

            public static Sequential Sequential(IEnumerable<(string name, Module<Tensor, Tensor> submodule)> modules)
            {
                var result = Sequential();
                foreach (var (name, module) in modules) result.append(name, module);
                return result;
            }

            public static Sequential Sequential(IEnumerable<Module<Tensor, Tensor>> modules)
            {
                var result = Sequential();
                foreach (var module in modules) result.append(module);
                return result;
            }

#nullable disable
            public static ModuleList<Module> ModuleList(params Module[] modules) => new ModuleList<Module>(modules);

            public static ModuleList<T> ModuleList<T>(params T[] modules) where T : Module => new ModuleList<T>(modules);
        }
    }
}
