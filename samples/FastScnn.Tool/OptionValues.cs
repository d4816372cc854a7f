using System.CommandLine;

namespace FastScnn.Cli;

/// <summary>The values of options on their way into settings: what a setting refuses is told with the name of the option it came from.</summary>
/// <remarks>An initializer gives each value to its property before it reads the next one, so a refused value is the one that was read last.</remarks>
internal sealed class OptionValues
{
    private readonly ParseResult _parsed;
    private Option? _last;

    private OptionValues(ParseResult parsed) => _parsed = parsed;

    /// <summary>Makes settings of options.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="make">Makes them; must give each value to what checks it before it reads the next one.</param>
    /// <exception cref="ArgumentException">A value was refused; the message names the option.</exception>
    public static T Read<T>(ParseResult parsed, Func<OptionValues, T> make)
    {
        OptionValues values = new(parsed);
        try
        {
            return make(values);
        }
        // Without the name of a parameter, it is about options and names them already.
        catch (ArgumentException e) when (e.ParamName is not null && values._last is not null)
        {
            throw new ArgumentException(values.Describe(e.ParamName, Failure.Message(e)), e);
        }
    }

    public T? GetValue<T>(Option<T> option)
    {
        _last = option;
        return _parsed.GetValue(option);
    }

    public T GetRequiredValue<T>(Option<T> option)
    {
        _last = option;
        return _parsed.GetRequiredValue(option);
    }

    // One option may set several properties, as --jitter does; then the property says which part of it is meant.
    private string Describe(string property, string reason)
    {
        string given = string.Join(' ', _parsed.GetResult(_last!)?.Tokens.Select(token => token.Value) ?? []);
        return reason.StartsWith($"{property} is {given};", StringComparison.Ordinal) ? _last!.Name + reason[property.Length..] : $"{_last!.Name}: {reason}";
    }
}
