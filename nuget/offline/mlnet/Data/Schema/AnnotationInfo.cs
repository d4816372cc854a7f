using System;
using System.Linq;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>An annotation that a schema definition adds: its type, and a getter over a copy of its value.</summary>
internal sealed record AnnotationInfo(DataViewType Type, Delegate Getter)
{
    public static AnnotationInfo Create<T>(T value, DataViewType type)
    {
        object boxed = value switch
        {
            string text => text.AsMemory(),
            string[] texts => Dense<ReadOnlyMemory<char>>(texts.Select(text => text.AsMemory()).ToArray()),
            Array items => Generic.Invoke(Dense<int>, items.GetType().GetElementType(), (object)items),
            _ => value,
        };
        if (boxed.GetType() != type.RawType)
            throw Contracts.Except("Value inputted is supposed to have Type {0}, but type of Annotationinfo has {1}", boxed.GetType(), type.RawType);
        return new AnnotationInfo(type, Generic.Invoke(MakeGetter<int>, type.RawType, boxed));
    }

    private static object Dense<T>(object items) => new VBuffer<T>(((T[])items).Length, (T[])items);

    private static Delegate MakeGetter<T>(object boxed)
    {
        var value = (T)boxed;
        return (ValueGetter<T>)((ref T destination) => destination = value);
    }
}
