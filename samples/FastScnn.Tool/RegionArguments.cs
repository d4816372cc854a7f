using System.CommandLine;
using System.Globalization;
using System.Text;
using FastScnn.ML.Imaging;
using FastScnn.ML.Regions;
using FastScnn.Torch.Data;

namespace FastScnn.Tool;

/// <summary>The options that ask for the regions of masks, also as labels that people correct.</summary>
internal sealed class RegionArguments
{
    private readonly Option<string?> _format = new("--regions")
    {
        Description = "Also write the regions: geojson, csv or svg for one file an image, coco for one file, "
            + $"{RegionOutput.CocoFile}, of all images"
    };
    private readonly Option<string?> _preLabel = new(RegionOutput.PreLabel)
    {
        Description = "Also write the regions as labels to correct in a labelling tool: labelme for one file an image, "
            + $"in the folder {RegionOutput.LabelmeFolder} of the output, coco for one file, {RegionOutput.CocoFile}, "
            + "of all images. 'fastscnn import' reads both back"
    };
    private readonly Option<int?> _minArea = new("--min-area")
    {
        Description = "With --regions or --pre-label: leave out regions of fewer pixels"
    };
    private readonly Option<double?> _simplify = new("--simplify")
    {
        Description = "With --regions or --pre-label: simplify outlines, which move by about as many pixels; 0 "
            + "keeps the edges of pixels"
    };

    /// <summary>The option that asks for regions.</summary>
    public Option Format => _format;

    public void AddTo(Command command)
    {
        _format.AcceptOnlyFromAmong("geojson", "coco", "csv", "svg");
        _preLabel.AcceptOnlyFromAmong(RegionOutput.Labelme, RegionOutput.Coco);
        command.Add(_format);
        command.Add(_preLabel);
        command.Add(_minArea);
        command.Add(_simplify);
    }

    /// <summary>What is asked for; null where that is nothing.</summary>
    public RegionOutput? Read(ParseResult parsed)
    {
        (string? format, string? tool) = (parsed.GetValue(_format), parsed.GetValue(_preLabel));
        if (format is not null && tool is not null)
            throw new ArgumentException($"Give --regions or {RegionOutput.PreLabel}, not both.");
        if (format is null && tool is null)
            return parsed.GetResult(_minArea) is null && parsed.GetResult(_simplify) is null ? null
                : throw new ArgumentException(
                    $"--min-area and --simplify are about regions; give --regions or {RegionOutput.PreLabel} too.");
        return OptionValues.Read(parsed, values => new RegionOutput(format ?? tool!, tool is not null,
            new RegionOptions
            {
                MinArea = values.GetValue(_minArea) ?? 1,
                Tolerance = values.GetValue(_simplify) ?? 0,
            }));
    }
}

/// <summary>The files of regions that a run writes.</summary>
/// <param name="Format">What files.</param>
/// <param name="IsToCorrect">Whether they are labels for people to correct.</param>
/// <param name="Options">Which regions, and how exactly.</param>
internal sealed record RegionOutput(string Format, bool IsToCorrect, RegionOptions Options)
{
    public const string Coco = "coco", Labelme = "labelme", PreLabel = "--pre-label";

    /// <summary>The file of all images, in the output folder.</summary>
    public const string CocoFile = "annotations.json";

    /// <summary>The folder of the files of labelme, in the output folder.</summary>
    public const string LabelmeFolder = "labelme";

    private const string ClassesFile = "classes.json";

    /// <summary>The option that asks for them.</summary>
    public string Option => IsToCorrect ? PreLabel : "--regions";

    /// <summary>Whether the files are made of the masks, once all are there.</summary>
    public bool IsOfMasks => Format is Coco or Labelme;

    /// <summary>Whether the files have a mean confidence for each region.</summary>
    public bool HasConfidence => Format is "geojson" or "csv";

    /// <summary>The file of an image, from the output folder.</summary>
    public string FileOf(string name) =>
        Format == Labelme ? $"{LabelmeFolder}/{name}.json" : $"{name}_regions.{Format}";

