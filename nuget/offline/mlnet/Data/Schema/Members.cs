using System;
using System.Collections.Generic;
using System.Linq;
using System.Linq.Expressions;
using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>The public fields and properties of a user's row class: which of them are columns, and how to read and write them.</summary>
internal static class Members
{
    public static IEnumerable<MemberInfo> Of(Type userType, SchemaDefinition.Direction direction)
    {
        var properties = userType.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetIndexParameters().Length == 0
                && ((direction.HasFlag(SchemaDefinition.Direction.Read) && property.GetGetMethod() != null)
                    || (direction.HasFlag(SchemaDefinition.Direction.Write) && property.GetSetMethod() != null)));
        return userType.GetFields(BindingFlags.Public | BindingFlags.Instance).Concat<MemberInfo>(properties).Where(IsColumn);
    }

    public static bool IsColumn(MemberInfo member)
        => TypeOf(member) != typeof(IChannel) && member.GetCustomAttribute<NoColumnAttribute>() == null;

    public static MemberInfo Find(Type userType, string name)
        => (MemberInfo)userType.GetField(name)
            ?? userType.GetProperty(name)
            ?? throw Contracts.ExceptParam("userSchemaDefinition", "No field or property with name '{0}' found in type '{1}'", name, userType.FullName);

    public static string ColumnName(MemberInfo member) => member.GetCustomAttribute<ColumnNameAttribute>()?.Name ?? member.Name;

    public static Type TypeOf(MemberInfo member) => member is FieldInfo field ? field.FieldType : ((PropertyInfo)member).PropertyType;

    public static void GetMappedType(Type rawType, out Type itemType, out bool isVector)
    {
        isVector = rawType.IsArray || (rawType.IsGenericType && rawType.GetGenericTypeDefinition() == typeof(VBuffer<>));
        itemType = rawType.IsArray ? rawType.GetElementType() : isVector ? rawType.GetGenericArguments()[0] : rawType;
        if (itemType == typeof(string))
            itemType = typeof(ReadOnlyMemory<char>);
    }

    public static void GetVectorAndItemType(MemberInfo member, out bool isVector, out Type itemType)
    {
        GetMappedType(TypeOf(member), out itemType, out isVector);
        if (!ColumnTypeExtensions.IsStandard(itemType) && !DataViewTypeManager.Knows(itemType, member.GetCustomAttributes()))
            throw Contracts.ExceptParam("rawType", "Could not determine an IDataView type and registered custom types for member {0}", member.Name);
    }

    public static Func<TRow, TValue> MakeReader<TRow, TValue>(MemberInfo member)
    {
        var row = Expression.Parameter(typeof(TRow));
        return Expression.Lambda<Func<TRow, TValue>>(Expression.MakeMemberAccess(row, member), row).Compile();
    }

    public static Action<TRow, TValue> MakeWriter<TRow, TValue>(MemberInfo member)
    {
        var row = Expression.Parameter(typeof(TRow));
        var value = Expression.Parameter(typeof(TValue));
        return Expression.Lambda<Action<TRow, TValue>>(Expression.Assign(Expression.MakeMemberAccess(row, member), value), row, value).Compile();
    }
}
