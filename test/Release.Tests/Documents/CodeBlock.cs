namespace FastScnn.Release.Tests.Documents;

/// <summary>A block of C#.</summary>
/// <param name="Document">The file, relative to the repository.</param>
/// <param name="Line">The line of the file that the code starts in, from 1.</param>
/// <param name="Code">The code.</param>
/// <param name="NotRun">Whether the document says that it is only compiled.</param>
internal sealed record CodeBlock(string Document, int Line, string Code, bool NotRun);
