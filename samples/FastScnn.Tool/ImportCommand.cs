using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using FastScnn.ML.Imaging;
using FastScnn.Tool.Import;
using FastScnn.Torch.Data;
using Spectre.Console;

namespace FastScnn.Tool;

/// <summary><c>fastscnn import</c>: the labels of a labelling tool in, a folder to train on out.</summary>
internal static class ImportCommand
{
    private const string Background = "background", Ignore = "ignore", File = "file", Small = "small";

    // What a printed list of faults shows; --json has all.
    private const int MostFaults = 20;

    public static Command Create()
    {
        Option<string> from = new("--from")
        {
            Description = "The tool or format: labelme, coco, yolo, cvat (for images 1.1) or label-studio (JSON)",
            Required = true
        };
        from.AcceptOnlyFromAmong(LabelSource.Labelme, LabelSource.Coco, LabelSource.Yolo, LabelSource.Cvat,
            LabelSource.LabelStudio);
        Option<string> input = new("--input", "-i")
        {
            Description = "What the tool wrote: the file, or the folder with it; labelme: the folder of JSON files",
            Required = true
        };
        Option<string?> images = new("--images")
        {
            Description = "Folder of the images, also for those that lie elsewhere than the labels say; default: the "
                + "folder of the labels"
        };
        Option<string> output = new("--output", "-o")
        {
            Description = "Root of the data set; gets images/, masks/ and classes.json",
            Required = true
        };
        Option<bool> overwrite = new("--overwrite")
        {
            Description = "Replace the images, masks and classes.json of the output"
        };
        Option<double?> share = new("--val-share")
        {
            Description = "Part of the images for validation, chosen by a hash of the name so that an image stays "
                + "where it is when others come; default: the splits that the labels state, or 0.2"
        };
        Option<string?> list = new("--val-list")
        {
            Description = "Text file of the images for validation, one a line, as the labels name them"
        };
        Option<string?> classes = new("--classes")
        {
            Description = "Class list whose names and ids count; default: the classes of the labels"
        };
        Option<bool> ignoreUnknown = new("--ignore-unknown-classes")
        {
            Description = "Leave shapes out whose class --classes does not have, instead of refusing them"
        };
        Option<string> background = new("--background")
        {
            Description = "Name of the class of pixels without a shape, which gets id 0",
            DefaultValueFactory = _ => Background
        };
        Option<string> unlabeled = new("--unlabeled")
        {
            Description = "What pixels without a shape are: background or ignore",
            DefaultValueFactory = _ => Background
        };
        unlabeled.AcceptOnlyFromAmong(Background, Ignore);
        Option<string?> overlap = new("--overlap")
        {
            Description = "Which shape is above within a layer: file (the later one) or small (the one with the "
                + "smaller area); default: small for coco, file for the others"
        };
        overlap.AcceptOnlyFromAmong(File, Small);
        Option<bool> keepEmpty = new("--keep-empty")
        {
            Description = "Keep images without a shape, as images of nothing but what --unlabeled says"
        };
        Option<bool> json = new("--json") { Description = "Print one JSON object as the last line" };
        ImageArguments decoding = new();
        Command command = new("import", """
            Make a folder of images and masks to train on from the labels of a labelling tool. Exit code 1 where an image or a file of labels is wrong; the others are imported all the same.
            Example: fastscnn import --from coco --input instances.json --images photos --output data
            """)
        {
            from, input, images, output, overwrite, share, list, classes, ignoreUnknown, background, unlabeled, overlap,
            keepEmpty, json
        };
        decoding.AddTo(command);
        command.SetAction((parsed, cancellation) => Failure.Guard(() => Task.FromResult(new Run(
            parsed.GetRequiredValue(from), parsed.GetRequiredValue(input), parsed.GetValue(images),
            parsed.GetRequiredValue(output), parsed.GetValue(overwrite), parsed.GetValue(share), parsed.GetValue(list),
            parsed.GetValue(classes), parsed.GetValue(ignoreUnknown),
            parsed.GetValue(unlabeled) == Ignore ? null : parsed.GetRequiredValue(background),
            parsed.GetValue(overlap), parsed.GetValue(keepEmpty), parsed.GetValue(json), decoding.Read(parsed))
            .Execute(cancellation))));
        return command;
    }

