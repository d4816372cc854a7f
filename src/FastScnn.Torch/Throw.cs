using static System.FormattableString;

namespace FastScnn.Torch;

/// <summary>The errors that are thrown from more than one place.</summary>
// Nothing here takes a TorchSharp type: this class is also used where libtorch is absent.
internal static class Throw
{
    public static ArgumentOutOfRangeException OutOfRange<T>(string name, T value, string range) =>
        new(name, value, Invariant($"{name} is {value}; it must be {range}."));
}

/// <summary>Values as they stand in error texts.</summary>
internal static class ErrorText
{
    public static string Shape(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";

    // A long list would bury its own message.
    public static string List(IReadOnlyCollection<string> names, int most = 20) =>
        string.Join(", ", names.Take(most)) + (names.Count > most ? Invariant($", and {names.Count - most} more") : "");
}
