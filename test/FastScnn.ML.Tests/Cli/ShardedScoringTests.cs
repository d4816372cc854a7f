using System.Diagnostics;
using System.Text.Json.Nodes;
using FastScnn.Scenes;
using FastScnn.Testing;

namespace FastScnn.ML.Tests.Cli;

/// <summary>Scores one folder by several processes: <c>fastscnn segment --shard</c> and <c>fastscnn merge</c>.</summary>
public class ShardedScoringTests
{
    private static readonly string s_model =
        Path.Combine(TestFiles.Root, "samples", "models", "fastscnn-scenes.onnx");

    // A tenth of a second for an image, so that a run can be met in its middle.
    private static readonly string[] s_slow = ["--scales", "4,4", "--flip"];

    [Test]
    public void Three_shards_give_what_one_run_gives()
    {
        string images = Scenes(9), whole = TestFiles.NewFolder(), parts = TestFiles.NewFolder();
        File.WriteAllText(Path.Combine(images, "text.jpg"), "no image");
        (int exit, _, string errors) = Cli.Run(Segment(images, whole));
        Assert.That((exit, Lines(errors)), Is.EqualTo((1, 1)), errors);
        int[] exits =
        [
            .. Enumerable.Range(1, 3).Select(i => Cli.Run(Segment(images, parts, "--shard", $"{i}/3")).Exit)
        ];
        Assert.That(exits, Is.EquivalentTo(new[] { 0, 0, 1 }), "one has the bad image");
        Assert.That(Enumerable.Range(1, 3).Select(i => Results(parts, $"results-{i}-of-3.jsonl").Length - 1),
            Is.All.InRange(1, 8).And.Exactly(3).Items);
        Assert.That(Path.Combine(parts, "shares.csv"), Does.Not.Exist, "no shard has all images");

        (exit, string output, errors) = Cli.Run("merge", "--input", parts);
        Assert.That((exit, Lines(errors)), Is.EqualTo((1, 1)), errors);
        Assert.That(errors, Does.Contain("text.jpg"));
        Assert.That(output, Does.Contain("9 of 10 images, 3 shards"));
        AssertSameResults(parts, whole);
        Assert.That(Results(parts, "results.jsonl").Skip(1).Select(line => (int)line["index"]!),
            Is.EqualTo(Enumerable.Range(0, 10)), "in the order of the list");
        Assert.That(Directory.GetFiles(parts).Select(Path.GetFileName).Where(name => !name!.EndsWith(".png")),
            Is.EquivalentTo(new[] { "results-1-of-3.jsonl", "results-2-of-3.jsonl", "results-3-of-3.jsonl",
                "results.jsonl", "shares.csv" }));

        string elsewhere = TestFiles.NewFolder();
        string[] files = [.. Enumerable.Range(1, 3).Select(i => Path.Combine(parts, $"results-{4 - i}-of-3.jsonl"))];
        Assert.That(Cli.Run(["merge", "--output", elsewhere, "--input", .. files]).Exit, Is.EqualTo(1));
        foreach (string name in new[] { "results.jsonl", "shares.csv" })
            Assert.That(File.ReadAllBytes(Path.Combine(elsewhere, name)),
                Is.EqualTo(File.ReadAllBytes(Path.Combine(parts, name))), name);
        // What was merged is what one run wrote: it goes on from there, and the image that failed is tried again.
        File.Copy(TestImages.Street, Path.Combine(images, "text.jpg"), overwrite: true);
        (exit, output, errors) = Cli.Run(Segment(images, parts, "--skip-existing"));
        Assert.That(exit, Is.Zero, errors);
        Assert.That(output, Does.Contain("9 of 10 images were done before").And.Contain("10 of 10 images"));
    }

    [Test]
    public void A_killed_shard_goes_on_where_it_was()
    {
        string images = Scenes(24), whole = TestFiles.NewFolder(), parts = TestFiles.NewFolder();
        string[] first = Segment(images, parts, ["--shard", "1/2", "--jobs", "1", "--skip-existing", .. s_slow]);
        string file = Path.Combine(parts, "results-1-of-2.jsonl");
        using (Process process = Cli.Start(first))
        {
            Wait.Until(process, () => File.Exists(file) && File.ReadAllLines(file).Length > 3);
            process.Kill();
            process.WaitForExit();
        }
        JsonObject[] done = Results(parts, "results-1-of-2.jsonl");
        Assert.That(done, Has.Length.InRange(4, (int)done[0]["images"]!), "killed in the middle");
        string[] masks = [.. done.Skip(1).Select(line => Path.Combine(parts, (string)line["mask"]!))];
        Assert.That(masks, Is.All.Exist);
        Assert.That(Cli.Run(Segment(images, parts, ["--shard", "2/2", .. s_slow])).Exit, Is.Zero);
        Refused(["merge", "--input", parts], file, $"{done.Length - 1} of its", "--skip-existing");

        // As if it had been killed within a line, and someone had deleted a mask.
        File.AppendAllText(file, """{"index":59,"image":"scene""");
        File.Delete(masks[0]);
        DateTime[] written = [.. masks.Select(File.GetLastWriteTimeUtc)];
        (int exit, string output, string errors) = Cli.Run(first);
        Assert.That(exit, Is.Zero, errors);
        Assert.That(output, Does.Contain($"{masks.Length - 1} of {(int)done[0]["images"]!} images were done before"));
        Assert.That(masks.Select(File.GetLastWriteTimeUtc).Skip(1), Is.EqualTo(written.Skip(1)), "done once");
        (exit, _, errors) = Cli.Run("merge", "--input", parts);
        Assert.That(exit, Is.Zero, errors);
        Assert.That(Cli.Run(Segment(images, whole, s_slow)).Exit, Is.Zero);
        AssertSameResults(parts, whole);
    }

