using System.CommandLine;
using FastScnn.ML.Scoring;

namespace FastScnn.Tool.Video;

/// <summary>The options of <c>segment</c> that are about videos.</summary>
internal sealed class VideoArguments
{
    private readonly Option<string?> _codec = CodecOption();
    private readonly Option<bool> _noSound = new("--no-sound")
    {
        Description = "With a video as --output: leave out the sound, which is copied otherwise"
    };
    private readonly Option<double?> _smoothing = SmoothingOption();
    private readonly Option<string?> _results = new("--results")
    {
        Description = "With a video as --output: file for a line of JSON about each frame"
    };

    /// <summary>The option for an encoder.</summary>
    public static Option<string?> CodecOption() => new("--codec")
    {
        Description = "With a video as --output: FFmpeg's encoder, such as libx265, or ffv1 in .mkv for exact colours; "
            + "libx264 without it, and libvpx-vp9 for .webm"
    };

    /// <summary>The option for smoothing.</summary>
    public static Option<double?> SmoothingOption() => new("--smoothing")
    {
        Description = "For videos: weight of the frames before in the scores of each, 0 up to but not including 1; "
            + "classes flicker less, and follow movements later"
    };

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { _codec, _noSound, _smoothing, _results })
            command.Add(option);
    }

    /// <summary>Adds the values to a run.</summary>
    public VideoSegmentation Read(ParseResult parsed, VideoSegmentation run) => OptionValues.Read(parsed,
        values => run with
        {
            Codec = values.GetValue(_codec),
            KeepSound = !values.GetValue(_noSound),
            Results = values.GetValue(_results),
            Video = run.Video with { Smoothing = values.GetValue(_smoothing) ?? 0 },
        });

    /// <summary>Refuses a video as output where the input is none.</summary>
    public static void RefuseOutput(string output, string? input)
    {
        if (VideoFile.IsOutput(output) && (input is null || File.Exists(input) || Directory.Exists(input)))
            throw new ArgumentException($"--output is '{output}', a video, and "
                + (input is null ? "--list names images" : $"--input '{input}' is a folder of images")
                + "; expected a video as --input, or a folder as --output.");
    }

    /// <summary>Refuses what is about videos where there is none.</summary>
    public void RefuseForImages(ParseResult parsed)
    {
        foreach (Option option in new Option[] { _codec, _noSound, _smoothing, _results })
            if (parsed.GetResult(option) is { Implicit: false })
                throw new ArgumentException($"{option.Name} is about videos, and --input is none.");
    }

    /// <summary>Refuses what is about images where there is a video.</summary>
    public static void RefuseForVideos(ParseResult parsed, params ReadOnlySpan<Option> options)
    {
        foreach (Option option in options)
            if (parsed.GetResult(option) is { Implicit: false })
                throw new ArgumentException($"{option.Name} is about images, and --input is a video; leave it.");
    }
}