    private sealed record Run(
        string From, string Input, string? Images, string Output, bool Overwrite, double? Share, string? List,
        string? ClassFile, bool IgnoreUnknown, string? BackgroundName, string? Overlap, bool KeepEmpty, bool Json,
        ImageDecoderOptions Decoding)
    {
        public int Execute(CancellationToken cancellation)
        {
            if (Share is not (null or (>= 0 and <= 1)))
                throw new ArgumentException(
                    $"--val-share is {Share.Value.ToString(CultureInfo.InvariantCulture)}, and must lie in 0..1.");
            if (Share is not null && List is not null)
                throw new ArgumentException("Give --val-share or --val-list, not both.");
            if (IgnoreUnknown && ClassFile is null)
                throw new ArgumentException("--ignore-unknown-classes needs --classes, the classes that are known.");
            ImportedFolder.Check(Output, Overwrite);
            using LabelSource source = LabelSource.Open(From, Input, Images);
            Survey survey = Survey.Of(source, Output, cancellation);
            MaskRecipe recipe = Recipe(source, survey);
            SplitRule split = new(Share ?? 0.2, List is null ? null : survey.Listed(List, Images ?? FolderOf(Input)),
                AsStated: Share is null && List is null);
            Dictionary<string, string> names = FolderNames.Distinct(survey.Images.Keys);
            ImportReport report = new();
            using ImportedFolder folder = new(Output, recipe, Decoding, report);
            AnsiConsole.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(),
                new RemainingTimeColumn()).Start(progress =>
            {
                ProgressTask task = progress.AddTask("importing", maxValue: survey.Count);
                foreach (LabeledImage image in source.Read(report))
                {
                    cancellation.ThrowIfCancellationRequested();
                    folder.Add(image, names[image.Name], split.Of(image.Name, image.Split));
                    task.Increment(1);
                }
            });
            if (folder.Splits.Count > 0)
                folder.Complete();
            Tell(folder, recipe, report);
            if (Json)
                PrintJson(folder, recipe, report);
            return folder.Splits.Count > 0 && !report.Faults.Any() ? 0 : Failure.ExitCode;
        }

        private MaskRecipe Recipe(LabelSource source, Survey survey)
        {
            ClassList classes = ClassFile is null ? MakeClasses(source, survey) : ClassList.Load(ClassFile);
            MaskRecipe recipe = new()
            {
                Classes = classes,
                Unlabeled = BackgroundName is null ? classes.IgnoreIndex
                    : classes.Names.ToList().IndexOf(BackgroundName) is >= 0 and var id ? (byte)id
                    : throw new ArgumentException(
                        $"--background is '{BackgroundName}', which '{ClassFile}' does not have; name one of its "
                            + "classes, or give --unlabeled ignore."),
                SmallAbove = Overlap is null ? source.SmallAbove : Overlap == Small,
                KeepEmpty = KeepEmpty,
            };
            string[] unknown =
            [
                .. survey.Labels.Where(label => recipe.IdOf(label.Key) is null).OrderBy(label => label.Key,
                    StringComparer.Ordinal).Select(label => $"'{label.Key}' ({label.Value} shapes)")
            ];
            if (unknown.Length > 0 && !IgnoreUnknown)
                throw new InvalidDataException(
                    $"'{ClassFile ?? Input}' does not have the classes {string.Join(", ", unknown.Take(10))}"
                        + $"{(unknown.Length > 10 ? $" and {unknown.Length - 10} more" : "")} of the labels; add them, "
                        + "or give --ignore-unknown-classes.");
            return recipe;
        }

        // The background first, then the order of the tool's file.
        private ClassList MakeClasses(LabelSource source, Survey survey)
        {
            IEnumerable<string> stated = source.Classes ?? (IEnumerable<string>)survey.Labels.Keys
                .Where(label => label is not (MaskRecipe.LabelmeIgnored or MaskRecipe.LabelmeBackground))
                .Order(StringComparer.Ordinal);
            string[] names =
            [
                .. BackgroundName is null ? [] : new[] { BackgroundName },
                .. stated.Where(name => name != BackgroundName)
            ];
            if (names.Length is < ClassList.MinCount or > ClassList.MaxCount)
                throw new InvalidDataException(
                    $"'{Input}' makes {names.Length} classes{(names.Length == 1 ? $", '{names[0]}'" : "")}; a class "
                        + $"list has {ClassList.MinCount} to {ClassList.MaxCount}."
                        + (BackgroundName is null ? " Without --unlabeled ignore there is one for the background."
                            : ""));
            ClassList colors = ClassList.Generic(names.Length);
            return new ClassList(names.Select((name, id) => colors[id] with { Name = name }));
        }

        private void Tell(ImportedFolder folder, MaskRecipe recipe, ImportReport report)
        {
            foreach (string line in report.Lines())
                Console.WriteLine(line);
            foreach (ImportReport.Finding fault in report.Faults.Take(MostFaults))
                Console.Error.WriteLine($"fault: '{fault.Image}': {fault.Why}");
            if (report.Faults.Skip(MostFaults).Any())
                Console.Error.WriteLine($"and {report.Faults.Count() - MostFaults} faults more");
            if (folder.Splits.Count == 0)
            {
                Console.Error.WriteLine($"'{Input}' gives no image to import; nothing was written.");
                return;
            }
            foreach (string split in new[] { SplitRule.Training, SplitRule.Validation })
                if (!folder.Splits.ContainsKey(split))
                    Warnings.Print([$"no image is in '{split}'; --val-share or --val-list makes other splits"]);
            string splits = string.Join(", ", folder.Splits.Select(pair => $"{pair.Value} {pair.Key}"));
            int images = report.Skipped.Count(finding => finding.Shape is null);
            Console.WriteLine($"{Output}: {splits} images, {recipe.Classes.Count} classes; {images} images and "
                + $"{report.Skipped.Count() - images} shapes skipped, {report.Faults.Count()} faults");
        }

