using FastScnn.ML.Scoring;
using FastScnn.ML.Scoring.Kernels;

namespace FastScnn.ML.Tests.Scoring;

public class TileTests
{
    [Test]
    public void Tiles_of_one_size_cover_a_side_and_share_the_overlap(
        [Values(33, 40, 47, 48, 63, 100, 1000)] int side, [Values(0, 0.25, 0.5, 0.9)] double overlap)
    {
        Tile[] tiles = Tile.Along(side, 32, overlap);
        Assert.That((tiles[0].Start, tiles[^1].End), Is.EqualTo((0, side)));
        Assert.That(tiles.Select(tile => tile.Length), Is.All.EqualTo(32));
        for (int i = 1; i < tiles.Length; i++)
        {
            Assert.That(tiles[i].Start, Is.GreaterThan(tiles[i - 1].Start));
            Assert.That(tiles[i - 1].End - tiles[i].Start, Is.GreaterThanOrEqualTo((int)(32 * overlap)));
        }
    }

    [Test]
    public void No_more_tiles_are_laid_than_the_overlap_asks_for()
    {
        Assert.That(Tile.Along(1024, 512, 0), Is.EqualTo(new[] { new Tile(0, 512), new Tile(512, 512) }));
        Assert.That(Tile.Along(1024, 512, 0.5),
            Is.EqualTo(new[] { new Tile(0, 512), new Tile(256, 512), new Tile(512, 512) }));
        Assert.That(Tile.Along(100, 64, 0.25), Is.EqualTo(new[] { new Tile(0, 64), new Tile(36, 64) }));
    }

    [TestCase(null)]
    [TestCase(100)]
    [TestCase(300)]
    public void A_side_no_longer_than_a_tile_is_one(int? length) =>
        Assert.That(Tile.Along(100, length, 0.5), Is.EqualTo(new[] { new Tile(0, 100) }));

    [Test]
    public void Tiles_cover_every_position_of_a_result_of_any_size([Values] bool alignCorners,
        [Values(1, 13, 25, 100, 230)] int output)
    {
        var axis = new OutputAxis(100, output, alignCorners);
        int covered = 0;
        foreach (Tile tile in Tile.Along(100, 32, 0.25))
        {
            int first = axis.FirstFrom(tile.Start), end = axis.FirstFrom(tile.End);
            Assert.That(first, Is.LessThanOrEqualTo(covered));
            Assert.That(axis.Taps(tile, 8), Has.Length.EqualTo(end - first));
            covered = Math.Max(covered, end);
        }
        Assert.That(covered, Is.EqualTo(output));
    }

    [Test]
    public void A_tile_of_an_image_is_enlarged_as_an_image_of_its_own([Values] bool alignCorners)
    {
        var axis = new OutputAxis(100, 100, alignCorners);
        Assert.That(axis.Taps(new Tile(20, 40), 5), Is.EqualTo(BilinearTap.Along(40, 5, alignCorners)));
        Assert.That((axis.FirstFrom(20), axis.FirstFrom(60), axis.FirstFrom(100)), Is.EqualTo((20, 60, 100)));
    }

    [Test]
    public void Scores_of_the_results_own_size_are_taken_as_they_are([Values] bool alignCorners) => Assert.That(
        new OutputAxis(97, 13, alignCorners).Taps(new Tile(0, 97), 13),
        Is.EqualTo(Enumerable.Range(0, 13).Select(i => new BilinearTap(i, Math.Min(i + 1, 12), 0))));
}
