using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Binds the columns of a schema to the members of a row class and fills its objects from rows.</summary>
internal sealed class TypedRowReader<TRow>
    where TRow : class
{
    private readonly IHost _host;
    private readonly List<(InternalSchemaDefinition.Column Member, DataViewSchema.Column Column)> _bindings = new();

    public TypedRowReader(IHostEnvironment env, DataViewSchema schema, bool ignoreMissingColumns, SchemaDefinition definition)
    {
        _host = env.Register("TypedCursorable");
        CheckMemberTypes(definition, schema);
        foreach (var member in InternalSchemaDefinition.Create(typeof(TRow), definition, SchemaDefinition.Direction.Write).Columns)
        {
            var column = schema.GetColumnOrNull(member.Name);
            if (column == null)
            {
                if (ignoreMissingColumns)
                    continue;
                throw _host.ExceptSchemaMismatch("Schema", "", member.Name);
            }
            Members.GetVectorAndItemType(member.Member, out bool isVector, out var itemType);
            if (isVector != column.Value.Type is VectorDataViewType || column.Value.Type.GetItemType().RawType != itemType)
            {
                throw _host.Except("Can't bind the IDataView column '{0}' of type '{1}' to field or property '{2}' of type '{3}'.",
                    member.Name, column.Value.Type, member.Member.Name, member.MemberType.FullName);
            }
            _bindings.Add((member, column.Value));
        }
    }

    public IEnumerable<DataViewSchema.Column> Dependencies => _bindings.Select(binding => binding.Column);

    /// <summary>Returns what copies the current values of <paramref name="input"/> into an object.</summary>
    public Action<TRow> MakeFiller(DataViewRow input)
    {
        var setters = _bindings.Select(binding => MakeSetter(input, binding.Member, binding.Column)).ToArray();
        return row =>
        {
            foreach (var setter in setters)
                setter(row);
        };
    }

    private static void CheckMemberTypes(SchemaDefinition definition, DataViewSchema schema)
    {
        var members = definition == null
            ? Members.Of(typeof(TRow), SchemaDefinition.Direction.Write)
            : definition.Select(column => Members.Find(typeof(TRow), column.MemberName)).Where(Members.IsColumn);
        foreach (var member in members)
        {
            Members.GetMappedType(Members.TypeOf(member), out var type, out _);
            if (ColumnTypeExtensions.IsStandard(type) || DataViewTypeManager.Knows(type, member.GetCustomAttributes()))
                continue;
            string name = Members.ColumnName(member);
            var expected = schema[schema.GetColumnOrNull(name)?.Index ?? -1].Type.RawType;
            if (type != expected)
            {
                throw Contracts.ExceptParam("actualType",
                    $"The expected type '{expected}' does not match the type of the '{name}' member: '{type}'. Please change the {name} member to '{expected}'");
            }
        }
    }

    private Action<TRow> MakeSetter(DataViewRow input, InternalSchemaDefinition.Column member, DataViewSchema.Column column)
    {
        if (member.MemberType == typeof(string))
            return Text(input, member.Member, column);
        if (member.MemberType == typeof(string[]))
            return Texts(input, member.Member, column);
        if (member.MemberType.IsArray)
            return Generic.Invoke(Array<int>, member.MemberType.GetElementType(), input, member.Member, column);
        if (column.Type is VectorDataViewType vector)
            return Generic.Invoke(Vector<int>, vector.ItemType.RawType, input, member.Member, column);
        if (column.Type is PrimitiveDataViewType || DataViewTypeManager.Knows(column.Type))
            return Generic.Invoke(Value<int>, member.MemberType, input, member.Member, column);
        throw _host.ExceptNotImpl("Type '{0}' is not yet supported.", member.MemberType.FullName);
    }

    private static Action<TRow> Value<T>(DataViewRow input, MemberInfo member, DataViewSchema.Column column)
    {
        var getter = input.GetGetter<T>(column);
        var write = Members.MakeWriter<TRow, T>(member);
        T value = default;
        return row =>
        {
            // The getter sees the last value again: getters of disposable types dispose it.
            getter(ref value);
            write(row, value);
        };
    }

    private static Action<TRow> Text(DataViewRow input, MemberInfo member, DataViewSchema.Column column)
    {
        var getter = input.GetGetter<ReadOnlyMemory<char>>(column);
        var write = Members.MakeWriter<TRow, string>(member);
        ReadOnlyMemory<char> value = default;
        return row =>
        {
            getter(ref value);
            write(row, value.ToString());
        };
    }

    private static Action<TRow> Texts(DataViewRow input, MemberInfo member, DataViewSchema.Column column)
    {
        var getter = input.GetGetter<VBuffer<ReadOnlyMemory<char>>>(column);
        var read = Members.MakeReader<TRow, string[]>(member);
        var write = Members.MakeWriter<TRow, string[]>(member);
        VBuffer<ReadOnlyMemory<char>> value = default;
        return row =>
        {
            getter(ref value);
            var texts = read(row);
            if ((texts?.Length ?? 0) != value.Length)
                texts = new string[value.Length];
            foreach (var (i, text) in value.Items(all: true))
                texts[i] = text.ToString();
            write(row, texts);
        };
    }

    private static Action<TRow> Array<T>(DataViewRow input, MemberInfo member, DataViewSchema.Column column)
    {
        var getter = input.GetGetter<VBuffer<T>>(column);
        var read = Members.MakeReader<TRow, T[]>(member);
        var write = Members.MakeWriter<TRow, T[]>(member);
        VBuffer<T> value = default;
        return row =>
        {
            getter(ref value);
            var array = read(row);
            // An empty vector leaves a null array null.
            if ((array?.Length ?? 0) != value.Length || !value.IsDense)
                array = new T[value.Length];
            value.CopyTo(array);
            write(row, array);
        };
    }

    private static Action<TRow> Vector<T>(DataViewRow input, MemberInfo member, DataViewSchema.Column column)
    {
        var getter = input.GetGetter<VBuffer<T>>(column);
        var read = Members.MakeReader<TRow, VBuffer<T>>(member);
        var write = Members.MakeWriter<TRow, VBuffer<T>>(member);
        return row =>
        {
            var value = read(row);
            getter(ref value);
            write(row, value);
        };
    }
}
