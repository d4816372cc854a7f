using FastScnn.Torch.Data;
using Microsoft.ML.Data;

namespace FastScnn.ML;

internal static partial class Errors
{
    // Sources number their rows in the low half; transforms that make several rows of one mix bits into both.
    private static string Row(DataViewRowId id) => id.High == 0 ? Row((long)id.Low) : $"Row {id}";

    public static InvalidDataException EvaluatedSizes(DataViewRowId row, SegmentationMap label, SegmentationMap prediction) =>
        new(Invariant($"{Row(row)}: the label has {label.Width} x {label.Height} pixels and the prediction {prediction.Width} x {prediction.Height}; they must be equal. ")
            + "Was the photo resized before it was segmented? Predictions have the size of the photo that they were made from, unless "
            + $"{nameof(InferenceOptions)}.{nameof(InferenceOptions.OutputSize)} asks for the model's.");

    public static InvalidDataException EvaluatedClasses(DataViewRowId row, string what, ClassList found, string whatElse, ClassList expected) =>
        new($"{Row(row)}: {ClassDifference(what, found, whatElse, expected)}; both must be over the same classes, in the same order. If only the names differ, give one of "
            + $"them the class list of the other, such as by {nameof(FastScnnSegmenterOptions)}.{nameof(FastScnnSegmenterOptions.Classes)}.");

    private static string ClassDifference(string what, ClassList found, string whatElse, ClassList expected) => found.Count != expected.Count
        ? Invariant($"{what} has {found.Count} classes and {whatElse} {expected.Count}")
        : Enumerable.Range(0, found.Count).Where(id => found[id].Name != expected[id].Name)
            .Select(id => Invariant($"class {id} is '{found[id].Name}' in {what} and '{expected[id].Name}' in {whatElse}")).First();

    public static InvalidDataException EvaluatedLabel(DataViewRowId row, ArgumentException inner) => new($"{Row(row)}: {inner.Message}", inner);

    public static InvalidDataException NothingToEvaluate(string labelColumn, long rows, long withoutLabel) =>
        new(Invariant($"There is nothing to evaluate: of {rows} rows, {withoutLabel} have no label in column '{labelColumn}', and the others have no labelled pixel. ")
            + (rows > withoutLabel ? "Is this a test split whose labels were kept back?" : "Are the right rows selected?"));

    public static ArgumentOutOfRangeException ClassPair(string parameter, int index, int classes) =>
        new(parameter, index, Invariant($"Class {index}: expected 0 to {classes - 1}."));

    public static InvalidDataException EmptyFold(int fold, int folds, string use) =>
        new(Invariant($"Fold {fold + 1} of {folds} has no row to {use}: rows are drawn into folds at random, and there are few of them, or few values of the sampling key. ")
            + "Take fewer folds, more data or another seed.");

    public static ArgumentOutOfRangeException NumberOfFolds(int folds) =>
        new("numberOfFolds", folds, Invariant($"{folds} folds: expected 2 or more."));
}
