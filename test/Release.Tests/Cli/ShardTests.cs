using FastScnn.Testing;
using FastScnn.Tool;

namespace FastScnn.Release.Tests.Cli;

/// <summary>Which images a shard has, and what their results are called.</summary>
public class ShardTests
{
    // As xxhsum -H1 (XXH64) has it: shards of several versions, and runs that go on, rely on it.
    [TestCase("street.jpg", 7)]
    [TestCase("a/x.png", 5)]
    [TestCase("camera07/2026-11-30/frame_000000001.jpg", 1)]
    [TestCase("/data/photos/x.jpg", 1)]
    [TestCase("straße/été.png", 15)]
    public void An_image_stays_in_its_shard(string key, int of16) =>
        Assert.That(Enumerable.Range(1, 16).Where(number => new Shard(number, 16).Has(key)),
            Is.EqualTo(new[] { of16 }));

    [TestCase(1)]
    [TestCase(3)]
    [TestCase(16)]
    [TestCase(1000)]
    public void Shards_share_a_list_out(int count)
    {
        string[] keys = [.. Enumerable.Range(0, 5000).Select(i => $"camera{i % 7}/frame_{i:D6}.jpg")];
        string[][] shards =
        [
            .. Enumerable.Range(1, count).Select(number => keys.Where(new Shard(number, count).Has).ToArray())
        ];
        Assert.That(shards.SelectMany(shard => shard), Is.EquivalentTo(keys), "each image once");
        double mean = 5000.0 / count;
        Assert.That(shards.Select(shard => shard.Length), Is.All.InRange(mean - (5 * Math.Sqrt(mean)),
            mean + (5 * Math.Sqrt(mean))));
    }

    [TestCase("1/3", 1, 3)]
    [TestCase("3/3", 3, 3)]
    [TestCase("1/1", 1, 1)]
    public void A_shard_is_named_from_one(string text, int number, int count) =>
        Assert.That(Shard.Parse(text, _ => null), Is.EqualTo(new Shard(number, count)));

    [TestCase("0/3")]
    [TestCase("4/3")]
    [TestCase("-1/3")]
    [TestCase("1/0")]
    [TestCase("1")]
    [TestCase("1/2/3")]
    [TestCase("1,3")]
    [TestCase("auto/0")]
    [TestCase("")]
    public void Anything_else_is_refused(string text) =>
        Assert.That(() => Shard.Parse(text, _ => null),
            Throws.ArgumentException.With.Message.Contains($"'{text}'").And.Message.Contains("1/16"));

    [TestCase("auto", "SLURM_ARRAY_TASK_ID=0 SLURM_ARRAY_TASK_COUNT=16 SLURM_ARRAY_TASK_MIN=0", 1, 16)]
    [TestCase("auto", "SLURM_ARRAY_TASK_ID=16 SLURM_ARRAY_TASK_COUNT=16 SLURM_ARRAY_TASK_MIN=1", 16, 16)]
    [TestCase("auto/16",
        "SLURM_ARRAY_TASK_ID=15 SLURM_ARRAY_TASK_COUNT=16 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_MAX=15", 16, 16)]
    [TestCase("auto",
        "SLURM_ARRAY_TASK_ID=4 SLURM_ARRAY_TASK_COUNT=4 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_MAX=6 "
            + "SLURM_ARRAY_TASK_STEP=2", 3, 4)]
    [TestCase("auto/8", "JOB_COMPLETION_INDEX=0", 1, 8)]
    [TestCase("auto/8", "JOB_COMPLETION_INDEX=7", 8, 8)]
    public void Auto_takes_what_the_scheduler_set(string text, string variables, int number, int count) =>
        Assert.That(Shard.Parse(text, Read(variables)), Is.EqualTo(new Shard(number, count)));

    [TestCase("auto", "", "neither SLURM_ARRAY_TASK_ID")]
    [TestCase("auto/8", "JOB_COMPLETION_INDEX=0 SLURM_ARRAY_TASK_ID=0", "both SLURM_ARRAY_TASK_ID")]
    [TestCase("auto", "JOB_COMPLETION_INDEX=0", "--shard auto/8")]
    [TestCase("auto/8", "JOB_COMPLETION_INDEX=8", "JOB_COMPLETION_INDEX is 8; expected 0 to 7")]
    [TestCase("auto/8", "JOB_COMPLETION_INDEX=", "JOB_COMPLETION_INDEX is ''")]
    [TestCase("auto", "SLURM_ARRAY_TASK_ID=3", "SLURM_ARRAY_TASK_COUNT is not set")]
    // Some tasks of a larger array that run again: 'sbatch --array=5', '--array=0' and '--array=0,9'.
    [TestCase("auto", "SLURM_ARRAY_TASK_ID=5 SLURM_ARRAY_TASK_COUNT=1 SLURM_ARRAY_TASK_MIN=5", "name the shard")]
    [TestCase("auto/16", "SLURM_ARRAY_TASK_ID=0 SLURM_ARRAY_TASK_COUNT=1 SLURM_ARRAY_TASK_MIN=0", "expected 16 tasks")]
    [TestCase("auto",
        "SLURM_ARRAY_TASK_ID=0 SLURM_ARRAY_TASK_COUNT=2 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_MAX=9",
        "2 tasks from 0 to 9")]
    public void Auto_refuses_what_does_not_say_which_shard(string text, string variables, string expected) =>
        Assert.That(() => Shard.Parse(text, Read(variables)),
            Throws.ArgumentException.With.Message.Contains(expected).And.Message.StartsWith($"--shard is '{text}'"));

