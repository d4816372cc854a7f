using FastScnn.ML.Imaging;
using FastScnn.ML.Regions;

namespace FastScnn.ML.Tests.Regions;

public class RunLengthsTests
{
    // The counts are the examples of pycocotools/mask.py; the texts are what maskApi.c makes of them.
    [TestCase("0011101", "2,3,1,1", "231N")]
    [TestCase("1111110", "0,6,1", "061")]
    [TestCase("000000000000", "12", "<")]
    [TestCase("111111111111", "0,12", "0<")]
    public void Examples_of_pycocotools(string pixels, string counts, string text)
    {
        RunLengths runs = RunLengths.Encode(1, pixels.Length, [.. pixels.Select(pixel => pixel == '1')]);
        Assert.That(string.Join(',', runs.Counts), Is.EqualTo(counts));
        Assert.That(runs.ToString(), Is.EqualTo(text));
        Assert.That(RunLengths.Parse(1, pixels.Length, text).Counts, Is.EqualTo(runs.Counts));
        Assert.That(runs.Area, Is.EqualTo(pixels.Count(pixel => pixel == '1')));
    }

    // What maskApi.c makes of this mask: 401 runs, a text of 421 characters with this hash (FNV-1a).
    [Test]
    public void A_large_mask_is_written_as_maskApi_writes_it()
    {
        bool[] mask = new bool[640 * 480];
        for (int x = 100; x < 300; x++)
            for (int y = 50 + x % 7; y < 400 - x % 31; y++)
                mask[y * 640 + x] = true;
        RunLengths runs = RunLengths.Encode(640, 480, mask);
        string text = runs.ToString();
        Assert.That(runs.Counts, Has.Count.EqualTo(401));
        Assert.That(text, Does.StartWith(@"dm^1e:\4N2N2N2NK52N2N2N2N2N2NK52N2N2N2N2N2NK52N2N2N2N2m0SONK"));
        Assert.That(text.Aggregate(1469598103934665603UL, (hash, c) => (hash ^ c) * 1099511628211UL),
            Is.EqualTo(8609618137245051929UL));
        Assert.That(RunLengths.Parse(640, 480, text).ToMask(), Is.EqualTo(mask));
    }

    [Test]
    public void Both_kinds_give_the_mask_back()
    {
        var random = new Random(3);
        for (int i = 0; i < 500; i++)
        {
            int width = random.Next(1, 40), height = random.Next(1, 40), density = random.Next(1, 30);
            bool[] mask = [.. Enumerable.Range(0, width * height).Select(_ => random.Next(density) == 0)];
            RunLengths runs = RunLengths.Encode(width, height, mask);
            Assert.That(RunLengths.FromCounts(width, height, runs.Counts).ToMask(), Is.EqualTo(mask));
            Assert.That(RunLengths.Parse(width, height, runs.ToString()).ToMask(), Is.EqualTo(mask));
        }
    }

    [Test]
    public void Regions_have_the_run_lengths_of_their_masks()
    {
        foreach (SegmentationMap map in RegionMaps.Random(100))
        {
            byte[] ids = new byte[map.ClassIds.Length];
            Array.Fill(ids, (byte)255);
            foreach (SegmentationRegion region in map.FindRegions())
            {
                bool[] mask = region.RunLengths.ToMask();
                Assert.That(region.RunLengths.Counts,
                    Is.EqualTo(RunLengths.Encode(map.Width, map.Height, mask).Counts));
                for (int i = 0; i < ids.Length; i++)
                    if (mask[i])
                        ids[i] = region.ClassId;
            }
            Assert.That(ids, Is.EqualTo(RegionMaps.Ids(map)));
        }
    }

    [TestCase("231", "The run lengths add up to 6 pixels; expected 1 x 7, which is 7.")]
    [TestCase("2312", "The run lengths add up to 11 pixels; expected 1 x 7, which is 7.")]
    [TestCase("", "The run lengths add up to 0 pixels; expected 1 x 7, which is 7.")]
    [TestCase("23q", "Character 3 of the run lengths is U+0071; expected one of '0' to 'o'.")]
    [TestCase("23 ", "Character 3 of the run lengths is U+0020; expected one of '0' to 'o'.")]
    [TestCase("23P", "The run lengths end within a number, which begins at character 3.")]
    [TestCase("23oooooooo", "The run lengths have a number of more than 7 characters, which begins at character 3.")]
    [TestCase("23N", "Run 3 of the run lengths, which begins at character 3, has -2 pixels; expected 0 to 7.")]
    [TestCase("23o0", "Run 3 of the run lengths, which begins at character 3, has 31 pixels; expected 0 to 7.")]
    public void Damaged_texts_are_named(string text, string message) =>
        Assert.That(() => RunLengths.Parse(1, 7, text),
            Throws.InstanceOf<InvalidDataException>().With.Message.EqualTo(message));

    [Test]
    public void Sizes_that_do_not_fit_are_named()
    {
        Assert.That(() => RunLengths.FromCounts(2, 3, [2, 3, 4_000_000_000]),
            Throws.InstanceOf<InvalidDataException>().With.Message.EqualTo(
                "The run lengths add up to 4000000005 pixels; expected 2 x 3, which is 6."));
        Assert.That(() => RunLengths.FromCounts(0, 3, []), Throws.ArgumentException.With.Message.Contains("0 x 3"));
        Assert.That(() => RunLengths.Encode(2, 3, new bool[5]),
            Throws.ArgumentException.With.Message.Contains("5 pixels; expected 2 x 3"));
    }
}