    [Test]
    public void A_stopped_run_leaves_whole_files_alone_and_goes_on()
    {
        string images = Scenes(24), stopped = TestFiles.NewFolder(), whole = TestFiles.NewFolder();
        string[] run = Segment(images, stopped, ["--jobs", "1", "--skip-existing", .. s_slow]);
        string file = Path.Combine(stopped, "results.jsonl");
        using (Process process = Cli.Start(run))
        {
            Wait.Until(process, () => File.Exists(file) && File.ReadAllLines(file).Length > 3);
            Refused(run, file, "another run");
            using (Process signal = Process.Start("kill", ["-TERM", $"{process.Id}"]))
                signal.WaitForExit();
            process.WaitForExit();
            Assert.That(process.ExitCode, Is.EqualTo(130));
        }
        Assert.That(File.ReadAllText(file), Does.EndWith("}\n"));
        Assert.That(Directory.GetFiles(stopped).Where(path => path.Contains(".tmp") || path.EndsWith(".lock")),
            Is.Empty);
        (int exit, string output, string errors) = Cli.Run(run);
        Assert.That(exit, Is.Zero, errors);
        Assert.That(output, Does.Contain("of 24 images were done before"));
        Assert.That(Cli.Run(Segment(images, whole, s_slow)).Exit, Is.Zero);
        AssertSameResults(stopped, whole);
    }

    [Test]
    public void A_mix_of_models_or_options_is_refused_by_name()
    {
        string images = Scenes(4), parts = TestFiles.NewFolder();
        const string First = "results-1-of-2.jsonl";
        Assert.That(Cli.Run(Segment(images, parts, "--shard", "1/2")).Exit, Is.Zero);
        byte[] before = File.ReadAllBytes(Path.Combine(parts, First));

        Refused(Segment(images, parts, "--shard", "1/2", "--skip-existing", "--flip"), First, "--flip false", "true");
        Refused(Segment(images, parts, "--shard", "2/2", "--tile", "64"), First, "--tile not set", "64x64");
        Refused(
            ["segment", "--model", Models.CamVid, "--input", images, "--output", parts, "--shard", "1/2",
                "--skip-existing"], First, "model", Sha256(s_model), Sha256(Models.CamVid));
        Assert.That(File.ReadAllBytes(Path.Combine(parts, First)), Is.EqualTo(before));
        Assert.That(Directory.GetFiles(parts, "results*").Select(Path.GetFileName), Is.EqualTo(new[] { First }));
        Assert.That(Cli.Run(Segment(images, parts, "--shard", "1/2", "--flip")).Exit, Is.Zero,
            "without --skip-existing a shard starts anew");
    }