    [Test]
    public void Names_of_results_are_those_of_the_whole_list_in_every_shard()
    {
        string folder = TestFiles.NewFolder(), elsewhere = TestFiles.NewFolder();
        string list = Path.Combine(folder, "list.txt");
        File.WriteAllLines(list,
        [
            "a/x.png", "a/x.JPG", "b/x.png", "", "y.png.png", "y.png", "Z.jpg", "z.png", "./c/../c/one.jpg",
            Path.Combine(folder, "c", "two.jpg"), Path.Combine(elsewhere, "x.png"), "../up.png", "noextension",
        ]);
        InputImages all = InputImages.InList(list, "--list", null);
        (string, string)[] expected =
        [
            ("a/x.png", "a/x.png"), ("a/x.JPG", "a/x.JPG"), ("b/x.png", "b/x"), ("y.png.png", "y.png.png"),
            ("y.png", "y"), ("Z.jpg", "Z.jpg"), ("z.png", "z.png"), ("c/one.jpg", "c/one"), ("c/two.jpg", "c/two"),
            (Slashes(Path.Combine(elsewhere, "x.png")), Below(Path.Combine(elsewhere, "x"))),
            (Slashes(Path.Combine(Path.GetDirectoryName(folder)!, "up.png")),
                Below(Path.Combine(Path.GetDirectoryName(folder)!, "up"))),
            ("noextension", "noextension"),
        ];
        Assert.That(Images(all).Select(image => (image.Key, image.Name)), Is.EqualTo(expected));
        Assert.That(Images(all).Select(image => image.Index), Is.EqualTo(Enumerable.Range(0, 12)));
        Assert.That(Images(all).Select(image => Path.GetFullPath(image.Path)).Take(3),
            Is.EqualTo(new[] { "a/x.png", "a/x.JPG", "b/x.png" }.Select(path => Path.GetFullPath(path, folder))));

        InputImages[] shards =
        [
            .. Enumerable.Range(1, 5).Select(number => InputImages.InList(list, "--list", new(number, 5)))
        ];
        Assert.That(shards.SelectMany(Images).OrderBy(image => image.Index), Is.EqualTo(Images(all)));
        Assert.That(shards.Select(shard => (shard.Total, shard.Hash)), Is.All.EqualTo((12, all.Hash)));

        static IEnumerable<InputImage> Images(InputImages images) =>
            Enumerable.Range(0, images.Count).Select(i => images[i]);
        static string Slashes(string path) => path.Replace('\\', '/');
        static string Below(string path) => Slashes(path).Replace(":", "").TrimStart('/');
    }

    [TestCase("a.png", "b.png", "./a.png")]
    [TestCase("sub/../a.png", "b.png", "a.png")]
    public void An_image_that_a_list_names_twice_is_refused(params string[] lines)
    {
        string list = Path.Combine(TestFiles.NewFolder(), "list.txt");
        File.WriteAllLines(list, lines);
        Assert.That(() => InputImages.InList(list, "--list", new(1, 100)),
            Throws.ArgumentException.With.Message.Contains(list).And.Message.Contains("images 1 and 3 of 3"));
    }

    [Test]
    public void A_list_without_an_image_is_refused()
    {
        string list = Path.Combine(TestFiles.NewFolder(), "list.txt");
        Assert.That(() => InputImages.InList(list, "--list", null),
            Throws.TypeOf<FileNotFoundException>().With.Message.Contains(list).And.Message.Contains("no file"));
        File.WriteAllText(list, "\n\n");
        Assert.That(() => InputImages.InList(list, "--list", null),
            Throws.TypeOf<FileNotFoundException>().With.Message.Contains("names no image"));
        File.WriteAllText(list, "a\0.png\n");
        Assert.That(() => InputImages.InList(list, "--list", null),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("line 1"));
    }

    private static Func<string, string?> Read(string variables)
    {
        Dictionary<string, string> values = variables.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        return name => values.GetValueOrDefault(name);
    }
}
