using System.CommandLine;
using System.Globalization;
using FastScnn.ML.Scoring;

namespace FastScnn.Tool;

/// <summary>The options that say how a model runs, for every command that scores images.</summary>
internal sealed class InferenceArguments
{
    private const int MostScales = 16;

    private readonly Option<bool> _flip = new("--flip")
    {
        Description = "Score each image mirrored too and average; twice the time"
    };
    private readonly Option<string> _scales = new("--scales")
    {
        Description = "Sizes to score each image at and average, relative to its own, such as 0.75,1,1.25",
        DefaultValueFactory = _ => "1",
    };
    private readonly Option<string?> _tile = new("--tile")
    {
        Description =
            "Height x width of the tiles that larger images are scored in, such as 1024x1024; one number for a square"
    };
    private readonly Option<double> _overlap = new("--tile-overlap")
    {
        Description = "Part of a tile's side that it shares with the next one, 0 to 0.9",
        DefaultValueFactory = _ => new InferenceOptions().TileOverlap,
    };
    private readonly Option<string?> _region = new("--region")
    {
        Description = "Left, top, right and bottom of the part that is scored, as shares of the image's sides, such as "
            + "0,0.4,1,1; all else is of no class"
    };
    private readonly Option<int?> _workingSide = new("--working-side")
    {
        Description = "Longest side that the network sees, in pixels; larger images are shrunk for it, and their "
            + "masks keep the image's size"
    };
    private readonly Option<int?> _gpu = new("--gpu")
    {
        Description = "Number of the CUDA device to run on; falls back to the processor with a warning"
    };
    private readonly Option<string?> _providers = new("--providers")
    {
        Description = "In place of --gpu: ONNX Runtime's execution providers, best first, such as TensorRT,CUDA,CPU"
    };
    private readonly Option<int> _threads = new("--threads")
    {
        Description = "Threads for one image; 0 for one per core",
        DefaultValueFactory = _ => 0
    };

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { _flip, _scales, _tile, _overlap, _region, _workingSide, _gpu,
            _providers, _threads })
            command.Add(option);
    }

    public FastScnnSegmenterOptions Read(ParseResult parsed) => OptionValues.Read(parsed, values =>
    {
        if (parsed.GetValue(_gpu) is not null && parsed.GetValue(_providers) is not null)
            throw new ArgumentException("Give --gpu or --providers, not both.");
        int[] tile = values.GetValue(_tile) is { } sides
            ? NumberList.Parse<int>("--tile", sides, 'x', NumberList.Whole, 1, 2) : [];
        if (tile.Length == 0 && parsed.GetResult(_overlap) is { Implicit: false })
            throw new ArgumentException("--tile-overlap needs --tile, the size of the tiles.");
        return new FastScnnSegmenterOptions
        {
            Inference = new InferenceOptions
            {
                TileHeight = tile.Length > 0 ? tile[0] : null,
                TileWidth = tile.Length > 0 ? tile[^1] : null,
                TileOverlap = values.GetValue(_overlap),
                Flip = values.GetValue(_flip),
                Scales = NumberList.Parse<double>("--scales", values.GetRequiredValue(_scales), ',', NumberList.Real, 1,
                    MostScales),
                RegionOfInterest = ReadRegion(values.GetValue(_region)),
                WorkingSide = values.GetValue(_workingSide),
            },
            GpuDeviceId = values.GetValue(_gpu),
            ExecutionProviders =
            [
                .. values.GetValue(_providers)?.Split(',').Select(name => new ExecutionProvider(name.Trim())) ?? []
            ],
            FallbackToCpu = true,
            IntraOpThreads = values.GetValue(_threads),
        };
    });

    private static RegionOfInterest? ReadRegion(string? text) => text is not null
        && NumberList.Parse<double>("--region", text, ',', NumberList.Real, 4, 4) is [var left, var top, var right,
            var bottom] ? new RegionOfInterest(left, top, right, bottom) : null;

    // As the option takes it.
    private static string Write(RegionOfInterest region) => string.Create(CultureInfo.InvariantCulture,
        $"{region.Left},{region.Top},{region.Right},{region.Bottom}");

    /// <summary>The options that change results, by name, as a command line would have them.</summary>
    public static IEnumerable<(string Option, string Value)> Record(InferenceOptions inference)
    {
        CultureInfo invariant = CultureInfo.InvariantCulture;
        yield return ("--flip", inference.Flip ? "true" : "false");
        yield return ("--scales", string.Join(',', inference.Scales.Select(scale => scale.ToString(invariant))));
        if (inference.TileHeight is not null)
        {
            yield return ("--tile", string.Create(invariant, $"{inference.TileHeight}x{inference.TileWidth}"));
            yield return ("--tile-overlap", inference.TileOverlap.ToString(invariant));
        }
        if (inference.RegionOfInterest is { } region)
            yield return ("--region", Write(region));
        if (inference.WorkingSide is { } side)
            yield return ("--working-side", side.ToString(invariant));
    }

    /// <summary>What a report says about how images were scored.</summary>
    public static string Describe(InferenceOptions inference)
    {
        List<string> parts = [inference.Scales is [1.0] ? "at their own size"
            : "at scales " + string.Join(", ",
                inference.Scales.Select(scale => scale.ToString(CultureInfo.InvariantCulture)))];
        if (inference.Flip)
            parts.Add("mirrored too");
        if (inference.TileHeight is { } height)
            parts.Add(string.Create(CultureInfo.InvariantCulture,
                $"in tiles of {height}x{inference.TileWidth}, {100 * inference.TileOverlap:0.#} % shared"));
        if (inference.RegionOfInterest is { } region)
            parts.Add($"in the region {Write(region)}");
        if (inference.WorkingSide is { } side)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"shrunk to {side} pixels where larger"));
        return string.Join(", ", parts);
    }
}