    [Test]
    public void A_list_names_images_of_several_folders()
    {
        string folder = TestFiles.NewFolder(), list = Path.Combine(folder, "list.txt"),
            whole = Path.Combine(folder, "whole"), parts = Path.Combine(folder, "parts");
        string[] names = ["b/street.png", "a/street.png", "a/street.jpg", "missing.png"];
        foreach (string name in names.SkipLast(1))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, name))!);
            File.Copy(TestImages.Street, Path.Combine(folder, name));
        }
        File.WriteAllLines(list, names);
        (int exit, string output, string errors) = Cli.Run("segment", "--model", s_model, "--list", list, "--output",
            whole, "--json");
        Assert.That((exit, Lines(errors)), Is.EqualTo((1, 1)), errors);
        Assert.That(errors, Does.Contain($"There is no file '{Path.Combine(folder, "missing.png")}'"));
        JsonArray images = JsonNode.Parse(output.TrimEnd().Split('\n')[^1])!["images"]!.AsArray();
        Assert.That(images.Select(image => (string?)image!["mask"]),
            Is.EqualTo(new[] { "b/street_mask.png", "a/street.png_mask.png", "a/street.jpg_mask.png", null }));
        Assert.That(images.Select(image => (string?)image!["image"]),
            Is.EqualTo(names.Select(name => Path.Combine(folder, name))));

        foreach (string shard in new[] { "1/2", "2/2" })
            Cli.Run("segment", "--model", s_model, "--list", list, "--output", parts, "--shard", shard);
        Assert.That(Cli.Run("merge", "--input", parts).Exit, Is.EqualTo(1));
        AssertSameResults(parts, whole);

        Refused(["segment", "--model", s_model, "--list", list, "--output", folder], "--output",
            "a folder of their own");
        Refused(["segment", "--model", s_model, "--output", whole], "Give --input");
        Refused(["segment", "--model", s_model, "--output", whole, "--list", list, "--input", folder], "not both");
    }

    [Test]
    public void A_list_comes_by_standard_input_and_a_shard_by_the_scheduler_where_it_is_asked_for()
    {
        string images = Scenes(5), output = TestFiles.NewFolder();
        string list = string.Concat(Directory.GetFiles(images).Select(file => file + "\n"));
        string[] segment = ["segment", "--model", s_model, "--list", "-", "--output", output];
        Dictionary<string, string> task = new()
        {
            ["SLURM_ARRAY_TASK_ID"] = "3",
            ["SLURM_ARRAY_TASK_COUNT"] = "3",
            ["SLURM_ARRAY_TASK_MIN"] = "1"
        };
        (int exit, _, string errors) = Cli.Run(task, list, [.. segment, "--shard", "auto"]);
        Assert.That(exit, Is.Zero, errors);
        JsonObject[] third = Results(output, "results-3-of-3.jsonl");
        Assert.That(((int)third[0]["images"]!, (int)third[0]["listImages"]!), Is.EqualTo((third.Length - 1, 5)));
        (exit, _, errors) = Cli.Run(new Dictionary<string, string> { ["JOB_COMPLETION_INDEX"] = "0" }, list,
            [.. segment, "--shard", "auto/3"]);
        Assert.That(exit, Is.Zero, errors);
        Assert.That(Path.Combine(output, "results-1-of-3.jsonl"), Does.Exist);
        (exit, _, errors) = Cli.Run(task, list, segment);
        Assert.That(exit, Is.Zero, errors);
        Assert.That(Results(output, "results.jsonl").Length - 1, Is.EqualTo(5), "all images without --shard");
        (exit, _, errors) = Cli.Run(new Dictionary<string, string>(), list, [.. segment, "--shard", "auto"]);
        Assert.That(exit, Is.EqualTo(1));
        Assert.That(errors, Does.Contain("SLURM_ARRAY_TASK_ID").And.Contain("JOB_COMPLETION_INDEX"));
    }

    private static string Scenes(int count)
    {
        string root = TestFiles.NewFolder();
        StreetSceneFolder.Write(root, "train", count, new StreetSceneOptions { Width = 96, Height = 64, Seed = 1 });
        return Path.Combine(root, "images", "train");
    }

    // One thread for an image: sums are the same in every run.
    private static string[] Segment(string images, string output, params string[] more) =>
        ["segment", "--model", s_model, "--input", images, "--output", output, "--threads", "1", .. more];

    private static void Refused(string[] arguments, params string[] words)
    {
        (int exit, _, string errors) = Cli.Run(arguments);
        Assert.That((exit, Lines(errors)), Is.EqualTo((1, 1)), errors);
        foreach (string word in words)
            Assert.That(errors, Does.Contain(word));
    }

    // Masks and overlays to the byte, and all that is written about them but the time.
    private static void AssertSameResults(string folder, string expected)
    {
        string[] pictures = [.. Pictures(expected)];
        Assert.That(Pictures(folder), Is.EqualTo(pictures));
        foreach (string picture in pictures)
            Assert.That(File.ReadAllBytes(Path.Combine(folder, picture)),
                Is.EqualTo(File.ReadAllBytes(Path.Combine(expected, picture))), picture);
        Assert.That(File.ReadAllText(Path.Combine(folder, "shares.csv")),
            Is.EqualTo(File.ReadAllText(Path.Combine(expected, "shares.csv"))));
        Assert.That(Text(folder), Is.EqualTo(Text(expected)));

        static IEnumerable<string> Pictures(string folder) =>
            Directory.GetFiles(folder, "*.png", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(folder, file)).Order(StringComparer.Ordinal);
        static string Text(string folder)
        {
            JsonObject[] lines = Results(folder, "results.jsonl");
            Assert.That(lines.Select(line => line.Remove("inferenceMs")).Skip(1), Is.All.True);
            return string.Join('\n', lines.Select(line => line.ToJsonString()));
        }
    }

    private static JsonObject[] Results(string folder, string file) =>
        [.. File.ReadAllLines(Path.Combine(folder, file)).Select(line => JsonNode.Parse(line)!.AsObject())];

    private static int Lines(string text) => text.TrimEnd().Split('\n').Length;

    private static string Sha256(string file) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)));
}
