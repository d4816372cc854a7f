using FastScnn.Testing;

namespace FastScnn.Release.Tests.Api;

/// <summary>The public API is what was approved.</summary>
public class ApiTests
{
    private const string Accept = "FASTSCNN_ACCEPT_API";

    [TestCase("FastScnn.ML")]
    [TestCase("FastScnn.Torch")]
    public void The_public_API_is_the_approved_one(string assembly)
    {
        string file = Path.Combine(TestFiles.Root, "test", "Release.Tests", "Api", assembly + ".txt");
        string api = ApiText.Of(assembly);
        if (Environment.GetEnvironmentVariable(Accept) == "1")
            File.WriteAllText(file, api);
        string[] approved = Lines(File.ReadAllText(file)), found = Lines(api);
        // A line is a member; with its type in front, so that a moved member counts too.
        IEnumerable<string> difference = [.. approved.Except(found).Select(line => "- " + line), .. found.Except(approved).Select(line => "+ " + line)];
        Assert.That(difference, Is.Empty, $"""
            The public API of {assembly} is not the approved one of {Path.GetRelativePath(TestFiles.Root, file)}:
            {string.Join('\n', difference)}
            If callers shall see this, say so in CHANGELOG.md and accept it:
              {Accept}=1 dotnet test test/Release.Tests -c Release --filter FullyQualifiedName~ApiTests
            """);
        Assert.That(api, Is.EqualTo(File.ReadAllText(file)));
    }

    private static string[] Lines(string api)
    {
        var lines = new List<string>();
        string type = "";
        foreach (string line in api.Split('\n'))
        {
            if (line.Length > 0 && line[0] != ' ')
                type = line;
            if (line.Length > 0)
                lines.Add(line[0] == ' ' ? $"{type.Split(" : ")[0]}: {line.Trim()}" : line);
        }
        return [.. lines];
    }
}
