using FastScnn.Torch.Data.Augmentation;

namespace FastScnn.Torch.Tests.Data.Augmentation;

public class MixingTests
{
    private const int Width = 64, Height = 48, Samples = 7;
    private const byte Ignore = 255, Sky = 0, Road = 1, Pole = 2, Sign = 3;

    private static readonly AugmentationOptions s_options = AugmentationOptions.CropOnly with
    {
        CropWidth = Width,
        CropHeight = Height
    };

    [Test]
    public void Mosaics_show_four_crops_around_a_point()
    {
        var centers = new HashSet<(int, int)>();
        var own = new HashSet<int>();
        for (int sample = 0; sample < 60; sample++)
        {
            (byte[] planes, byte[] ids) = Mixed(s_options with { MosaicProbability = 1 }, epoch: sample,
                sample % Samples);
            AssertTogether(planes, ids);
            byte[] number = planes[ids.Length..(2 * ids.Length)];
            // From each corner the quarter goes on until the number changes; partners may be the same.
            int[] corners = [number[0], number[Width - 1], number[^Width], number[^1]];
            own.Add(Array.IndexOf(corners, sample % Samples));
            Assert.That(corners.Count(corner => corner == sample % Samples), Is.EqualTo(1));
            if (corners.Distinct().Count() < 4) continue;
            int x = number.AsSpan(0, Width).IndexOf((byte)corners[1]),
                y = Enumerable.Range(0, Height).First(line => number[line * Width] == corners[2]);
            centers.Add((x, y));
            Assert.That((x, y), Is.EqualTo((Math.Clamp(x, 16, 48), Math.Clamp(y, 12, 36))));
            for (int i = 0; i < number.Length; i++)
                if (number[i] != corners[(i % Width < x ? 0 : 1) + (i / Width < y ? 0 : 2)]) Assert.Fail($"pixel {i}");
        }
        Assert.That(own, Is.EquivalentTo(new[] { 0, 1, 2, 3 }));
        Assert.That(centers, Has.Count.GreaterThan(15));
    }

    [Test]
    public void Rare_classes_are_pasted_whole_and_no_others()
    {
        int poles = 0, signs = 0, both = 0, none = 0;
        for (int epoch = 0; epoch < 400; epoch++)
        {
            (byte[] planes, byte[] ids) = Mixed(s_options with { CopyPasteProbability = 1 }, epoch, 0);
            AssertTogether(planes, ids);
            // Sample 0 has a pole of its own; what came from others is 3 columns of pole and 4 x 4 of sign.
            var foreign = ids.Select((id, i) => (Id: id, Number: planes[ids.Length + i])).Where(p => p.Number != 0)
                .ToLookup(p => p.Id);
            Assert.That(foreign.Select(pixels => pixels.Key), Is.SubsetOf(new[] { Pole, Sign }));
            int pole = foreign[Pole].Count(), sign = foreign[Sign].Count();
            Assert.That(pole, Is.EqualTo(0).Or.EqualTo(2 * Height).Or.EqualTo(2 * Height - 16));
            Assert.That(sign, Is.EqualTo(0).Or.EqualTo(16));
            if (pole > 0) poles++;
            if (sign > 0) signs++;
            if (pole > 0 && sign > 0) both++;
            if (pole == 0 && sign == 0) none++;
        }
        Assert.That(new[] { poles, signs }, Has.All.InRange(165, 235));
        Assert.That(new[] { both, none }, Has.All.InRange(70, 130));
    }

    [Test]
    public void The_share_decides_what_is_rare()
    {
        // A pole covers 2 of 64 columns, 3.1 %, and a sign 0.5 %.
        Assert.That(Pasted(0.03), Is.EquivalentTo(new[] { Sign }));
        Assert.That(Pasted(0.005), Is.Empty);
        Assert.That(Pasted(1), Is.EquivalentTo(new[] { Sky, Road, Pole, Sign }));

        static IEnumerable<byte> Pasted(double share) =>
            Enumerable.Range(0, 60).SelectMany(epoch =>
            {
                (byte[] planes, byte[] ids) = Mixed(
                    s_options with { CopyPasteProbability = 1, CopyPasteMaxShare = share }, epoch, 3);
                return ids.Where((_, i) => planes[ids.Length + i] != 3);
            }).Distinct();
    }

    [Test]
    public void Partners_are_any_others_and_have_crops_of_their_own()
    {
        var partners = new List<int>();
        var seeds = new HashSet<int>();
        var augmenter = new Augmenter(s_options with { MosaicProbability = 0.5, CopyPasteProbability = 0.5 }, Ignore);
        int mixed = 0;
        for (int epoch = 0; epoch < 300; epoch++)
        {
            int before = partners.Count;
            new Mixer(augmenter, Samples).Apply(1, epoch, 4, new byte[3 * Width * Height], new byte[Width * Height],
                (partner, seed, _, ids) =>
                {
                    partners.Add(partner);
                    seeds.Add(seed);
                    ids.Fill(Ignore);
                });
            if (partners.Count > before) mixed++;
            Assert.That(partners.Count - before, Is.AnyOf(0, 1, 3, 4));
        }
        Assert.That(mixed, Is.InRange(200, 250), "three of four");
        Assert.That(partners.Distinct().Order(), Is.EqualTo(new[] { 0, 1, 2, 3, 5, 6 }));
        Assert.That(seeds, Has.Count.EqualTo(partners.Count));
        Assert.That(partners.GroupBy(partner => partner).Select(group => group.Count()),
            Has.All.InRange(partners.Count / 9, partners.Count / 4));
    }

    [Test]
    public void Nothing_is_mixed_where_it_is_off_or_there_is_no_other()
    {
        Assert.That(new Mixer(new Augmenter(s_options, Ignore), Samples).IsNeeded, Is.False);
        Assert.That(new Mixer(new Augmenter(s_options with { MosaicProbability = 1 }, Ignore), 1).IsNeeded, Is.False);
        Assert.That(new Mixer(new Augmenter(s_options with { MosaicProbability = 1 }, Ignore), 2).IsNeeded);
        Assert.That(new Mixer(new Augmenter(s_options with { CopyPasteProbability = 0.1 }, Ignore), 2).IsNeeded);
    }

    // A crop in which red tells the class, green the sample and blue the row.
    private static (byte[] Planes, byte[] Ids) Mixed(AugmentationOptions options, int epoch, int sample)
    {
        byte[] planes = new byte[3 * Width * Height], ids = new byte[Width * Height];
        Crop(sample, planes, ids);
        new Mixer(new Augmenter(options, Ignore), Samples).Apply(9, epoch, sample, planes, ids,
            (partner, _, partnerPlanes, partnerIds) => Crop(partner, partnerPlanes, partnerIds));
        return (planes, ids);
    }

    private static void Crop(int sample, Span<byte> planes, Span<byte> ids)
    {
        for (int i = 0; i < ids.Length; i++)
        {
            (int x, int y) = (i % Width, i / Width);
            ids[i] = x / 2 == 3 + 4 * sample ? Pole : x / 4 == sample && y / 4 == sample ? Sign : y < 20 ? Sky
                : y == Height - 1 ? Ignore : Road;
            (planes[i], planes[ids.Length + i], planes[2 * ids.Length + i]) =
                ((byte)(ids[i] * 10), (byte)sample, (byte)y);
        }
    }

    private static void AssertTogether(byte[] planes, byte[] ids)
    {
        for (int i = 0; i < ids.Length; i++)
            if (planes[i] != (byte)(ids[i] * 10) || planes[2 * ids.Length + i] != i / Width) Assert.Fail($"pixel {i}");
    }
}
