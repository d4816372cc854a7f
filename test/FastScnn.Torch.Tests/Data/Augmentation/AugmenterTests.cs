using System.Security.Cryptography;
using FastScnn.Torch.Data;
using FastScnn.Torch.Data.Augmentation;

namespace FastScnn.Torch.Tests.Data.Augmentation;

public class AugmenterTests
{
    private const int Size = 96;
    private const byte Ignore = 255, Marker = 200;

    private static readonly AugmentationOptions s_geometry = new()
    {
        CropWidth = Size,
        CropHeight = 80,
        ColorProbability = 0,
        BlurProbability = 0,
        PaddingColor = (1, 2, 3),
    };

    // Every pixel of the image tells its own column and row, and the label has one id for each 16 x 16 block: whatever
    // is done to both, the block that the image tells must be the one that the label tells. Blurred or not: a blur
    // leaves an even slope alone.
    [Test]
    public void Image_and_label_stay_together()
    {
        (PixelBuffer image, LabelMap labels) = Coordinates(128, 96);
        var augmenter = new Augmenter(s_geometry with { BlurProbability = 0.5 }, Ignore);
        int compared = 0, mirrored = 0, padded = 0;
        for (int sample = 0; sample < 60; sample++)
        {
            (byte[] planes, byte[] ids) = Apply(augmenter, image, labels, sample: sample);
            int plane = ids.Length;
            for (int i = 0; i < plane; i++)
            {
                (byte x, byte y, byte mark) = (planes[i], planes[plane + i], planes[2 * plane + i]);
                if (mark != (ids[i] == Ignore ? 3 : Marker))
                    Assert.Fail($"sample {sample}, pixel {i}: the image ends elsewhere than the label");
                if (ids[i] == Ignore || x % 16 is 0 or 15 || y % 16 is 0 or 15) continue;
                if (ids[i] != x / 16 + 8 * (y / 16))
                    Assert.Fail($"sample {sample}, pixel {i}: id {ids[i]} at source column {x}, row {y}");
                compared++;
            }
            if (planes[0] > planes[20]) mirrored++;
            if (ids[^1] == Ignore) padded++;
        }
        Assert.That(compared, Is.GreaterThan(60 * Size * 80 / 4));
        Assert.That(mirrored, Is.InRange(20, 40));
        Assert.That(padded, Is.InRange(10, 50));
    }

    // A crop greater than every scaled image shows all of it, so that its size can be told.
    [TestCase(null, 30, 120)]
    [TestCase(100, 50, 200)]
    public void Short_sides_stay_within_the_scale(int? baseSize, int least, int most)
    {
        (PixelBuffer image, LabelMap labels) = Coordinates(90, 60);
        var augmenter = new Augmenter(s_geometry with { CropWidth = 400, CropHeight = 400, BaseSize = baseSize },
            Ignore);
        var heights = new List<int>();
        for (int sample = 0; sample < 300; sample++)
        {
            (_, byte[] ids) = Apply(augmenter, image, labels, sample: sample);
            int width = ids.AsSpan(0, 400).IndexOf(Ignore),
                height = Enumerable.Range(0, 400).First(y => ids[y * 400] == Ignore);
            Assert.That(width, Is.EqualTo(90 * height / 60));
            heights.Add(height);
        }
        Assert.That(heights, Has.All.InRange(least, most));
        Assert.That(heights.Min(), Is.LessThan(least + 5));
        Assert.That(heights.Max(), Is.GreaterThan(most - 5));
        Assert.That(heights.Distinct().Count(), Is.GreaterThan(40));
    }

    [Test]
    public void CropOnly_leaves_an_image_of_its_size_as_it_is()
    {
        (PixelBuffer image, LabelMap labels) = Coordinates(64, 48);
        var augmenter = new Augmenter(AugmentationOptions.CropOnly with { CropWidth = 64, CropHeight = 48 }, Ignore);
        (byte[] planes, byte[] ids) = Apply(augmenter, image, labels);
        Assert.That(ids, Is.EqualTo(labels.Ids.ToArray()));
        byte[] rgb = image.Rgb.ToArray();
        Assert.That(planes, Is.EqualTo(Enumerable.Range(0, 3).SelectMany(c => rgb.Where((_, i) => i % 3 == c))));
    }

    [Test]
    public void Same_seed_epoch_and_sample_give_the_same_bytes()
    {
        (PixelBuffer image, LabelMap labels) = Coordinates(128, 96);
        var augmenter = new Augmenter(new AugmentationOptions { CropWidth = Size, CropHeight = 80 }, Ignore);
        (byte[] planes, byte[] ids) = Apply(augmenter, image, labels, 1, 2, 3);
        (byte[] again, byte[] idsAgain) = Apply(augmenter, image, labels, 1, 2, 3);
        Assert.That(again, Is.EqualTo(planes));
        Assert.That(idsAgain, Is.EqualTo(ids));
        Assert.That(Apply(augmenter, image, labels, 2, 2, 3).Planes, Is.Not.EqualTo(planes));
        Assert.That(Apply(augmenter, image, labels, 1, 3, 3).Planes, Is.Not.EqualTo(planes));
        Assert.That(Apply(augmenter, image, labels, 1, 2, 4).Planes, Is.Not.EqualTo(planes));
    }

