using FastScnn.Testing;
using FastScnn.Tool;

namespace FastScnn.Release.Tests.Cli;

/// <summary>Results files that are merged: all shards once, each whole, all of one kind.</summary>
public class MergedResultsTests
{
    private static readonly string[] s_keys = ["f.png", "e.png", "d.png", "c.png", "b.png", "a.png"];

    private static readonly ResultsHead s_head = new()
    {
        Format = ResultsHead.KnownFormat,
        Model = "aa",
        Options = new Dictionary<string, string> { ["--flip"] = "false" },
        Classes = ["road", "sky, blue"],
        Shard = null,
        Images = s_keys.Length,
        ListImages = s_keys.Length,
        List = "1234",
    };

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(9)]
    public void Shards_are_joined_in_the_order_of_the_list(int count)
    {
        string folder = TestFiles.NewFolder();
        string[] files = [.. Enumerable.Range(1, count).Reverse().Select(number => Write(folder, new(number, count)))];
        string merged = MergedResults.Write(files, folder, default);
        using (ResultsFile results = new(merged))
        {
            Assert.That(results.Read().Select(line => line.Result.Image), Is.EqualTo(s_keys));
            Assert.That((results.Head!.Shard, results.Head.Images), Is.EqualTo(((Shard?)null, 6)));
        }
        Assert.That(File.ReadAllLines(Path.Combine(folder, "shares.csv")),
            Is.EqualTo(new[] { "image,road,\"sky, blue\"", "f,0.250000,0.750000", "d,0.250000,0.750000",
                "c,0.250000,0.750000", "b,0.250000,0.750000", "a,0.250000,0.750000" }), "e.png has an error");
        byte[] before = File.ReadAllBytes(merged);
        Assert.That(MergedResults.Write([merged], folder, default), Is.EqualTo(merged));
        Assert.That(File.ReadAllBytes(merged), Is.EqualTo(before), "in order already");
    }

    [Test]
    public void Every_shard_is_there_once()
    {
        string folder = TestFiles.NewFolder();
        string[] files = [.. Enumerable.Range(1, 3).Select(number => Write(folder, new(number, 3)))];
        Refuses(folder, files[..1], "1 of 3 shards; without 'results-2-of-3.jsonl', 'results-3-of-3.jsonl'");
        Refuses(folder, [.. files, files[1]], files[1], "both of shard 2/3");
        Refuses(folder, [files[0], files[1], Write(folder, new(3, 4))], "the number of shards 3", "with 4");
    }

    [Test]
    public void A_mix_is_refused_by_name()
    {
        string folder = TestFiles.NewFolder(), one = Write(folder, new(1, 2));
        Different(s_head with { Model = "bb" }, "SHA-256 aa", "with bb");
        Different(s_head with { Options = new Dictionary<string, string> { ["--flip"] = "true" } }, "--flip false",
            "with true");
        Different(s_head with
        {
            Options = new Dictionary<string, string> { ["--flip"] = "false", ["--tile"] = "64x64" }
        }, "--tile not set", "with 64x64");
        Different(s_head with { List = "4321" }, "a list of 6 images with the hash 1234", "4321");
        Different(s_head with { ListImages = 7 }, "a list of 6 images", "with 7 images");

        void Different(ResultsHead head, params string[] words) =>
            Refuses(folder, [one, Write(folder, new(2, 2), head)], ["results-2-of-2.jsonl", .. words]);
    }

    [Test]
    public void Cut_and_damaged_files_are_refused_by_name()
    {
        string folder = TestFiles.NewFolder(), one = Write(folder, new(1, 2)), two = Write(folder, new(2, 2));
        string[] lines = File.ReadAllLines(two);
        Assert.That(lines, Has.Length.GreaterThan(2));
        Damaged("has no image", "");
        Damaged("has no image", lines[0]);
        Damaged($"has 0 of its {lines.Length - 1} images", lines[0] + "\n");
        Damaged($"has {lines.Length - 2} of its", string.Join('\n', lines));
        Damaged($"has {lines.Length - 2} of its", Text(lines)[..^10]);
        Damaged("expected it once", Text([.. lines, lines[1]]));
        Damaged("not one of its own", Text([.. lines[..^1], File.ReadAllLines(one)[1]]));
        Damaged("image 100 of the list", Text([.. lines[..^1],
            lines[^1].Replace("\"index\":", "\"index\":99,\"was\":", StringComparison.Ordinal)]));
        Damaged("line 2: expected the result of an image", Text([lines[0], "\0\0\0", .. lines[2..]]));
        Damaged("line 3: expected the result of an image", Text([.. lines[..2], "{}", .. lines[3..]]));
        Changed(1, "\"number\":2", "\"number\":3", "Its shard is 3/2.");
        Changed(1, "\"listImages\":6", "\"listImages\":-1", "of a list of -1");
        Changed(1, "\"options\":{", "\"options\":null,\"was\":{", "line 1: expected the first line");
        Changed(2, "\"road\"", "\"rode\"", "no share of the class 'road'");
        Changed(2, "\"shares\":{", "\"shares\":null,\"was\":{", "line 2: expected the result of an image");
        Changed(2, "\"mask\":", "\"was\":", "a mask or an error");
        Damaged("line 1: expected the first line of a results file", Text(lines[1..]));
        Damaged("'fastscnn results 2'; expected 'fastscnn results 1'",
            Text(lines).Replace("results 1\"", "results 2\"", StringComparison.Ordinal));
        File.WriteAllText(one, File.ReadAllLines(one)[0] + "\n");
        Damaged($"'{one}' has 0 of its", lines[0] + "\n");

        void Changed(int line, string before, string after, string expected)
        {
            string[] changed = [.. lines];
            Assert.That(changed[line - 1], Does.Contain(before));
            changed[line - 1] = changed[line - 1].Replace(before, after, StringComparison.Ordinal);
            Damaged(expected, Text(changed));
        }
        void Damaged(string expected, string content)
        {
            File.WriteAllText(two, content);
            Refuses(folder, [one, two], two, expected);
        }
        static string Text(IEnumerable<string> lines) => string.Concat(lines.Select(line => line + "\n"));
    }

    private static string Write(string folder, Shard shard, ResultsHead? head = null)
    {
        string path = Path.Combine(folder, ResultsFile.NameOf(shard));
        (string Key, int Index)[] images = [.. s_keys.Select((key, i) => (key, i)).Where(image => shard.Has(image.key))];
        using FileStream file = File.Create(path);
        file.Write(ResultsFile.ToLine((head ?? s_head) with { Shard = shard, Images = images.Length }));
        foreach ((string key, int index) in images.Reverse())
            file.Write(ResultsFile.ToLine(key == "e.png" ? new ImageResult { Index = index, Image = key, Error = "no" }
                : new ImageResult
                {
                    Index = index,
                    Image = key,
                    Error = null,
                    Mask = key[..1] + "_mask.png",
                    Shares = new Dictionary<string, double> { ["road"] = 0.25, ["sky, blue"] = 0.75 },
                }));
        return path;
    }

    private static void Refuses(string folder, IReadOnlyList<string> files, params string[] words)
    {
        string? message = Assert.Throws<InvalidDataException>(() => MergedResults.Write(files, folder, default))?.Message;
        foreach (string word in words)
            Assert.That(message, Does.Contain(word));
        Assert.That(Directory.GetFiles(folder).Select(Path.GetFileName), Has.All.StartsWith("results-"));
    }
}
