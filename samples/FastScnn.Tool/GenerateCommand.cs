using System.CommandLine;
using FastScnn.Scenes;
using FastScnn.Torch.Data;
using Spectre.Console;

namespace FastScnn.Tool;

/// <summary><c>fastscnn generate</c>: street scenes with exact masks, as a folder data set.</summary>
internal static class GenerateCommand
{
    public static Command Create()
    {
        Option<string> output = new("--output", "-o")
        {
            Description = "Root of the data set; gets images/, masks/ and classes.json",
            Required = true
        };
        Option<int> count = new("--count", "-n")
        {
            Description = "Scenes of the train split",
            DefaultValueFactory = _ => 100
        };
        Option<int> validation = new("--val-count")
        {
            Description = "Scenes of the val split; 0 for none",
            DefaultValueFactory = _ => 20
        };
        Option<string> size = new("--size")
        {
            Description = "Height x width in pixels, such as 512x1024",
            DefaultValueFactory = _ => "360x480"
        };
        Option<long> seed = new("--seed")
        {
            Description = "Another seed draws other scenes; the same seed the same ones",
            DefaultValueFactory = _ => 0
        };
        Command command = new("generate", "Draw street scenes with exact masks to train on without a download.")
        {
            output, count, validation, size, seed
        };
        command.SetAction((parsed, cancellation) => Failure.Guard(() => Task.FromResult(Run(
            parsed.GetRequiredValue(output),
            parsed.GetValue(count),
            parsed.GetValue(validation),
            OptionValues.Read(parsed, values => Options(values.GetRequiredValue(size), parsed.GetValue(seed))),
            cancellation))));
        return command;
    }

    private static StreetSceneOptions Options(string size, long seed)
    {
        string[] sides = size.Split('x', 'X');
        if (sides.Length != 2 || !int.TryParse(sides[0], out int height) || !int.TryParse(sides[1], out int width))
            throw new ArgumentException($"--size is '{size}', and must be height x width, such as 360x480.");
        return new StreetSceneOptions { Width = width, Height = height, Seed = seed };
    }

    private static int Run(string output, int count, int validation, StreetSceneOptions options,
        CancellationToken cancellation)
    {
        if (count < 1 || validation < 0)
            throw new ArgumentException(
                $"--count is {count} and --val-count {validation}, and must be 1 or more, and 0 or more.");
        // Scenes among the images of another data set, and its class list gone, would be found much later.
        string classes = Path.Combine(output, "classes.json");
        if (File.Exists(classes) && !ClassList.Load(classes).Equals(StreetScene.Classes))
            throw new InvalidDataException(
                $"'{classes}' has other classes than the scenes; give the scenes a folder of their own.");
        foreach ((string split, int scenes) in new[] { ("train", count), ("val", validation) })
            foreach (string kind in new[] { "images", "masks" })
                CheckFolder(Path.Combine(output, kind, split), scenes);
        AnsiConsole.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(),
            new RemainingTimeColumn()).Start(progress =>
        {
            foreach ((string split, int scenes) in new[] { ("train", count), ("val", validation) })
            {
                if (scenes > 0)
                    StreetSceneFolder.Write(output, split, scenes, options,
                        new Bar(progress.AddTask($"drawing {split}", maxValue: scenes)), cancellation);
            }
        });
        Console.WriteLine(
            $"{output}: {count} train and {validation} val scenes of {options.Height}x{options.Width}, seed "
                + $"{options.Seed}, {StreetScene.Classes.Count} classes");
        return 0;
    }

    // Scenes of an earlier run, of another size or seed, would be among those of this one.
    private static void CheckFolder(string folder, int scenes)
    {
        if (!Directory.Exists(folder))
            return;
        HashSet<string> replaced = [.. Enumerable.Range(0, scenes).Select(scene => $"scene_{scene:d6}.png")];
        string[] others =
        [
            .. Directory.EnumerateFiles(folder, "*.png").Select(file => Path.GetFileName(file))
                .Where(file => !replaced.Contains(file) && !ImageFiles.IsIgnored(file)).Order(StringComparer.Ordinal)
        ];
        if (others.Length > 0)
            throw new IOException(
                $"'{folder}' holds other images than the {scenes} to draw: {others.Length}, such as '{others[0]}'; "
                    + "empty it, or give the scenes a folder of their own.");
    }

    // Progress<T> would report from other threads after the end.
    private sealed class Bar(ProgressTask task) : IProgress<int>
    {
        public void Report(int value) => task.Increment(1);
    }
}