    [Test]
    public void Colours_and_blur_leave_geometry_and_padding_alone()
    {
        (PixelBuffer image, LabelMap labels) = Coordinates(64, 48);
        var plain = new Augmenter(s_geometry, Ignore);
        var colored = new Augmenter(s_geometry with { ColorProbability = 1, BlurProbability = 1 }, Ignore);
        for (int sample = 0; sample < 10; sample++)
        {
            (byte[] planes, byte[] ids) = Apply(plain, image, labels, sample: sample);
            (byte[] other, byte[] otherIds) = Apply(colored, image, labels, sample: sample);
            Assert.That(otherIds, Is.EqualTo(ids));
            Assert.That(other, Is.Not.EqualTo(planes));
            for (int i = 0; i < other.Length; i++)
                if (ids[i % ids.Length] == Ignore) Assert.That(other[i], Is.EqualTo(planes[i]));
        }
    }

    // Each option has random numbers of its own.
    [Test]
    public void An_option_leaves_the_choices_of_the_others_alone()
    {
        (PixelBuffer image, LabelMap labels) = Coordinates(128, 96);
        AugmentationOptions all = s_geometry with
        {
            ColorProbability = 0.5,
            BlurProbability = 1,
            WarpProbability = 1,
            GammaProbability = 1,
            WhiteBalanceProbability = 1,
            NoiseProbability = 1,
            JpegProbability = 1,
        };
        (byte[] allPlanes, byte[] ids) = Apply(new Augmenter(all, Ignore), image, labels);
        foreach (AugmentationOptions fewer in new[]
        {
            all with { GammaProbability = 0 }, all with { WhiteBalanceProbability = 0 },
            all with { NoiseProbability = 0 }, all with { JpegProbability = 0 }, all with { BlurProbability = 0 },
        })
        {
            (byte[] planes, byte[] otherIds) = Apply(new Augmenter(fewer, Ignore), image, labels);
            Assert.That(otherIds, Is.EqualTo(ids));
            Assert.That(planes.SequenceEqual(allPlanes), Is.False);
        }
        Assert.That(Apply(new Augmenter(all with { WarpProbability = 0 }, Ignore), image, labels).Ids,
            Is.EqualTo(Apply(new Augmenter(s_geometry, Ignore), image, labels).Ids).And.Not.EqualTo(ids));
    }

    [Test]
    public void Nothing_changes_the_padding([Values(0, 1)] int warp)
    {
        (PixelBuffer image, LabelMap labels) = Coordinates(64, 48);
        var augmenter = new Augmenter(s_geometry with
        {
            ColorProbability = 1,
            BlurProbability = 1,
            WarpProbability = warp,
            GammaProbability = 1,
            WhiteBalanceProbability = 1,
            NoiseProbability = 1,
            MaxNoise = 64,
            JpegProbability = 1,
            MinJpegQuality = 1,
        }, Ignore);
        int padded = 0;
        for (int sample = 0; sample < 10; sample++)
        {
            (byte[] planes, byte[] ids) = Apply(augmenter, image, labels, sample: sample);
            for (int i = 0; i < ids.Length; i++)
            {
                if (ids[i] != Ignore) continue;
                padded++;
                if ((planes[i], planes[ids.Length + i], planes[2 * ids.Length + i]) != (1, 2, 3))
                    Assert.Fail($"sample {sample}, pixel {i}");
            }
        }
        Assert.That(padded, Is.GreaterThan(10000));
    }

    [Test]
    public void Crops_avoid_places_of_one_class()
    {
        // Class 1 fills one corner only: few crops see it.
        var labels = new LabelMap(256, 256,
            [.. Enumerable.Range(0, 256 * 256)
                .Select(i => (byte)(i % 256 < 90 && i / 256 < 90 ? 1 : i / 256 > 250 ? Ignore : 0))]);
        var image = new PixelBuffer(256, 256, new byte[3 * 256 * 256]);
        AugmentationOptions options = AugmentationOptions.CropOnly with { CropWidth = 64, CropHeight = 64 };
        Assert.That(Shares(options), Has.Some.GreaterThanOrEqualTo(0.75));
        Assert.That(Shares(options with { MaxClassFraction = 0.75, CropAttempts = 300 }), Has.All.LessThan(0.75));
        // With one try the first place is taken as it is.
        Assert.That(Shares(options with { MaxClassFraction = 0.01, CropAttempts = 1 }), Is.EqualTo(Shares(options)));

        double[] Shares(AugmentationOptions o) =>
            [.. Enumerable.Range(0, 40)
                .Select(sample =>
                    LabelSampler.LargestShare(Apply(new Augmenter(o, Ignore), image, labels, sample: sample).Ids,
                        Ignore))];
    }