        private void PrintJson(ImportedFolder folder, MaskRecipe recipe, ImportReport report) =>
            Console.WriteLine(JsonSerializer.Serialize(new
            {
                output = Output,
                splits = folder.Splits,
                classes = recipe.Classes.Select((c, id) => new
                {
                    name = c.Name,
                    images = folder.ClassImages[id],
                    pixels = folder.ClassPixels[id]
                }),
                skipped = report.Skipped.Select(finding => new { finding.Image, finding.Shape, finding.Why }),
                faults = report.Faults.Select(finding => new { finding.Image, finding.Why }),
            }, ResultsFile.Json));

        private static string FolderOf(string input) => Directory.Exists(input) ? input
            : Path.GetDirectoryName(Path.GetFullPath(input))!;
    }

    /// <summary>What is looked at before anything is written: which images there are, and which labels.</summary>
    private sealed class Survey
    {
        /// <summary>How many images the labels have, with those that have no file.</summary>
        public int Count { get; private set; }

        /// <summary>Their names, with their files.</summary>
        public Dictionary<string, string?> Images { get; } = new(StringComparer.Ordinal);

        /// <summary>How many shapes each label has.</summary>
        public Dictionary<string, int> Labels { get; } = new(StringComparer.Ordinal);

        public static Survey Of(LabelSource source, string output, CancellationToken cancellation)
        {
            Survey survey = new();
            foreach (LabeledImage image in source.Read(new ImportReport()))
            {
                cancellation.ThrowIfCancellationRequested();
                survey.Count++;
                survey.Images[image.Name] = image.Path;
                foreach (Shape shape in image.Shapes)
                    survey.Labels[shape.Label] = survey.Labels.GetValueOrDefault(shape.Label) + 1;
                string place = image.Path is null ? ".." : Path.GetRelativePath(output, image.Path);
                // --overwrite would delete it.
                if (!Path.IsPathRooted(place) && place.Split(Path.DirectorySeparatorChar)[0] != "..")
                    throw new ArgumentException(
                        $"--output is '{output}', in which the image '{image.Path}' lies; give the data set a folder "
                            + "of its own.");
            }
            return survey;
        }

        /// <summary>The names that a list has, by the rules of <see cref="SegmentationDataset.WhereListed"/>.</summary>
        public IReadOnlySet<string> Listed(string list, string root)
        {
            if (!System.IO.File.Exists(list))
                throw new FileNotFoundException($"--val-list names '{list}', which is no file.");
            ILookup<string, string> byPath = Images.Where(pair => pair.Value is not null)
                .ToLookup(pair => Path.GetFullPath(pair.Value!), pair => pair.Key, StringComparer.Ordinal);
            ILookup<string, string> byStem = Images.Keys.SelectMany(name => new[]
                { (Path.GetFileName(name), name), (Path.GetFileNameWithoutExtension(name), name) }).Distinct()
                .ToLookup(pair => pair.Item1, pair => pair.name, StringComparer.Ordinal);
            Dictionary<string, int> lines = new(StringComparer.Ordinal);
            int number = 0;
            foreach (string text in System.IO.File.ReadLines(list))
            {
                number++;
                string entry = text.Trim();
                if (entry.Length == 0)
                    continue;
                if (entry.Contains('\0'))
                    throw Fault("expected the path of an image, found a zero byte");
                string[] atPath = [.. byPath[Path.GetFullPath(entry, Path.GetFullPath(root))]];
                string[] found = Images.ContainsKey(LabeledImage.ToName(entry)) ? [LabeledImage.ToName(entry)]
                    : atPath.Length > 0 ? atPath : [.. byStem[entry]];
                if (found.Length != 1)
                    throw Fault(found.Length == 0
                        ? $"'{entry}' is none of the {Images.Count} images of the labels"
                            + (Images.Count > 0 ? $"; expected a path such as '{Images.Keys.First()}'" : "")
                        : $"'{entry}' is the name of {found.Length} images, such as '{found[0]}' and '{found[1]}'");
                if (!lines.TryAdd(found[0], number))
                    throw Fault($"'{entry}' is the image of line {lines[found[0]]} again; list each image once");
            }
            return lines.Count > 0 ? lines.Keys.ToHashSet(StringComparer.Ordinal)
                : throw new InvalidDataException($"The list '{list}' names no image.");

            InvalidDataException Fault(string what) =>
                new(FormattableString.Invariant($"The list '{list}', line {number}: {what}."));
        }
    }
}
