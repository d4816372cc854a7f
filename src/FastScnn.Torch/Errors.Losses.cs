namespace FastScnn.Torch;

internal static partial class Errors
{
    public static ArgumentException LossShapes(long[] logits, long[] labels) =>
        new($"The logits have the shape {ShapeText(logits)} and the labels {ShapeText(labels)}; logits [N, classes, H, W] and labels [N, H, W] with equal N, H and W are expected.", nameof(labels));

    public static ArgumentException LossLabelType(string found) =>
        new($"The labels are {found}; a loss takes them as Int64. Convert them with .to(ScalarType.Int64).", "labels");

    public static ArgumentException LossDevices(string logits, string labels) =>
        new($"The logits are on {logits}, but the labels are on {labels}. Move one to the other with .to(...).", "labels");

    public static ArgumentException LossLabel(long label, long pixels, long classes, long ignoreIndex) =>
        new(Invariant($"{pixels} pixels have labels that are no class, the first of them {label}: the classes are 0 to {classes - 1}, and {ignoreIndex} is ignored. Is this the label of another data set, or another ignore index?"), "labels");

    public static ArgumentException ClassWeight(int id, double weight) =>
        new(Invariant($"The weight of class {id} is {weight}; it must be above 0 and finite. To leave a class out, label it with the ignore index."), "classWeights");

    public static ArgumentException ClassWeightCount(int weights, long classes) =>
        new(Invariant($"There are {weights} class weights, but the logits have {classes} classes."), "logits");

    public static ArgumentException NoLosses() => new("A sum of losses needs one loss or more.", "parts");

    public static ArgumentException LossWeight(double weight, string name) =>
        new(Invariant($"A loss has the weight {weight}; it must be above 0 and finite."), name);

    public static ArgumentException LossIgnoreIndex(long first, long other, string name) =>
        new(Invariant($"One loss ignores the label {first} and another {other}; all parts must ignore the same."), name);
}
