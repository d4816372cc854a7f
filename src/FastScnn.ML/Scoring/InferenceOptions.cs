using System.Text.Json.Serialization;
using static System.FormattableString;

namespace FastScnn.ML.Scoring;

/// <summary>How the network looks at an image and at what size the result comes. The defaults: once, as it is, and at
/// the image's size.</summary>
/// <remarks>
/// <para><b>Averaging.</b> With <see cref="Flip"/>, <see cref="Scales"/> or tiles that overlap, a pixel is scored more
/// than once and gets the mean of its class probabilities: each run's scores are brought to the size of the result,
/// then through softmax, as mmsegmentation does where it flips and scales. Probabilities, and not logits, because each
/// run then has the same say; a mean of logits leaves the choice to the run with the largest numbers. Every scale,
/// flipped or not, counts the same.</para>
/// <para><b>Tiles.</b> An image larger than a tile is scored in tiles of exactly that size, spread evenly from edge to
/// edge, so that every pixel is in at least one; each is flipped and scaled as an image of its own. Memory then grows
/// with the tile and with the result, not with what the network needs for the whole image;
/// <see cref="FastScnnSegmenterOptions.MaxPixels"/> still limits the image.</para>
/// <para><b>Cost.</b> A run at scale s takes s x s times as long as a plain run, and <see cref="Flip"/> doubles the
/// runs. Pixels where tiles overlap are scored more than once: with an overlap of a quarter of each side, the network
/// sees about 1.8 times the pixels of the image.</para>
/// </remarks>
/// <example><code>
/// var options = new FastScnnSegmenterOptions { Inference = new() { Flip = true, Scales = [0.75, 1, 1.25] } };
/// var aerial = new FastScnnSegmenterOptions { Inference = new() { TileHeight = 1024, TileWidth = 1024 } };
/// </code></example>
public sealed record InferenceOptions
{
    /// <summary>The smallest scale.</summary>
    public const double MinScale = 0.1;

    /// <summary>The largest scale.</summary>
    public const double MaxScale = 4;

    /// <summary>The smallest side of a tile, in pixels: the smallest that the network takes.</summary>
    public const int MinTileSide = FastScnn.Torch.Network.FastScnnNetwork.MinimumSize;

    /// <summary>The largest overlap, as a share of the tile.</summary>
    public const double MaxTileOverlap = 0.9;

    /// <summary>Whether each image is also scored mirrored left to right, and the two averaged. Default:
    /// false.</summary>
    public bool Flip { get; init; }

