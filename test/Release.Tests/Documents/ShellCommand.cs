using System.Text;
using System.Text.RegularExpressions;

namespace FastScnn.Release.Tests.Documents;

/// <summary>A command that a document shows.</summary>
/// <param name="Line">The line that it starts in, from 1.</param>
/// <param name="Words">Its words, without quotes.</param>
/// <param name="IsWhole">Whether it stands in a block and can be typed as it is; in running text it may be a
/// part.</param>
/// <param name="NotRun">Whether the document says that it is not run here.</param>
internal sealed partial record ShellCommand(int Line, IReadOnlyList<string> Words, bool IsWhole, bool NotRun)
{
    private static readonly string[] s_shells = ["", "sh", "bash", "shell", "console", "powershell", "pwsh"];

    /// <summary>All commands of a document, of blocks and of running text.</summary>
    public static IEnumerable<ShellCommand> Of(MarkdownText document) =>
        document.Fences.Where(fence => s_shells.Contains(fence.Language)).SelectMany(OfFence)
            .Concat(document.CodeSpans.SelectMany(span =>
                Split(span.Code).Select(words => new ShellCommand(span.Line, words, false, false))));

    private static IEnumerable<ShellCommand> OfFence(Fence fence)
    {
        for (int i = 0; i < fence.Lines.Count; i++)
        {
            int start = i;
            var line = new StringBuilder(fence.Lines[i].TrimEnd());
            while (line.Length > 0 && line[^1] == '\\' && i + 1 < fence.Lines.Count)
                line.Remove(line.Length - 1, 1).Append(fence.Lines[++i].TrimEnd());
            foreach (IReadOnlyList<string> words in Split(line.ToString()))
                yield return new(fence.Line + start, words, true, fence.NotRun);
        }
    }

    // As a POSIX shell reads a line, as far as documents go: quotes, \, comments, ; & and | between commands,
    // redirections.
    private static IEnumerable<IReadOnlyList<string>> Split(string line)
    {
        var commands = new List<List<string>> { new() };
        StringBuilder? word = null;
        char quote = '\0';
        bool redirected = false;
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            if (quote != '\0')
            {
                if (c == quote)
                    quote = '\0';
                else
                    word!.Append(c == '\\' && quote == '"' && i + 1 < line.Length && line[i + 1] is '"' or '\\' or '$'
                        ? line[++i] : c);
            }
            else if (word is null && c == '#')
                break;
            else if (c is '"' or '\'')
                (quote, word) = (c, word ?? new());
            else if (c == '\\' && i + 1 < line.Length)
                (word ??= new()).Append(line[++i]);
            else if (c == '<' && Placeholder().Match(line, i) is { Success: true } placeholder)
            {
                (word ??= new()).Append(placeholder.Value);
                i += placeholder.Length - 1;
            }
            else if (c is ';' or '&' or '|' or '<' or '>' || char.IsWhiteSpace(c))
            {
                // The number of a stream belongs to the redirection.
                if (word is not null && !redirected
                    && !(c is '<' or '>' && word.Length == 1 && char.IsAsciiDigit(word[0])))
                    commands[^1].Add(word.ToString());
                redirected = c is '<' or '>' || (redirected && word is null && char.IsWhiteSpace(c));
                word = null;
                if (c is ';' or '&' or '|')
                    commands.Add([]);
            }
            else
                (word ??= new()).Append(c);
        }
        if (word is not null && !redirected)
            commands[^1].Add(word.ToString());
        return commands.Select(words => words.SkipWhile(first => first == "$" || Variable().IsMatch(first)).ToList())
            .Where(words => words.Count > 0);
    }

    [GeneratedRegex(@"\G<[\w][\w ./-]*>")]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"^\w+=")]
    private static partial Regex Variable();
}
