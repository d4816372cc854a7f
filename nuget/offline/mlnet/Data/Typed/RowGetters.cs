using System;
using System.Linq;
using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Getters over the members of a row object: what LoadFromEnumerable and the input of a prediction engine are made of.</summary>
internal sealed class RowGetters<TRow>(IExceptionContext ectx, Func<TRow> current)
    where TRow : class
{
    public Delegate Make(InternalSchemaDefinition.Column column)
    {
        var memberType = column.MemberType;
        if (memberType == typeof(string))
            return Text(column.Member);
        if (memberType == typeof(string[]))
            return Texts(column.Member);
        if (memberType.IsArray)
            return Generic.Invoke(Array<int>, memberType.GetElementType(), column.Member);
        if (column.Type is VectorDataViewType vector)
            return Generic.Invoke(Vector<int>, vector.ItemType.RawType, column.Member);
        if (column.Type is KeyDataViewType key)
            return Generic.Invoke(Key<int>, key.RawType, column.Member, key.Count);
        if (column.Type is PrimitiveDataViewType || DataViewTypeManager.Knows(column.Type))
            return Generic.Invoke(Value<int>, memberType, column.Member);
        throw ectx.ExceptNotSupp("Type '{0}' is not yet supported.", memberType.FullName);
    }

    private Delegate Value<T>(MemberInfo member)
    {
        var read = Members.MakeReader<TRow, T>(member);
        return (ValueGetter<T>)((ref T destination) => destination = read(current()));
    }

    private Delegate Text(MemberInfo member)
    {
        var read = Members.MakeReader<TRow, string>(member);
        return (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> destination) => destination = read(current()).AsMemory());
    }

    private Delegate Texts(MemberInfo member)
    {
        var read = Members.MakeReader<TRow, string[]>(member);
        return (ValueGetter<VBuffer<ReadOnlyMemory<char>>>)((ref VBuffer<ReadOnlyMemory<char>> destination) =>
            Fill(read(current())?.Select(text => text.AsMemory()).ToArray(), ref destination));
    }

    private Delegate Array<T>(MemberInfo member)
    {
        var read = Members.MakeReader<TRow, T[]>(member);
        return (ValueGetter<VBuffer<T>>)((ref VBuffer<T> destination) => Fill(read(current()), ref destination));
    }

    private Delegate Vector<T>(MemberInfo member)
    {
        var read = Members.MakeReader<TRow, VBuffer<T>>(member);
        return (ValueGetter<VBuffer<T>>)((ref VBuffer<T> destination) => read(current()).CopyTo(ref destination));
    }

    // A member holds the zero-based value, a key column counts from 1 and has 0 for what is outside.
    private Delegate Key<T>(MemberInfo member, ulong count)
    {
        var read = Members.MakeReader<TRow, T>(member);
        return (ValueGetter<T>)((ref T destination) =>
        {
            ulong value = Convert.ToUInt64(read(current()));
            destination = (T)Convert.ChangeType(value < count ? value + 1 : 0, typeof(T));
        });
    }

    private static void Fill<T>(T[] source, ref VBuffer<T> destination)
    {
        var editor = VBufferEditor.Create(ref destination, source?.Length ?? 0);
        source.AsSpan().CopyTo(editor.Values);
        destination = editor.Commit();
    }
}