    /// <summary>The sizes at which an image is scored, relative to its own, 0.1..4; more than one are averaged. A model
    /// file for one size takes only the default. Default: 1.</summary>
    /// <exception cref="ArgumentException">There is no scale.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A scale is not in 0.1..4.</exception>
    public IReadOnlyList<double> Scales
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value, nameof(Scales));
            if (value.Count == 0)
                throw new ArgumentException("No scale: expected one or more, such as 0.75, 1 and 1.25.",
                    nameof(Scales));
            foreach (double scale in value)
                if (scale is not (>= MinScale and <= MaxScale))
                    throw new ArgumentOutOfRangeException(nameof(Scales),
                        Invariant($"Scale {scale}: expected {MinScale} to {MaxScale}."));
            field = [.. value];
            LargestScale = value.Max();
        }
    } = [1];

    /// <summary>Rows of a tile, 32 or more. Default: null, images are not divided from top to bottom.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is below 32.</exception>
    public int? TileHeight
    {
        get;
        init => field = CheckTileSide(nameof(TileHeight), value);
    }

    /// <summary>Columns of a tile, 32 or more. Default: null, images are not divided from left to right.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is below 32.</exception>
    public int? TileWidth
    {
        get;
        init => field = CheckTileSide(nameof(TileWidth), value);
    }

    /// <summary>The part of a tile's rows, and of its columns, that it shares at least with the next tile, 0..0.9.
    /// Default: 0.25.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is not in 0..0.9.</exception>
    public double TileOverlap
    {
        get;
        init => field = value is >= 0 and <= MaxTileOverlap ? value : throw new ArgumentOutOfRangeException(
            nameof(TileOverlap),
            Invariant($"A tile overlap of {value}: expected a share of the tile, 0 to {MaxTileOverlap}."));
    } = 0.25;

    /// <summary>The size of maps, scores and confidence. Default: the image's.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value has no name.</exception>
    public SegmentationSize OutputSize
    {
        get;
        init => field = Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(
            nameof(OutputSize), value, $"Expected {SegmentationSize.Image} or {SegmentationSize.Model}.");
    }

    /// <summary>The part of each image that is segmented; only that goes through the network. Outside, maps have the
    /// ignored id of the classes, which Evaluate counts as missed, and scores and confidence are 0. Not with <see
    /// cref="SegmentationSize.Model"/>. Default: null, the whole image.</summary>
    // Models without one stay readable for versions that do not know it.
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RegionOfInterest? RegionOfInterest { get; init; }

    /// <summary>The longest side that the network sees at scale 1, in pixels, 32 or more: larger images, regions of
    /// interest and tiles are shrunk to it (bilinear, without smoothing before) for the network, and their maps keep
    /// the image's size. Fewer pixels take less time, and small objects are lost first. A model file for one size
    /// takes only the default. Default: null, images are not shrunk.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is below 32.</exception>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? WorkingSide
    {
        get;
        init => field = value is null or >= MinTileSide ? value : throw new ArgumentOutOfRangeException(
            nameof(WorkingSide),
            Invariant($"{nameof(WorkingSide)} is {value} pixels: expected {MinTileSide} or more, or null for ")
                + "the image's side.");
    }

    internal double LargestScale { get; private init; } = 1;

    /// <summary>Whether all that an image needs is one run and the fused enlarging and choosing of classes.</summary>
    internal bool IsPlain =>
        !Flip && Scales is [1.0] && TileHeight is null && TileWidth is null && OutputSize == SegmentationSize.Image;

    /// <summary>Compares by value: two options with the same numbers are equal.</summary>
    /// <param name="other">The options to compare with.</param>
    public bool Equals(InferenceOptions? other) => other is not null
        && Flip == other.Flip && Scales.SequenceEqual(other.Scales)
        && (TileHeight, TileWidth) == (other.TileHeight, other.TileWidth)
        && TileOverlap == other.TileOverlap && OutputSize == other.OutputSize
        && RegionOfInterest == other.RegionOfInterest && WorkingSide == other.WorkingSide;

    /// <summary>What the sides of an image or a tile are multiplied by at scale 1, 1 or less.</summary>
    internal double WorkingScale(int width, int height) =>
        WorkingSide is { } side && side < Math.Max(width, height) ? (double)side / Math.Max(width, height) : 1;

    private static int? CheckTileSide(string name, int? side) =>
        side is null or >= MinTileSide ? side : throw new ArgumentOutOfRangeException(
        name,
        Invariant($"A tile side of {side} pixels: expected {MinTileSide} or more, or null for the image's side."));

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(Flip, Scales.Count, Scales[0], TileHeight, TileWidth, RegionOfInterest, WorkingSide,
            OutputSize);
}

/// <summary>The size of what a segmentation gives.</summary>
public enum SegmentationSize
{
    /// <summary>One class a pixel of the image.</summary>
    // The word in models that were saved before this member had its name.
    [JsonStringEnumMemberName("photo")]
    Image,

    /// <summary>The size of the model's own scores for the whole image, an eighth of each side for the scoring graph of
    /// FastScnn.Torch: smaller, and nothing is interpolated where one run scores the image.</summary>
    Model,
}

/// <summary>The meaning of the scores of a class.</summary>
public enum ScoreKind
{
    /// <summary>Probabilities, 0..1; those of a pixel sum to 1.</summary>
    Probabilities,

    /// <summary>The model's own scores, of any size; softmax turns those of a pixel into its probabilities. Where
    /// several runs are averaged (see <see cref="InferenceOptions"/>): the natural logarithm of the mean probability,
    /// from -103.3 to 0, of which the same holds.</summary>
    Logits,
}
