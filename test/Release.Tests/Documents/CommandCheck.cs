using System.CommandLine;
using System.Text.RegularExpressions;
using FastScnn.Cli;

namespace FastScnn.Release.Tests.Documents;

/// <summary>Whether the commands of documents exist: <c>fastscnn</c> with its options, <c>./build.sh</c> with its verbs, <c>dotnet run</c> with its files.</summary>
/// <param name="root">The folder of the repository, in which readers type them.</param>
internal sealed partial class CommandCheck(string root)
{
    private readonly Lazy<string[]> _verbs = new(() => Verbs(File.ReadAllText(Path.Combine(root, "build.sh"))));

    /// <summary>How many commands were looked at.</summary>
    public int Count { get; private set; }

    /// <summary>A line for each fault.</summary>
    public IEnumerable<string> Faults(MarkdownText document) => ShellCommand.Of(document).SelectMany(command =>
        Faults(command.IsWhole ? command.Words : [.. command.Words.Where(word => word != "...")], command.IsWhole)
            .Select(fault => $"{document.Name}({command.Line}): {string.Join(' ', command.Words)}: {fault}"));

    /// <summary>The verbs that build.sh knows, by its <c>case</c>.</summary>
    public static string[] Verbs(string script)
    {
        string cases = VerbCases().Match(script) is { Success: true } match ? match.Groups[1].Value : throw new InvalidDataException("build.sh has no case \"$command\" in ... esac.");
        return [.. CaseLabels().Matches(cases).SelectMany(label => label.Groups[1].Value.Split('|')).Where(verb => verb != "*")];
    }

    private IEnumerable<string> Faults(IReadOnlyList<string> words, bool isWhole)
    {
        switch (words)
        {
            case ["fastscnn"] when !isWhole:
                return [];
            case ["fastscnn", ..]:
                return Parse(Slice(words, 1), isWhole);
            case ["./build.sh", ..]:
                Count++;
                return BuildFaults(Slice(words, 1), isWhole);
            case ["dotnet", "run", ..]:
                Count++;
                return RunFaults(Slice(words, 2), isWhole);
            case ["dotnet", "build" or "test" or "pack", { } project, ..] when project.Contains('/') && !project.StartsWith('-'):
                Count++;
                return Missing(project);
            default:
                return [];
        }
    }

    private IEnumerable<string> BuildFaults(IReadOnlyList<string> words, bool isWhole)
    {
        if (words.Count == 0)
            return [];
        List<string> arguments = [.. words.Skip(1).SkipWhile(word => word.StartsWith("-p:", StringComparison.Ordinal))];
        return words[0] switch
        {
            var verb when !_verbs.Value.Contains(verb) => [$"build.sh has no '{verb}'; it has {string.Join(", ", _verbs.Value)}"],
            "run" when arguments.Count > 0 || isWhole => Parse(arguments, isWhole),
            "sample" when arguments.Count > 0 => Directory.GetFiles(Path.Combine(root, "samples"), $"{arguments[0]}-*.cs").Length == 1 ? [] : [$"there is no sample {arguments[0]}"],
            "notebook" when arguments.Count > 0 => arguments[0].EndsWith(".ipynb", StringComparison.Ordinal) ? Missing(arguments[0]) : [$"'{arguments[0]}' is no notebook"],
            _ => [],
        };
    }

    private IEnumerable<string> RunFaults(IReadOnlyList<string> words, bool isWhole)
    {
        List<string> own = [.. words.TakeWhile(word => word != "--")];
        if (own.IndexOf("--project") is >= 0 and var at && at + 1 < own.Count)
        {
            string project = own[at + 1].TrimEnd('/');
            return Missing(project).Concat(project == "samples/FastScnn.Cli" ? Parse([.. words.Skip(own.Count + 1)], isWhole) : []);
        }
        return own.FirstOrDefault(word => word.EndsWith(".cs", StringComparison.Ordinal)) is { } program ? Missing(program) : [];
    }

    private IEnumerable<string> Missing(string path) =>
        File.Exists(Path.Combine(root, path)) || Directory.Exists(Path.Combine(root, path)) ? [] : [$"'{path}' is not in the repository"];

    private List<string> Parse(IReadOnlyList<string> arguments, bool isWhole)
    {
        Count++;
        RootCommand command = FastScnnCommand.Create();
        foreach (Option option in isWhole ? [] : command.Subcommands.SelectMany(sub => sub.Options))
            (option.Required, option.Arity) = (false, new(0, option.Arity.MaximumNumberOfValues));
        return [.. command.Parse(arguments).Errors.Select(error => error.Message)];
    }

    private static List<string> Slice(IReadOnlyList<string> words, int from) => [.. words.Skip(from)];

    [GeneratedRegex(@"case ""\$command"" in\n(.*?)\n\s*esac", RegexOptions.Singleline)]
    private static partial Regex VerbCases();

    [GeneratedRegex(@"^\s*([\w|*-]+)\)", RegexOptions.Multiline)]
    private static partial Regex CaseLabels();
}
