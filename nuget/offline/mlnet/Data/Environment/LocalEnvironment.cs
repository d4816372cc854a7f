using System;
using System.Collections.Generic;
using System.IO;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>The environment behind an MLContext, and (as <see cref="Host"/>) of each component that registers with it.</summary>
internal class LocalEnvironment : IHostEnvironmentInternal
{
    private readonly LocalEnvironment _root;
    private readonly string _name;
    private readonly Random _random;
    private readonly Dictionary<string, object> _options = new();

    public LocalEnvironment(int? seed = null)
    {
        _root = this;
        Seed = seed;
        _random = seed == null ? new Random() : new Random(seed.Value);
        ComponentCatalog = new ComponentCatalog();
    }

    private LocalEnvironment(LocalEnvironment parent, string name, int? seed)
    {
        _root = parent._root;
        _name = name;
        Seed = parent.Seed;
        lock (_root._random)
            _random = new Random(seed ?? _root._random.Next());
        ComponentCatalog = parent.ComponentCatalog;
        TempFilePath = parent.TempFilePath;
        GpuDeviceId = parent.GpuDeviceId;
        FallbackToCpu = parent.FallbackToCpu;
    }

    public event Action<string, ChannelMessage> MessageSent;

    public ComponentCatalog ComponentCatalog { get; }

    public int? Seed { get; }

    public string TempFilePath { get; set; } = Path.GetTempPath();

    public int? GpuDeviceId { get; set; }

    public bool FallbackToCpu { get; set; }

    public string ContextDescription => _name ?? "HostEnvironment";

    public IHost Register(string name, int? seed = null, bool? verbose = null)
    {
        Contracts.CheckNonEmpty(name, nameof(name));
        return new Host(this, name, seed);
    }

    public IChannel Start(string name) => new Channel(this, FullName(name), (source, message) => _root.MessageSent?.Invoke(source, message));

    // Nothing listens to pipes of other messages.
    public IPipe<TMessage> StartPipe<TMessage>(string name) => new Pipe<TMessage>(this, FullName(name), (_, _) => { });

    public IProgressChannel StartProgressChannel(string name) => new SilentProgress();

    public TException Process<TException>(TException ex)
        where TException : Exception
    {
        ex.Data["Throwing component"] = _name ?? "Environment";
        return Contracts.Mark(ex);
    }

    public bool TryAddOption<T>(string name, T value)
    {
        CheckOptionName(name);
        return _options.TryAdd(name, value);
    }

    public void SetOption<T>(string name, T value)
    {
        CheckOptionName(name);
        _options[name] = value;
    }

    public bool TryGetOption<T>(string name, out T value)
    {
        CheckOptionName(name);
        bool found = _options.TryGetValue(name, out object boxed) && boxed is T;
        value = found ? (T)boxed : default;
        return found;
    }

    public T GetOptionOrDefault<T>(string name)
    {
        CheckOptionName(name);
        TryAddOption<T>(name, default);
        return (T)_options[name];
    }

    public bool RemoveOption(string name)
    {
        CheckOptionName(name);
        return _options.Remove(name);
    }

    private static void CheckOptionName(string name)
    {
        if (string.IsNullOrWhiteSpace(name))
            throw new ArgumentNullException(nameof(name));
    }

    private string FullName(string channel) => _name == null ? channel : $"{_name}; {channel}";

    private sealed class Host(LocalEnvironment parent, string name, int? seed) : LocalEnvironment(parent, name, seed), IHost
    {
        public Random Rand => _random;
    }

    private sealed class SilentProgress : IProgressChannel
    {
        public IProgressChannel StartProgressChannel(string name) => new SilentProgress();

        public void SetHeader(ProgressHeader header, Action<IProgressEntry> fillAction)
        {
        }

        public void Checkpoint(params double?[] values)
        {
        }

        public void Dispose()
        {
        }
    }
}
