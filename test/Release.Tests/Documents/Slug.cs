using System.Text.RegularExpressions;

namespace FastScnn.Release.Tests.Documents;

/// <summary>
/// The name that GitHub gives a heading: its text as it is shown, in lower case, without what is neither letter, digit, underscore, hyphen nor
/// space, and with hyphens for spaces (gjtorikian/html-pipeline, table_of_contents_filter.rb).
/// </summary>
internal static partial class Slug
{
    public static string Of(string heading)
    {
        string shown = Links().Replace(Images().Replace(heading, ""), "$1");
        // Underscores around words are emphasis, inside code they are text.
        shown = CodeOrEmphasis().Replace(shown, match => match.Groups[2].Success ? match.Groups[2].Value : match.Groups[4].Value);
        return Punctuation().Replace(Tags().Replace(shown, "").Trim().ToLowerInvariant(), "").Replace(' ', '-');
    }

    [GeneratedRegex(@"!\[[^\]]*\]\([^)]*\)")]
    private static partial Regex Images();

    [GeneratedRegex(@"\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])")]
    private static partial Regex Links();

    [GeneratedRegex(@"(`+)(.+?)\1|(?<!\w)(_+)(?=\S)(.+?)(?<=\S)\3(?!\w)")]
    private static partial Regex CodeOrEmphasis();

    [GeneratedRegex("</?[a-zA-Z][^>]*>")]
    private static partial Regex Tags();

    [GeneratedRegex(@"[^\p{L}\p{M}\p{Nd}\p{Pc}\- ]")]
    private static partial Regex Punctuation();
}
