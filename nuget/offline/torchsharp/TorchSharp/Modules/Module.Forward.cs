using System;
using System.Collections.Generic;

#nullable enable
namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public class HookableModule<TPreHook, TPostHook> : Module
            {
                protected HookableModule(string name) : base(name) { }

                protected Dictionary<string, TPreHook> pre_hooks = new Dictionary<string, TPreHook>();
                protected Dictionary<string, TPostHook> post_hooks = new Dictionary<string, TPostHook>();

                public HookRemover register_forward_hook(TPostHook hook)
                {
                    var key = Guid.NewGuid().ToString();
                    post_hooks.Add(key, hook);
                    return new HookRemover(this, key);
                }

                public HookRemover register_forward_pre_hook(TPreHook hook)
                {
                    var key = Guid.NewGuid().ToString();
                    pre_hooks.Add(key, hook);
                    return new HookRemover(this, key);
                }

                public class HookRemover
                {
                    private readonly HookableModule<TPreHook, TPostHook> module;
                    private readonly string key;

                    public HookRemover(HookableModule<TPreHook, TPostHook> module, string key)
                    {
                        this.module = module;
                        this.key = key;
                    }

                    public void remove()
                    {
                        module.pre_hooks.Remove(key);
                        module.post_hooks.Remove(key);
                    }
                }
            }

            public abstract class Module<T, TResult> : HookableModule<Func<Module<T, TResult>, T, T>, Func<Module<T, TResult>, T, TResult, TResult>>, IModule<T, TResult>
            {
                protected Module(string name) : base(name) { }

                public abstract TResult forward(T input);

                public TResult call(T input)
                {
                    foreach (var hook in pre_hooks.Values)
                        if (hook(this, input) is { } modified) input = modified;
                    var result = forward(input);
                    foreach (var hook in post_hooks.Values)
                        if (hook(this, input, result) is { } modified) result = modified;
                    return result;
                }
            }

            public abstract class Module<T1, T2, TResult> : HookableModule<Func<Module<T1, T2, TResult>, T1, T2, (T1, T2)?>, Func<Module<T1, T2, TResult>, T1, T2, TResult, TResult>>, IModule<T1, T2, TResult>
            {
                protected Module(string name) : base(name) { }

                public abstract TResult forward(T1 input1, T2 input2);

                public TResult call(T1 input1, T2 input2)
                {
                    foreach (var hook in pre_hooks.Values)
                        if (hook(this, input1, input2) is { } modified) (input1, input2) = modified;
                    var result = forward(input1, input2);
                    foreach (var hook in post_hooks.Values)
                        if (hook(this, input1, input2, result) is { } modified) result = modified;
                    return result;
                }
            }
        }
    }
}
