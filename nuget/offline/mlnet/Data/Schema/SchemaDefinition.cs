using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

public sealed class SchemaDefinition : List<SchemaDefinition.Column>
{
    private SchemaDefinition()
    {
    }

    [Flags]
    public enum Direction
    {
        Read = 1,
        Write = 2,
        Both = Read | Write,
    }

    public Column this[string columnName]
    {
        get => this.FirstOrDefault(column => column.ColumnName == columnName);
        set
        {
            Contracts.CheckValue(value, nameof(value));
            if (value.ColumnName != columnName)
            {
                throw Contracts.ExceptParam(nameof(columnName), "The column name is specified as '{0}' but must match the selector '{1}'.",
                    value.ColumnName, columnName);
            }
            int index = FindIndex(column => column.ColumnName == columnName);
            if (index >= 0)
                this[index] = value;
            else
                Add(value);
        }
    }

    public static SchemaDefinition Create(Type userType, Direction direction = Direction.Both)
    {
        Contracts.CheckValue(userType, nameof(userType));
        var definition = new SchemaDefinition();
        foreach (var member in Members.Of(userType, direction))
        {
            var attributes = member.GetCustomAttributes().ToArray();
            var typeAttributes = attributes.OfType<DataViewTypeAttribute>().ToArray();
            if (typeAttributes.Length > 1)
            {
                throw Contracts.ExceptParam(nameof(userType), "Member {0} cannot be marked with multiple attributes, {1}, derived from {2}.",
                    member.Name, string.Join<Attribute>(", ", typeAttributes), typeof(DataViewTypeAttribute));
            }
            typeAttributes.FirstOrDefault()?.Register();

            string name = Members.ColumnName(member);
            if (definition[name] != null)
                throw Contracts.ExceptParam(nameof(userType), "Duplicate column name '{0}' detected, this is disallowed", name);

            Members.GetVectorAndItemType(member, out bool isVector, out var itemType);
            var type = DataViewTypeManager.Knows(itemType, attributes)
                ? DataViewTypeManager.GetDataViewType(itemType, attributes)
                : StandardType(member, isVector, itemType);
            definition.Add(new Column(member.Name, type, name));
        }
        return definition;
    }

    private static DataViewType StandardType(MemberInfo member, bool isVector, Type rawItemType)
    {
        var key = member.GetCustomAttribute<KeyTypeAttribute>();
        if (key != null && !KeyDataViewType.IsValidDataType(rawItemType))
        {
            throw Contracts.ExceptParam("userType",
                "Member {0} marked with KeyType attribute, but does not appear to be a valid kind of data for a key type", member.Name);
        }
        PrimitiveDataViewType itemType = key != null
            ? new KeyDataViewType(rawItemType, key.Count)
            : ColumnTypeExtensions.PrimitiveTypeFromType(rawItemType);

        var vector = member.GetCustomAttribute<VectorTypeAttribute>();
        if (!isVector)
        {
            return vector == null
                ? itemType
                : throw Contracts.ExceptParam("userType", $"Member {member.Name} marked with VectorTypeAttribute, but does not appear to be a vector type");
        }
        return vector is { Dims.Length: > 0 } ? new VectorDataViewType(itemType, vector.Dims) : new VectorDataViewType(itemType);
    }

    public sealed class Column
    {
        internal Column(string memberName, DataViewType columnType, string columnName)
        {
            MemberName = memberName;
            ColumnType = columnType;
            ColumnName = columnName;
        }

        public string MemberName { get; }

        public string ColumnName { get; set; }

        public DataViewType ColumnType { get; set; }

        public DataViewSchema.Annotations Annotations
        {
            get
            {
                var builder = new DataViewSchema.Annotations.Builder();
                foreach (var (kind, info) in AnnotationInfos)
                    builder.Add(kind, info.Type, info.Getter);
                return builder.ToAnnotations();
            }
        }

        internal Dictionary<string, AnnotationInfo> AnnotationInfos { get; } = new();

        public void AddAnnotation<T>(string kind, T value, DataViewType annotationType)
        {
            Contracts.CheckValue(kind, nameof(kind));
            Contracts.CheckValue(annotationType, nameof(annotationType));
            if (!AnnotationInfos.TryAdd(kind, AnnotationInfo.Create(value, annotationType)))
                throw Contracts.Except("Column already contains an annotation of this kind.");
        }
    }
}
