using System.CommandLine;
using FastScnn.Tool;

namespace FastScnn.Release.Tests.Documents;

/// <summary>Whether the commands of documents exist: <c>fastscnn</c> with its options, <c>dotnet</c> with its projects
/// and files.</summary>
/// <param name="root">The folder of the repository, in which readers type them.</param>
internal sealed class CommandCheck(string root)
{
    /// <summary>How many commands were looked at.</summary>
    public int Count { get; private set; }

    /// <summary>A line for each fault.</summary>
    public IEnumerable<string> Faults(MarkdownText document) => ShellCommand.Of(document).SelectMany(command =>
        Faults(command.IsWhole ? command.Words : [.. command.Words.Where(word => word != "...")], command.IsWhole)
            .Select(fault => $"{document.Name}({command.Line}): {string.Join(' ', command.Words)}: {fault}"));

    private IEnumerable<string> Faults(IReadOnlyList<string> words, bool isWhole)
    {
        switch (words)
        {
            case ["fastscnn"] when !isWhole:
                return [];
            case ["fastscnn", ..]:
                return Parse(Slice(words, 1), isWhole);
            case ["mpirun" or "srun", ..] when words.Contains("fastscnn"):
                return Parse([.. words.SkipWhile(word => word != "fastscnn").Skip(1)], isWhole);
            case ["dotnet", "run", ..]:
                Count++;
                return RunFaults(Slice(words, 2), isWhole);
            case ["dotnet", "build" or "test" or "pack" or "publish", ..]:
                Count++;
                return words.Count > 2 && words[2].Contains('/') && !words[2].StartsWith('-') ? Missing(words[2]) : [];
            default:
                return [];
        }
    }

    private IEnumerable<string> RunFaults(IReadOnlyList<string> words, bool isWhole)
    {
        List<string> own = [.. words.TakeWhile(word => word != "--")];
        if (own.IndexOf("--project") is >= 0 and var at && at + 1 < own.Count)
        {
            string project = own[at + 1].TrimEnd('/');
            List<string> arguments = [.. words.Skip(own.Count + 1)];
            return Missing(project).Concat(project switch
            {
                "samples/FastScnn.Tool" when arguments.Count > 0 || isWhole => Parse(arguments, isWhole),
                "samples/FastScnn.Notebooks"
                    when arguments.Count > 0 => arguments[0].EndsWith(".ipynb", StringComparison.Ordinal)
                        ? Missing(arguments[0]) : [$"'{arguments[0]}' is no notebook"],
                _ => [],
            });
        }
        return own.FirstOrDefault(word => word.EndsWith(".cs", StringComparison.Ordinal)) is { } program
            ? Missing(program) : [];
    }

    private IEnumerable<string> Missing(string path) =>
        File.Exists(Path.Combine(root, path)) || Directory.Exists(Path.Combine(root, path)) ? []
            : [$"'{path}' is not in the repository"];

    private List<string> Parse(IReadOnlyList<string> arguments, bool isWhole)
    {
        Count++;
        RootCommand command = FastScnnCommand.Create();
        foreach (Option option in isWhole ? [] : command.Subcommands.SelectMany(sub => sub.Options))
            (option.Required, option.Arity) = (false, new(0, option.Arity.MaximumNumberOfValues));
        return [.. command.Parse(arguments).Errors.Select(error => error.Message)];
    }

    private static List<string> Slice(IReadOnlyList<string> words, int from) => [.. words.Skip(from)];
}
