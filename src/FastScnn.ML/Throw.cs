using System.Runtime.CompilerServices;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Torch.Data;
using Microsoft.ML;
using static System.FormattableString;

namespace FastScnn.ML;

/// <summary>Error texts that are thrown from more than one place.</summary>
internal static class Throw
{
    /// <summary>Throws where the value of a property is null, empty or white space; otherwise gives it back.</summary>
    public static string IfBlank(string value, [CallerMemberName] string property = "")
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(value, property);
        return value;
    }

    /// <summary>Throws where the value of a property is null; otherwise gives it back.</summary>
    public static T IfNull<T>(T value, [CallerMemberName] string property = "")
        where T : class
    {
        ArgumentNullException.ThrowIfNull(value, property);
        return value;
    }

    public static InvalidOperationException InactiveColumn(DataViewSchema.Column column) =>
        new($"Column '{column.Name}' was not asked for when this row or cursor was made.");

    public static InvalidOperationException WrongGetterType(DataViewSchema.Column column, Type asked) =>
        new($"Column '{column.Name}' holds {column.Type.RawType.Name}, and a getter of {asked.Name} was asked for.");

    public static string Row(long row) => Invariant($"Row {row} (counted from 0)");

    /// <summary>In what two lists of classes differ.</summary>
    public static string ClassDifference(string what, ClassList found, string whatElse, ClassList expected) =>
        found.Count != expected.Count
        ? Invariant($"{what} has {found.Count} classes and {whatElse} {expected.Count}")
        : Enumerable.Range(0, found.Count).Where(id => found[id].Name != expected[id].Name)
            .Select(id =>
                Invariant($"class {id} is '{found[id].Name}' in {what} and '{expected[id].Name}' in {whatElse}"))
                .First();

    public static ArgumentOutOfRangeException MaxPixels(long pixels) =>
        new(nameof(MaxPixels),
            Invariant($"A limit of {pixels} pixels: expected 1 to {ImageDecoderOptions.MostPixels}."));

    public static ArgumentOutOfRangeException Threads(string parameter, int threads) =>
        new(parameter, Invariant($"{threads} threads: expected 1 or more, or 0 for one a core."));

    public static ArgumentOutOfRangeException GpuDevice(int? device) =>
        new("GpuDeviceId", Invariant($"GPU device {device}: devices are numbered from 0; null means the processor."));

    public static ArgumentOutOfRangeException UnknownScoreKind(string parameter, ScoreKind kind) =>
        new(parameter, kind, $"Expected {ScoreKind.Probabilities} or {ScoreKind.Logits}.");
}
