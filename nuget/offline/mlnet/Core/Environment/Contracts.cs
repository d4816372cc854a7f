using System;
using System.Globalization;

namespace Microsoft.ML.Runtime;

public interface IExceptionContext
{
    TException Process<TException>(TException ex)
        where TException : Exception;

    string ContextDescription { get; }
}

/// <summary>The exceptions that the packages throw: marked as theirs, and stamped with the component that threw.</summary>
internal static class Contracts
{
    private const string IsMarkedKey = "ML_IsMarked";

    public static TException Mark<TException>(TException ex)
        where TException : Exception
    {
        ex.Data[IsMarkedKey] = 1;
        return ex;
    }

    public static bool IsMarked(this Exception ex) => ex.Data.Contains(IsMarkedKey);

    private static TException Process<TException>(TException ex, IExceptionContext ctx)
        where TException : Exception
        => ctx != null ? ctx.Process(ex) : Mark(ex);

    private static string Format(string msg, object[] args)
        => args.Length == 0 ? msg : string.Format(CultureInfo.InvariantCulture, msg, args);

    public static Exception Except(string msg, params object[] args) => Except(null, msg, args);

    public static Exception Except(this IExceptionContext ctx, string msg, params object[] args)
        => Process(new InvalidOperationException(Format(msg, args)), ctx);

    public static Exception Except(this IExceptionContext ctx, Exception inner, string msg, params object[] args)
        => Process(new InvalidOperationException(Format(msg, args), inner), ctx);

    public static Exception ExceptUserArg(this IExceptionContext ctx, string name, string msg, params object[] args)
        => Process(new ArgumentOutOfRangeException(name, Format(msg, args)), ctx);

    public static Exception ExceptParam(string paramName, string msg, params object[] args) => ExceptParam(null, paramName, msg, args);

    public static Exception ExceptParam(this IExceptionContext ctx, string paramName, string msg, params object[] args)
        => Process(new ArgumentOutOfRangeException(paramName, Format(msg, args)), ctx);

    public static Exception ExceptDecode(this IExceptionContext ctx, string msg, params object[] args)
        => Process(new FormatException(Format(msg, args)), ctx);

    public static Exception ExceptDecode(this IExceptionContext ctx, Exception inner, string msg, params object[] args)
        => Process(new FormatException(Format(msg, args), inner), ctx);

    public static Exception ExceptNotImpl(this IExceptionContext ctx, string msg, params object[] args)
        => Process(new NotImplementedException(Format(msg, args)), ctx);

    public static Exception ExceptNotSupp(string msg, params object[] args) => ExceptNotSupp(null, msg, args);

    public static Exception ExceptNotSupp(this IExceptionContext ctx, string msg, params object[] args)
        => Process(new NotSupportedException(Format(msg, args)), ctx);

    public static Exception ExceptSchemaMismatch(this IExceptionContext ctx, string paramName, string columnRole, string columnName)
        => ctx.ExceptParam(paramName, "Could not find {0} column '{1}'", columnRole, columnName);

    public static Exception ExceptSchemaMismatch(this IExceptionContext ctx, string paramName, string columnRole, string columnName, string expectedType, string actualType)
        => ctx.ExceptParam(paramName, "Schema mismatch for {0} column '{1}': expected {2}, got {3}", columnRole, columnName, expectedType, actualType);

    public static void Check(bool condition, string msg = "Unexpected failure") => Check(null, condition, msg);

    public static void Check(this IExceptionContext ctx, bool condition, string msg = "Unexpected failure")
    {
        if (!condition)
            throw ctx.Except(msg);
    }

    public static void CheckUserArg(this IExceptionContext ctx, bool condition, string name, string msg = "Invalid argument")
    {
        if (!condition)
            throw ctx.ExceptUserArg(name, msg);
    }

    public static void CheckParam(bool condition, string paramName, string msg = "Invalid argument") => CheckParam(null, condition, paramName, msg);

    public static void CheckParam(this IExceptionContext ctx, bool condition, string paramName, string msg = "Invalid argument")
    {
        if (!condition)
            throw ctx.ExceptParam(paramName, msg);
    }

    public static void CheckDecode(bool condition, string msg = "Corrupt model file") => CheckDecode(null, condition, msg);

    public static void CheckDecode(this IExceptionContext ctx, bool condition, string msg = "Corrupt model file")
    {
        if (!condition)
            throw ctx.ExceptDecode(msg);
    }

    public static T CheckRef<T>(T value, string paramName)
        where T : class
    {
        CheckValue(value, paramName);
        return value;
    }

    public static void CheckValue<T>(T value, string paramName)
        where T : class
        => CheckValue(null, value, paramName);

    public static void CheckValue<T>(this IExceptionContext ctx, T value, string paramName)
        where T : class
    {
        if (value is null)
            throw Process(new ArgumentNullException(paramName), ctx);
    }

    public static void CheckNonEmpty(string value, string paramName) => CheckNonEmpty(null, value, paramName);

    public static void CheckNonEmpty(this IExceptionContext ctx, string value, string paramName)
    {
        if (string.IsNullOrEmpty(value))
            throw Process(new ArgumentOutOfRangeException(paramName, $"{paramName} cannot be null or empty"), ctx);
    }

    public static void CheckNonWhiteSpace(this IExceptionContext ctx, string value, string paramName)
    {
        if (string.IsNullOrWhiteSpace(value))
            throw Process(new ArgumentOutOfRangeException(paramName, $"{paramName} cannot be null or white space"), ctx);
    }
}
