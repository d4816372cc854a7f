using System;

namespace Microsoft.ML.Data;

/// <summary>Calls a generic method whose only type argument is known at run time; the given method group's argument is a placeholder.
/// As in the real package, what the method throws arrives in a TargetInvocationException.</summary>
internal static class Generic
{
    public static TResult Invoke<TResult>(Func<TResult> method, Type type) => (TResult)Call(method, type);

    public static TResult Invoke<T, TResult>(Func<T, TResult> method, Type type, T arg) => (TResult)Call(method, type, arg);

    public static TResult Invoke<T1, T2, TResult>(Func<T1, T2, TResult> method, Type type, T1 arg1, T2 arg2) => (TResult)Call(method, type, arg1, arg2);

    public static TResult Invoke<T1, T2, T3, TResult>(Func<T1, T2, T3, TResult> method, Type type, T1 arg1, T2 arg2, T3 arg3)
        => (TResult)Call(method, type, arg1, arg2, arg3);

    private static object Call(Delegate method, Type type, params object[] args)
        => method.Method.GetGenericMethodDefinition().MakeGenericMethod(type)
            .Invoke(method.Target, args);
}