    // The hash is that of version 0.1.0: trainings that were begun before an option was added go on with equal crops.
    [Test]
    public void Crops_without_the_later_options_never_change()
    {
        (PixelBuffer image, LabelMap labels) = Coordinates(128, 96);
        byte[] noisy = image.Rgb.ToArray();
        for (int i = 0; i < noisy.Length; i++) noisy[i] ^= (byte)(i * 2654435761L >> 24);
        image = new PixelBuffer(128, 96, noisy);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (AugmentationOptions options in new[] { new(), s_geometry, AugmentationOptions.CropOnly })
        {
            var augmenter = new Augmenter(options with { CropWidth = Size, CropHeight = 80 }, Ignore);
            for (int sample = 0; sample < 12; sample++)
            {
                (byte[] planes, byte[] ids) = Apply(augmenter, image, labels, 3, 5, sample);
                hash.AppendData(planes);
                hash.AppendData(ids);
            }
        }
        Assert.That(Convert.ToHexStringLower(hash.GetHashAndReset()),
            Is.EqualTo("9b4adb840b74eb5425217b4b44aa9c19eeefad7817a091418b03036a537e100d"));
    }

    [Test]
    public void Wrong_sizes_are_named()
    {
        (PixelBuffer image, LabelMap labels) = Coordinates(64, 48);
        var augmenter = new Augmenter(s_geometry, Ignore);
        int pixels = Size * 80;
        Assert.That(() => augmenter.Apply(image, new LabelMap(1, 1, [0]), 0, 0, 0, new byte[3 * pixels],
            new byte[pixels]),
            Throws.ArgumentException.With.Message.Contains("64 x 48").And.Message.Contains("1 x 1"));
        Assert.That(() => augmenter.Apply(image, labels, 0, 0, 0, new byte[5], new byte[pixels]),
            Throws.ArgumentException.With.Message.StartsWith($"planes holds 5 bytes; the crop has {3 * pixels}."));
        Assert.That(() => augmenter.Apply(image, labels, 0, 0, 0, new byte[3 * pixels], new byte[5]),
            Throws.ArgumentException.With.Message.StartsWith($"ids holds 5 bytes; the crop has {pixels}."));
    }

    // The same as without a warp, but that borders of the image are slanted and the mark may be anywhere.
    [Test]
    public void Image_and_label_stay_together_in_a_warp()
    {
        (PixelBuffer image, LabelMap labels) = Coordinates(128, 96);
        var augmenter = new Augmenter(s_geometry with
        {
            WarpProbability = 1,
            RotationDegrees = 30,
            Perspective = 0.15,
            MaxClassFraction = 1
        }, Ignore);
        int compared = 0, padded = 0;
        double turned = 0;
        for (int sample = 0; sample < 60; sample++)
        {
            (byte[] planes, byte[] ids) = Apply(augmenter, image, labels, sample: sample);
            int plane = ids.Length;
            for (int i = 0; i < plane; i++)
            {
                (byte x, byte y, byte mark) = (planes[i], planes[plane + i], planes[2 * plane + i]);
                if (mark != (ids[i] == Ignore ? 3 : Marker))
                    Assert.Fail($"sample {sample}, pixel {i}: the image ends elsewhere than the label");
                if (ids[i] == Ignore) padded++;
                if (ids[i] == Ignore || x % 16 is < 2 or > 13 || y % 16 is < 2 or > 13) continue;
                if (ids[i] != x / 16 + 8 * (y / 16))
                    Assert.Fail($"sample {sample}, pixel {i}: id {ids[i]} at source column {x}, row {y}");
                compared++;
            }
            int middle = Size * 40 + 48;
            if (ids.AsSpan(middle - 10, 20).Contains(Ignore)) continue;
            turned += Math.Abs(planes[plane + middle + 9] - planes[plane + middle - 10])
                / (double)Math.Max(1, Math.Abs(planes[middle + 9] - planes[middle - 10])) / 60;
        }
        Assert.That(compared, Is.GreaterThan(60 * Size * 80 / 4));
        Assert.That(padded, Is.GreaterThan(60 * Size * 80 / 20));
        Assert.That(turned, Is.GreaterThan(0.1), "rows of the source run askew");
    }

    private static (byte[] Planes, byte[] Ids) Apply(Augmenter augmenter, PixelBuffer image, LabelMap labels,
        int seed = 0, int epoch = 0, int sample = 0)
    {
        int pixels = augmenter.Options.CropWidth * augmenter.Options.CropHeight;
        byte[] planes = new byte[3 * pixels], ids = new byte[pixels];
        augmenter.Apply(image, labels, seed, epoch, sample, planes, ids);
        return (planes, ids);
    }

    private static (PixelBuffer, LabelMap) Coordinates(int width, int height)
    {
        byte[] rgb = new byte[3 * width * height], ids = new byte[width * height];
        for (int i = 0; i < ids.Length; i++)
        {
            (int x, int y) = (i % width, i / width);
            (rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]) = ((byte)x, (byte)y, Marker);
            ids[i] = (byte)(x / 16 + 8 * (y / 16));
        }
        return (new PixelBuffer(width, height, rgb), new LabelMap(width, height, ids));
    }
}
