using Microsoft.ML;

namespace FastScnn.ML;

internal static partial class Errors
{
    /// <summary>What most methods call the schema that they are given.</summary>
    public const string InputSchema = "inputSchema";

    public static ArgumentException MissingColumn(string transform, string name, string expected, IEnumerable<string> found, string parameter = InputSchema) =>
        new($"{transform} needs a column '{name}' that holds {expected}; the data has the columns {Shape(found)}. Name one of these, or add it: {Columns.Source(expected)}.", parameter);

    public static ArgumentException WrongColumnType(string transform, string name, string expected, string found, string parameter = InputSchema) =>
        new($"{transform} needs a column '{name}' that holds {expected}; its type is {found}. Name another column, or add one: {Columns.Source(expected)}.", parameter);

    public static ArgumentException RowOfAnotherSchema(string parameter) => new("The row's schema is not the one that the mapper was made for.", parameter);

    public static InvalidOperationException InactiveColumn(string name) => new($"Column '{name}' was not asked for when this row or cursor was made.");

    public static InvalidOperationException NoCurrentRow() => new("A cursor stands on no row before MoveNext, nor after MoveNext gave false; values can only be read in between.");

    public static ArgumentOutOfRangeException LookAhead(int rows) =>
        new(nameof(FastScnnSegmentationOptions.LookAhead), Invariant($"A look-ahead of {rows} rows: expected 0 (none) to {FastScnnSegmentationOptions.MaxLookAhead}."));

    public static InvalidOperationException GetterType(DataViewSchema.Column column, Type asked) =>
        new($"Column '{column.Name}' holds {column.Type.RawType.Name}, and a getter of {asked.Name} was asked for.");
}
