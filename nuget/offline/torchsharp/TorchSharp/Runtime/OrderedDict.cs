using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;

namespace TorchSharp.Utils
{
    [AttributeUsage(AttributeTargets.All)]
    public class ComponentNameAttribute : Attribute
    {
        public string Name { get; set; }
    }

    /// <summary>A dictionary that keeps the order of insertion, which is the order of parameters and submodules.</summary>
    public class OrderedDict<TKey, TValue> : IEnumerable<(TKey, TValue)>
    {
        private readonly List<(TKey, TValue)> list = new List<(TKey, TValue)>();
        private readonly Dictionary<TKey, TValue> map = new Dictionary<TKey, TValue>();

        public int Count => map.Count;

        public ICollection<TKey> Keys => list.Select(pair => pair.Item1).ToList();

        public ICollection<TValue> Values => list.Select(pair => pair.Item2).ToList();

        public TValue this[TKey key] {
            get => map[key];
            set {
                if (!map.TryAdd(key, value)) {
                    map[key] = value;
                    list[IndexOf(key)] = (key, value);
                } else {
                    list.Add((key, value));
                }
            }
        }

        public void Add(TKey key, TValue value)
        {
            map.Add(key, value);
            list.Add((key, value));
        }

        internal bool TryAdd(TKey key, TValue value)
        {
            if (!map.TryAdd(key, value)) return false;
            list.Add((key, value));
            return true;
        }

        public bool ContainsKey(TKey key) => map.ContainsKey(key);

        public bool TryGetValue(TKey key, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out TValue value) => map.TryGetValue(key, out value);

        public bool Remove(TKey key)
        {
            if (!map.Remove(key)) return false;
            list.RemoveAt(IndexOf(key));
            return true;
        }

        public void Clear()
        {
            list.Clear();
            map.Clear();
        }

        public IEnumerator<(TKey, TValue)> GetEnumerator() => list.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        private int IndexOf(TKey key) => list.FindIndex(pair => pair.Item1.Equals(key));
    }
}
