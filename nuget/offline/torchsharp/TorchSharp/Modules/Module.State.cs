using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

#nullable enable
namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public partial class Module
            {
                // All parameters first, then all buffers, which is not PyTorch's order.
                public virtual Dictionary<string, Tensor> state_dict(Dictionary<string, Tensor>? destination = null, string? prefix = null)
                {
                    destination ??= new Dictionary<string, Tensor>();
                    string Key(string own) => string.IsNullOrEmpty(prefix) ? own : $"{prefix}.{own}";
                    foreach (var (parameterName, parameter) in named_parameters()) destination.TryAdd(Key(parameterName), parameter);
                    foreach (var (bufferName, buffer) in named_buffers(include_nonpersistent: false)) destination.TryAdd(Key(bufferName), buffer);
                    foreach (var (childName, child) in _internal_submodules) child.state_dict(destination, Key(childName));
                    return destination;
                }

                public virtual (IList<string> missing_keys, IList<string> unexpected_keyes) load_state_dict(Dictionary<string, Tensor> source, bool strict = true, IList<string>? skip = null)
                {
                    skip ??= Array.Empty<string>();
                    var destination = state_dict();
                    var unexpected = source.Keys.Where(key => !skip.Contains(key) && !destination.ContainsKey(key)).ToList();
                    var missing = destination.Keys.Where(key => !skip.Contains(key) && !source.ContainsKey(key)).ToList();
                    if (strict && (missing.Count > 0 || unexpected.Count > 0))
                        throw new InvalidOperationException("The loaded state_dict is not identical to the target dictionary.");
                    using var _ = no_grad();
                    foreach (var (key, value) in source)
                        if (!skip.Contains(key) && destination.TryGetValue(key, out var target)) target.copy_(value);
                    return (missing, unexpected);
                }

                public Module save(string location, IList<string>? skip = null)
                {
                    using var writer = new BinaryWriter(File.Create(location));
                    return save(writer, skip);
                }

                public Module save(BinaryWriter writer, IList<string>? skip = null)
                {
                    save_state_dict(writer, state_dict(), skip);
                    return this;
                }

                public Module save(Stream stream, IList<string>? skip = null)
                {
                    using var writer = new BinaryWriter(stream);
                    return save(writer, skip);
                }

                public static void save_state_dict(BinaryWriter writer, Dictionary<string, Tensor> sd, IList<string>? skip = null)
                {
                    var kept = sd.Where(pair => skip is null || !skip.Contains(pair.Key)).ToList();
                    writer.Encode(kept.Count);
                    foreach (var (key, value) in kept) {
                        writer.Write(key);
                        value.Save(writer);
                    }
                }

                public virtual Module load(string location, bool strict = true, IList<string>? skip = null, Dictionary<string, bool>? loadedParameters = null)
                {
                    if (!File.Exists(location)) throw new FileNotFoundException(location);
                    using var reader = new BinaryReader(File.OpenRead(location));
                    return load(reader, strict, skip, loadedParameters);
                }

                public virtual Module load(BinaryReader reader, bool strict = true, IList<string>? skip = null, Dictionary<string, bool>? loadedParameters = null)
                {
                    skip ??= Array.Empty<string>();
                    var state = state_dict();
                    var entries = reader.Decode();
                    if (entries != state.Count && strict)
                        throw new ArgumentException($"Mismatched state_dict sizes: expected {state.Count}, but found {entries} entries.");
                    for (var i = 0L; i < entries; i++) {
                        var key = reader.ReadString();
                        var found = state.TryGetValue(key, out var target);
                        if (!found && strict)
                            throw new ArgumentException($"Mismatched module state names: the target modules does not have a submodule or buffer named '{key}'");
                        if (found && !skip.Contains(key))
                            target!.Load(reader);
                        else
                            TensorExtensionMethods.Load(reader, skip: true).Dispose();
                        loadedParameters?.Add(key, found);
                    }
                    return this;
                }

                public Module load(Stream stream, bool strict = true, IList<string>? skip = null, Dictionary<string, bool>? loadedParameters = null)
                {
                    using var reader = new BinaryReader(stream);
                    return load(reader, strict, skip, loadedParameters);
                }
            }
        }
    }
}
