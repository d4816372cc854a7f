using Microsoft.ML;

namespace FastScnn.ML;

/// <summary>Error texts that are thrown from more than one place.</summary>
internal static class Throw
{
    public static InvalidOperationException InactiveColumn(DataViewSchema.Column column) =>
        new($"Column '{column.Name}' was not asked for when this row or cursor was made.");

    public static InvalidOperationException WrongGetterType(DataViewSchema.Column column, Type asked) =>
        new($"Column '{column.Name}' holds {column.Type.RawType.Name}, and a getter of {asked.Name} was asked for.");
}
