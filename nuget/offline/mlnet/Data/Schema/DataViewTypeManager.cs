using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

public static class DataViewTypeManager
{
    private static readonly object _lock = new();
    private static readonly Dictionary<RegisteredType, DataViewType> _dataViewTypes = new();
    private static readonly Dictionary<DataViewType, RegisteredType> _rawTypes = new();

    public static void Register(DataViewType dataViewType, Type type, DataViewTypeAttribute typeAttribute = null)
    {
        lock (_lock)
        {
            if (ColumnTypeExtensions.IsStandard(type) || type == typeof(VBuffer<>) || type == typeof(Nullable<>))
                throw Contracts.ExceptParam(nameof(type), $"Type {type} has been registered as ML.NET's default supported type, so it can't not be registered again.");

            var rawType = new RegisteredType(type, typeAttribute);
            if (_dataViewTypes.TryGetValue(rawType, out var knownType) && !knownType.Equals(dataViewType))
            {
                throw Contracts.ExceptParam(nameof(type),
                    $"Repeated type register. The raw type {type} has been associated with {knownType} so it cannot be associated with {dataViewType}.");
            }
            if (_rawTypes.TryGetValue(dataViewType, out var knownRawType) && !knownRawType.Equals(rawType))
            {
                throw Contracts.ExceptParam(nameof(dataViewType),
                    $"Repeated type register. The DataView type {dataViewType} has been associated with {knownRawType.Type} so it cannot be associated with {type}.");
            }
            // The instance of the first registration stays: schema shapes are compared by reference.
            _dataViewTypes.TryAdd(rawType, dataViewType);
            _rawTypes.TryAdd(dataViewType, rawType);
        }
    }

    internal static DataViewType GetDataViewType(Type type, IEnumerable<Attribute> typeAttributes = null)
        => Find(type, typeAttributes)
            ?? throw Contracts.ExceptParam(nameof(type), $"The raw type {type} with attributes {typeAttributes} is not registered with a DataView type.");

    internal static bool Knows(Type type, IEnumerable<Attribute> typeAttributes = null) => Find(type, typeAttributes) != null;

    internal static bool Knows(DataViewType dataViewType)
    {
        lock (_lock)
            return _rawTypes.ContainsKey(dataViewType);
    }

    private static DataViewType Find(Type type, IEnumerable<Attribute> typeAttributes)
    {
        var attributes = typeAttributes?.OfType<DataViewTypeAttribute>().ToArray() ?? [];
        if (attributes.Length > 1)
        {
            throw Contracts.ExceptParam(nameof(type), "Type {0} cannot be marked with multiple attributes, {1}, derived from {2}.",
                type.Name, string.Join<Attribute>(", ", attributes), typeof(DataViewTypeAttribute));
        }
        lock (_lock)
            return _dataViewTypes.GetValueOrDefault(new RegisteredType(type, attributes.FirstOrDefault()));
    }

    private readonly struct RegisteredType(Type type, DataViewTypeAttribute attribute) : IEquatable<RegisteredType>
    {
        private readonly DataViewTypeAttribute _attribute = attribute;

        public Type Type { get; } = type;

        public bool Equals(RegisteredType other)
            => Type == other.Type && (_attribute == null ? other._attribute == null : other._attribute != null && _attribute.Equals(other._attribute));

        public override bool Equals(object obj) => obj is RegisteredType other && Equals(other);

        public override int GetHashCode() => HashCode.Combine(Type, _attribute);
    }
}
