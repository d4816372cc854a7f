using System.CommandLine;
using System.Globalization;
using FastScnn.ML.Imaging;
using FastScnn.Torch.Data;

namespace FastScnn.Tool;

/// <summary>The options that say how images are decoded, for every command that reads them.</summary>
internal sealed class ImageArguments
{
    private readonly Option<long> _maxPixels = new("--max-pixels")
    {
        Description = "Largest accepted image, width x height",
        DefaultValueFactory = _ => ImageFiles.DefaultMaxPixels
    };
    private readonly Option<bool> _asStored = new("--as-stored")
    {
        Description = "Take images as they are stored, without their EXIF orientation"
    };
    private readonly Option<bool>? _acceptIncomplete;

    /// <param name="mayBeIncomplete">Whether the command can go on with an image that is cut short.</param>
    public ImageArguments(bool mayBeIncomplete = false) =>
        _acceptIncomplete = mayBeIncomplete
            ? new("--accept-incomplete")
            {
                Description = "Take images that are cut short or damaged, as far as they can be decoded"
            } : null;

    public void AddTo(Command command)
    {
        command.Add(_maxPixels);
        command.Add(_asStored);
        if (_acceptIncomplete is not null)
            command.Add(_acceptIncomplete);
    }

    public ImageDecoderOptions Read(ParseResult parsed) => OptionValues.Read(parsed, values => new ImageDecoderOptions
    {
        MaxPixels = values.GetValue(_maxPixels),
        ApplyOrientation = !values.GetValue(_asStored),
        AcceptIncomplete = _acceptIncomplete is not null && values.GetValue(_acceptIncomplete),
    });

    /// <summary>The options that change results, by name, as a command line would have them.</summary>
    public static IEnumerable<(string Option, string Value)> Record(ImageDecoderOptions decoding) =>
    [
        ("--max-pixels", decoding.MaxPixels.ToString(CultureInfo.InvariantCulture)),
        ("--as-stored", decoding.ApplyOrientation ? "false" : "true"),
        ("--accept-incomplete", decoding.AcceptIncomplete ? "true" : "false"),
    ];

    /// <summary>A message of the library about an image that is cut short: only some commands can go on with it. All
    /// other words are those of <see cref="OptionWords"/>.</summary>
    public static string InOptions(string message, bool mayBeIncomplete = false)
    {
        const string Accept = $"set {nameof(ImageDecoderOptions)}.{nameof(ImageDecoderOptions.AcceptIncomplete)}";
        return message.Replace(mayBeIncomplete ? Accept : $", or {Accept} to take what there is",
            mayBeIncomplete ? "give --accept-incomplete" : "", StringComparison.Ordinal);
    }
}
