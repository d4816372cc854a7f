namespace FastScnn.Torch;

internal static partial class Errors
{
    public static ArgumentOutOfRangeException MetricClassCount(int classCount, int most) =>
        new(nameof(classCount), classCount, Invariant($"There must be 1 to {most} classes to count, not {classCount}."));

    public static ArgumentOutOfRangeException MetricClass(string name, int id, int classCount) =>
        new(name, id, Invariant($"The classes that are counted are 0 to {classCount - 1}; {id} is none of them."));

    public static ArgumentException MetricLengths(int labels, int predictions) =>
        new(Invariant($"There are {labels} labels but {predictions} predictions; each pixel needs one of both. Do the label and the prediction have the same size?"));

    public static ArgumentException MetricLabel(int label, long pixels, int classCount, int ignoreIndex) =>
        new(Invariant($"The label {label} stands on {pixels} pixels, but the classes are 0 to {classCount - 1} and {ignoreIndex} is ignored. Is this the label of another data set, or another ignore index?"));

    public static ArgumentException MetricMerge(int classCount, int other) =>
        new(Invariant($"Counts over {other} classes cannot be added to counts over {classCount}."));

    public static ArgumentException SummaryClasses(int scored, int classes) =>
        new(Invariant($"The scores are of {scored} classes, and {classes} classes are given."), "classes");

    public static ArgumentException MetricCategories(int classCount, int categorized) =>
        new(Invariant($"The categories are those of {categorized} classes, and {classCount} classes were counted."), "categories");
}
