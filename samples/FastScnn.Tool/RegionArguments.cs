using System.CommandLine;
using System.Globalization;
using System.Text;
using FastScnn.ML.Imaging;
using FastScnn.ML.Regions;
using FastScnn.Torch.Data;

namespace FastScnn.Tool;

/// <summary>The options that ask for the regions of masks.</summary>
internal sealed class RegionArguments
{
    private readonly Option<string?> _format = new("--regions")
    {
        Description = "Also write the regions: geojson, csv or svg for one file an image, coco for one file, "
            + $"{RegionOutput.CocoFile}, of all images"
    };
    private readonly Option<int?> _minArea = new("--min-area")
    {
        Description = "With --regions: leave out regions of fewer pixels"
    };
    private readonly Option<double?> _simplify = new("--simplify")
    {
        Description = "With --regions: simplify outlines, which move by about as many pixels; 0 keeps the edges of "
            + "pixels"
    };

    public void AddTo(Command command)
    {
        _format.AcceptOnlyFromAmong("geojson", "coco", "csv", "svg");
        command.Add(_format);
        command.Add(_minArea);
        command.Add(_simplify);
    }

    /// <summary>What is asked for; null where that is nothing.</summary>
    public RegionOutput? Read(ParseResult parsed)
    {
        if (parsed.GetValue(_format) is not { } format)
            return parsed.GetResult(_minArea) is null && parsed.GetResult(_simplify) is null ? null
                : throw new ArgumentException("--min-area and --simplify are about regions; give --regions too.");
        return OptionValues.Read(parsed, values => new RegionOutput(format, new RegionOptions
        {
            MinArea = values.GetValue(_minArea) ?? 1,
            Tolerance = values.GetValue(_simplify) ?? 0,
        }));
    }
}

/// <summary>The files of regions that a run writes.</summary>
internal sealed record RegionOutput(string Format, RegionOptions Options)
{
    /// <summary>The file of all images, in the output folder.</summary>
    public const string CocoFile = "annotations.json";

    /// <summary>Whether one file has the regions of all images. It is made of the masks, once all are there.</summary>
    public bool IsOfAll => Format == "coco";

    /// <summary>Whether the files have a mean confidence for each region.</summary>
    public bool HasConfidence => Format is "geojson" or "csv";

    /// <summary>The file of an image, from the output folder.</summary>
    public string FileOf(string name) => $"{name}_regions.{Format}";

    /// <summary>The options that change the files of images, as a results file records them.</summary>
    public IEnumerable<(string, string)> Record() => IsOfAll ? [] :
    [
        ("--regions", Format),
        ("--min-area", Options.MinArea.ToString(CultureInfo.InvariantCulture)),
        ("--simplify", Options.Tolerance.ToString(CultureInfo.InvariantCulture)),
    ];

    /// <summary>Writes the file of one image.</summary>
    public void Write(string path, SegmentationRegions regions) => OutputFile.Replace(path, temporary =>
        File.WriteAllText(temporary, Format switch
        {
            "geojson" => regions.ToGeoJson(),
            "csv" => regions.ToCsv(),
            _ => regions.ToSvg(),
        }, new UTF8Encoding(false)));

    /// <summary>Writes the file of all images that have a mask.</summary>
    /// <param name="results">The results file, in the order of the list.</param>
    /// <param name="output">The folder of the masks and of the file.</param>
    /// <param name="classes">The classes of the masks.</param>
    /// <param name="cancellation">Stops before anything is replaced.</param>
    public void WriteAll(string results, string output, ClassList classes, CancellationToken cancellation)
    {
        SegmentationRegions.SaveCoco(Path.Combine(output, CocoFile), classes, Images());

        IEnumerable<(string, SegmentationRegions)> Images()
        {
            foreach (ImageResult result in ResultsSummary.Results(results))
            {
                cancellation.ThrowIfCancellationRequested();
                if (result.Mask is { } mask)
                    yield return (result.Image,
                        SegmentationMap.Load(Path.Combine(output, mask), classes).FindRegions(Options));
            }
        }
    }
}