    /// <summary>The options that change the files of images, as a results file records them.</summary>
    public IEnumerable<(string, string)> Record() => IsOfMasks ? [] :
    [
        ("--regions", Format),
        ("--min-area", Options.MinArea.ToString(CultureInfo.InvariantCulture)),
        ("--simplify", Options.Tolerance.ToString(CultureInfo.InvariantCulture)),
    ];

    /// <summary>Refuses to begin where labels are that people may have corrected, or classes that are not those of the
    /// labels; writes the class list that 'import' needs where there is none.</summary>
    /// <param name="images">The images of the run.</param>
    /// <param name="output">The output folder, which is there.</param>
    /// <param name="classes">The classes of the model.</param>
    /// <param name="goOn">Whether labels that are there are kept.</param>
    public void Prepare(InputImages images, string output, ClassList classes, bool goOn)
    {
        if (!IsToCorrect)
            return;
        for (int i = 0; Format == Labelme && !goOn && i < images.Count; i++)
            if (Path.Combine(output, FileOf(images[i].Name)) is var labels && File.Exists(labels))
                throw new IOException($"'{labels}' is there already, and someone may have corrected it. Give "
                    + "--skip-existing, which keeps such files, or choose another --output.");
        string file = Path.Combine(output, ClassesFile);
        if (!File.Exists(file))
            classes.Save(file);
        else if (ClassList.Load(file) is var others && !others.HasSameNames(classes))
            throw new InvalidDataException($"'{file}' has the classes {string.Join(", ", others.Names)}, and the model "
                + $"{string.Join(", ", classes.Names)}; choose another --output.");
    }

    /// <summary>Writes the file of one image.</summary>
    public void Write(string path, SegmentationRegions regions) => Write(path, Format switch
    {
        "geojson" => regions.ToGeoJson(),
        "csv" => regions.ToCsv(),
        _ => regions.ToSvg(),
    });

    /// <summary>Writes the files that are made of masks, for all images that have one. Files of labelme that are there
    /// already stay as they are.</summary>
    /// <param name="results">The results file, in the order of the list.</param>
    /// <param name="images">The images of the run.</param>
    /// <param name="output">The folder of the masks and of the files.</param>
    /// <param name="classes">The classes of the masks.</param>
    /// <param name="cancellation">Stops between images, before a file of all is replaced.</param>
    /// <returns>What to say of it; null for nothing.</returns>
    public string? WriteAll(string results, InputImages images, string output, ClassList classes,
        CancellationToken cancellation)
    {
        if (Format == Coco)
        {
            SegmentationRegions.SaveCoco(Path.Combine(output, CocoFile), classes,
                Results().Select(result => (result.Image, Regions(result))), forLabeling: IsToCorrect);
            return IsToCorrect ? $"labels to correct in {Path.Combine(output, CocoFile)}" : null;
        }
        int written = 0, kept = 0;
        foreach (ImageResult result in Results())
        {
            string path = Path.Combine(output, FileOf(FolderSegmentation.NameOf(result)));
            if (File.Exists(path))
            {
                kept++;
                continue;
            }
            string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            Directory.CreateDirectory(folder);
            string image = Path.GetRelativePath(folder, images.PathOf(result.Image));
            Write(path, Regions(result).ToLabelme(image.Replace(Path.DirectorySeparatorChar, '/')));
            written++;
        }
        return $"labels of {written} images to correct in {Path.Combine(output, LabelmeFolder)}"
            + (kept > 0 ? $"; those of {kept} were there before and are kept" : "");

        IEnumerable<ImageResult> Results()
        {
            foreach (ImageResult result in ResultsSummary.Results(results))
            {
                cancellation.ThrowIfCancellationRequested();
                if (result.Mask is not null)
                    yield return result;
            }
        }

        SegmentationRegions Regions(ImageResult result) =>
            SegmentationMap.Load(Path.Combine(output, result.Mask!), classes).FindRegions(Options);
    }

    private static void Write(string path, string text) =>
        OutputFile.Replace(path, temporary => File.WriteAllText(temporary, text, new UTF8Encoding(false)));
}
