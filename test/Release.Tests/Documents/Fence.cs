namespace FastScnn.Release.Tests.Documents;

/// <summary>A block of code between fences.</summary>
/// <param name="Line">The line of the document that the code starts in, from 1.</param>
/// <param name="Language">What stands behind the opening fence; empty where nothing does.</param>
/// <param name="Lines">The code.</param>
internal sealed record Fence(int Line, string Language, IReadOnlyList<string> Lines);
