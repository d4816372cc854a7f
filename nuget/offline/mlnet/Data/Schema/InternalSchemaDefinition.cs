using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>A schema definition checked against the row class: each column with its member.</summary>
internal sealed class InternalSchemaDefinition
{
    private InternalSchemaDefinition(Column[] columns)
    {
        Columns = columns;
    }

    public Column[] Columns { get; }

    public static InternalSchemaDefinition Create(Type userType, SchemaDefinition definition, SchemaDefinition.Direction direction)
        => new((definition ?? SchemaDefinition.Create(userType, direction))
            .Select(column => Bind(userType, column))
            .Where(column => column != null)
            .ToArray());

    public DataViewSchema ToSchema()
    {
        var builder = new DataViewSchema.Builder();
        foreach (var column in Columns)
            builder.AddColumn(column.Name, column.Type, column.Annotations);
        return builder.ToSchema();
    }

    private static Column Bind(Type userType, SchemaDefinition.Column column)
    {
        var member = Members.Find(userType, column.MemberName);
        if (Members.TypeOf(member) == typeof(IChannel))
            return null;
        Members.GetVectorAndItemType(member, out bool isVector, out var rawItemType);
        string name = string.IsNullOrEmpty(column.ColumnName) ? column.MemberName : column.ColumnName;

        var type = column.ColumnType;
        if (type == null)
        {
            var itemType = ColumnTypeExtensions.PrimitiveTypeFromType(rawItemType);
            type = isVector ? new VectorDataViewType(itemType) : itemType;
        }
        if (isVector != type is VectorDataViewType)
        {
            throw Contracts.ExceptParam("userSchemaDefinition", "Column '{0}' is supposed to be {1}, but type of associated field '{2}' is {3}",
                name, isVector ? "scalar" : "vector", column.MemberName, isVector ? "vector" : "scalar");
        }
        if (type.GetItemType().RawType != rawItemType)
        {
            throw Contracts.ExceptParam("userSchemaDefinition", "Column '{0}' is supposed to have item type {1}, but associated field has type {2}",
                name, type.GetItemType().RawType, rawItemType);
        }
        return new Column(name, type, member, column.Annotations);
    }

    public sealed record Column(string Name, DataViewType Type, MemberInfo Member, DataViewSchema.Annotations Annotations)
    {
        public Type MemberType => Members.TypeOf(Member);
    }
}
