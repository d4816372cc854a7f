using FastScnn.Torch.Data;
using FastScnn.Torch.Data.Augmentation;
using FastScnn.Torch.Data.Loading;

namespace FastScnn.Torch.Tests.Data.Loading;

[CancelAfter(60_000)]
public class BatchLoaderTests
{
    private static readonly Func<Stream, PixelBuffer> s_noCodec = _ => throw new NotSupportedException();
    private static readonly Augmenter s_augmenter = new(new AugmentationOptions { CropWidth = 48, CropHeight = 32 },
        255);

    [Test]
    public void What_makes_no_batch_is_refused()
    {
        var augmenter = new Augmenter(new AugmentationOptions { CropWidth = 16384, CropHeight = 16384 }, 255);
        Assert.That(() => new BatchLoader(new CountingDataset(0), s_noCodec, augmenter),
            Throws.ArgumentException.With.Message.Contains("no samples"));
        Assert.That(() => new BatchLoader(new CountingDataset(3), s_noCodec, augmenter,
            new() { BatchSize = 2 + 2, Seed = 1 }), Throws.ArgumentException.With.Message.Contains("limit"));
        Assert.That(() => new BatchLoader(new CountingDataset(3), s_noCodec, new Augmenter(new(), 255),
            new() { BatchSize = 4 }), Throws.ArgumentException.With.Message.Contains("3 samples make no batch of 4"));
        Assert.That(() => new BatchLoader(new CountingDataset(3), s_noCodec, null, new() { BatchSize = 2 }),
            Throws.ArgumentException.With.Message.Contains("must be 1, not 2"));
    }

    [Test]
    public void More_batches_than_there_are_cannot_be_skipped()
    {
        var loader = new BatchLoader(new CountingDataset(3), s_noCodec, null, new() { BatchSize = 1 });
        Assert.That(() => loader.ReadEpoch(0, 4),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("0 to 3"));
        Assert.That(() => loader.ReadEpoch(0, -1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(loader.ReadEpoch(0, 3), Is.Empty);
    }

    [Test]
    public void Batches_are_equal_at_any_number_of_workers()
    {
        string[][] epochs = [.. new[] { 1, 2, 4 }.Select(workers =>
        {
            var loader = new BatchLoader(new CountingDataset(11), s_noCodec, s_augmenter,
                new() { BatchSize = 3, Workers = workers, QueuedBatches = workers, Seed = 5 });
            return new[] { 0, 1 }.SelectMany(epoch => loader.ReadEpoch(epoch).Select(Text)).ToArray();
        })];
        Assert.That(epochs[1], Is.EqualTo(epochs[0]));
        Assert.That(epochs[2], Is.EqualTo(epochs[0]));
        Assert.That(epochs[0], Has.Length.EqualTo(6));
        Assert.That(epochs[0], Is.Unique);
    }

    [Test]
    public void A_batch_holds_the_augmented_samples_in_order()
    {
        var dataset = new CountingDataset(5);
        var loader = new BatchLoader(dataset, s_noCodec, s_augmenter, new() { BatchSize = 2, Seed = 9 });
        int number = 0;
        foreach (SegmentationBatch batch in loader.ReadEpoch(4))
        {
            Assert.That(batch.Number, Is.EqualTo(number++));
            Assert.That((batch.Width, batch.Height, batch.Samples.Count), Is.EqualTo((48, 32, 2)));
            for (int i = 0; i < 2; i++)
            {
                int index = dataset.Samples.ToList().IndexOf(batch.Samples[i]);
                (PixelBuffer image, LabelMap labels) = dataset.Read(index, s_noCodec);
                byte[] planes = new byte[3 * 48 * 32], ids = new byte[48 * 32];
                s_augmenter.Apply(image, labels, 9, 4, index, planes, ids);
                Assert.That(batch.Images[(i * planes.Length)..((i + 1) * planes.Length)], Is.EqualTo(planes));
                Assert.That(batch.Labels[(i * ids.Length)..((i + 1) * ids.Length)], Is.EqualTo(ids));
            }
        }
        Assert.That(number, Is.EqualTo(2));
    }

    [TestCase(true, new[] { 3, 3, 3 })]
    [TestCase(false, new[] { 3, 3, 3, 1 })]
    public void Every_sample_comes_once_an_epoch(bool dropLast, int[] sizes)
    {
        var loader = new BatchLoader(new CountingDataset(10), s_noCodec, s_augmenter,
            new() { BatchSize = 3, DropLast = dropLast });
        SegmentationBatch[] first = [.. loader.ReadEpoch(0)], second = [.. loader.ReadEpoch(1)];
        Assert.That(first.Select(batch => batch.Samples.Count), Is.EqualTo(sizes));
        Assert.That(loader.BatchesPerEpoch, Is.EqualTo(sizes.Length));
        Assert.That(first.Select(batch => batch.Images.Length), Is.EqualTo(sizes.Select(size => size * 3 * 48 * 32)));
        Assert.That(Names(first), Is.Unique);
        Assert.That(Names(second), Is.Unique);
        Assert.That(Names(second), Is.Not.EqualTo(Names(first)));
    }

    [Test]
    public void Order_never_changes()
    {
        // Worked out apart from this code (Python), as the random numbers are.
        Assert.That(EpochOrder.Shuffled(10, 0, 0), Is.EqualTo(new[] { 2, 3, 8, 0, 1, 9, 6, 5, 7, 4 }));
        Assert.That(EpochOrder.Shuffled(10, 42, 3), Is.EqualTo(new[] { 0, 4, 6, 2, 1, 3, 7, 9, 8, 5 }));
        var loader = new BatchLoader(new CountingDataset(5), s_noCodec, s_augmenter,
            new() { BatchSize = 1, Shuffle = false });
        Assert.That(Names(loader.ReadEpoch(7)), Is.EqualTo(new[] { "s0", "s1", "s2", "s3", "s4" }));
    }

    [Test]
    public void Skipped_batches_are_not_read()
    {
        var dataset = new CountingDataset(12);
        var loader = new BatchLoader(dataset, s_noCodec, s_augmenter, new() { BatchSize = 3, DropLast = false });
        SegmentationBatch[] whole = [.. loader.ReadEpoch(2)];
        int before = dataset.ReadSoFar.Length;
        SegmentationBatch[] rest = [.. loader.ReadEpoch(2, skipBatches: whole[1].Number + 1)];
        Assert.That(rest.Select(Text), Is.EqualTo(whole[2..].Select(Text)));
        Assert.That(dataset.ReadSoFar.Length - before, Is.EqualTo(6));
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(4)]
    public void A_sample_that_fails_is_named_after_the_batches_before_it(int workers)
    {
        // Sample 7 fails after 8 where there is another worker to read 8 and go on to 9; it is named all the same.
        using var later = new ManualResetEventSlim();
        var dataset = new CountingDataset(12)
        {
            Reading = index =>
            {
                if (index == 9) later.Set();
                if (index == 7 && workers > 1) later.Wait(TimeSpan.FromSeconds(30));
                if (index is 7 or 8 or 10) throw new InvalidDataException($"broken {index}");
            },
        };
        var loader = new BatchLoader(dataset, s_noCodec, s_augmenter,
            new() { BatchSize = 3, Shuffle = false, Workers = workers, QueuedBatches = 4 });
        var numbers = new List<int>();
        Assert.That(() => { foreach (SegmentationBatch batch in loader.ReadEpoch(0)) numbers.Add(batch.Number); },
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("images/7.jpg").And.Message.Contains(
                "labels/7.png").And.Message.EndsWith("broken 7").And.InnerException.Message.EqualTo("broken 7"));
        Assert.That(numbers, Is.EqualTo(new[] { 0, 1 }));
        Assert.That(dataset.Threads, Has.None.Matches<Thread>(thread => thread.IsAlive));
    }

    private static readonly Augmenter s_mixing = new(s_augmenter.Options with
    {
        MosaicProbability = 0.5,
        CopyPasteProbability = 0.5
    }, 255);

    [Test]
    public void Mixed_batches_are_equal_at_any_number_of_workers_slices_and_cache()
    {
        SegmentationBatch[] expected = Epoch(1, 0, 0, 1);
        Assert.That(Epoch(4, 0, 0, 1).Select(Text), Is.EqualTo(expected.Select(Text)));
        Assert.That(Epoch(2, 1 << 20, 0, 1).Select(Text), Is.EqualTo(expected.Select(Text)));
        SegmentationBatch[] first = Epoch(2, 0, 0, 2), second = Epoch(1, 0, 1, 2);
        Assert.That(first.Zip(second, (a, b) => (byte[])[.. a.Images, .. b.Images]),
            Is.EqualTo(expected.Select(batch => batch.Images)));
        Assert.That(first.Zip(second, (a, b) => (byte[])[.. a.Labels, .. b.Labels]),
            Is.EqualTo(expected.Select(batch => batch.Labels)));
        var plain = new BatchLoader(new CountingDataset(11), s_noCodec, s_augmenter, new() { BatchSize = 4, Seed = 5 });
        Assert.That(plain.ReadEpoch(3).Select(Text), Is.Not.EqualTo(expected.Select(Text)));

        static SegmentationBatch[] Epoch(int workers, long cache, int slice, int slices) =>
            [.. new BatchLoader(new CountingDataset(11), s_noCodec, s_mixing, new()
            {
                BatchSize = 4, Workers = workers, CacheBytes = cache, Seed = 5, Slice = slice, Slices = slices
            }).ReadEpoch(3)];
    }

    [Test]
    public void A_partner_that_fails_is_named()
    {
        var dataset = new CountingDataset(2)
        {
            Reading = index =>
            {
                if (index == 1) throw new InvalidDataException("broken 1");
            },
        };
        var always = new Augmenter(s_augmenter.Options with { CopyPasteProbability = 1 }, 255);
        var loader = new BatchLoader(dataset, s_noCodec, always, new() { BatchSize = 1, Shuffle = false });
        Assert.That(() => loader.ReadEpoch(0).Count(),
            Throws.TypeOf<InvalidDataException>().With.Message.EqualTo("The sample 's1' (image 'images/1.jpg', mask "
                + "'labels/1.png'), which is mixed into 's0', cannot be loaded: broken 1")
                .And.InnerException.Message.EqualTo("broken 1"));
    }

    [Test]
    public void Cancelling_ends_the_wait_for_a_batch()
    {
        using var source = new CancellationTokenSource();
        // The consumer waits for batch 1, which does not come before it has given up; the thread then ends with the
        // sample it is at.
        var dataset = new CountingDataset(12) { Reading = index => { if (index == 4) source.Cancel(); } };
        var loader = new BatchLoader(dataset, s_noCodec, s_augmenter,
            new() { BatchSize = 3, Shuffle = false, Workers = 1, QueuedBatches = 1 });
        var numbers = new List<int>();
        Assert.That(() =>
        {
            foreach (SegmentationBatch batch in loader.ReadEpoch(0, 0, source.Token))
                numbers.Add(batch.Number);
        },
            Throws.InstanceOf<OperationCanceledException>().With.Property(
                nameof(OperationCanceledException.CancellationToken)).EqualTo(source.Token));
        Assert.That(numbers, Is.EqualTo(new[] { 0 }));
        Assert.That(dataset.ReadSoFar, Is.EqualTo(new[] { 0, 1, 2, 3, 4 }));
        Assert.That(dataset.Threads, Has.None.Matches<Thread>(thread => thread.IsAlive));
        Assert.That(() => loader.ReadEpoch(0, 0, source.Token).First(),
            Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void No_thread_outlives_an_abandoned_epoch()
    {
        var dataset = new CountingDataset(40);
        var loader = new BatchLoader(dataset, s_noCodec, s_augmenter,
            new() { BatchSize = 2, Workers = 4, QueuedBatches = 3 });
        IEnumerator<SegmentationBatch> epoch = loader.ReadEpoch(0).GetEnumerator();
        Assert.That(dataset.ReadSoFar, Is.Empty, "nothing starts before it is asked for");
        Assert.That(epoch.MoveNext());
        epoch.Dispose();
        Assert.That(dataset.Threads, Is.Not.Empty.And.None.Matches<Thread>(thread => thread.IsAlive));
        Assert.That(dataset.ReadSoFar, Has.Length.LessThanOrEqualTo(2 * (1 + 3)));
        Assert.That(loader.ReadEpoch(0).Count(), Is.EqualTo(20), "another enumeration starts over");
        Assert.That(dataset.Threads, Has.None.Matches<Thread>(thread => thread.IsAlive));
    }

    [TestCase(1, 1)]
    [TestCase(4, 2)]
    public void No_more_batches_are_begun_than_the_queue_holds(int workers, int queued)
    {
        int asked = 0, begun = 0, worst = 0;
        var dataset = new CountingDataset(30)
        {
            Reading = _ =>
            {
                int ahead = Interlocked.Increment(ref begun) - 2 * Volatile.Read(ref asked);
                int seen;
                while ((seen = Volatile.Read(ref worst)) < ahead
                    && Interlocked.CompareExchange(ref worst, ahead, seen) != seen) { }
            },
        };
        var loader = new BatchLoader(dataset, s_noCodec, s_augmenter,
            new() { BatchSize = 2, Workers = workers, QueuedBatches = queued });
        using IEnumerator<SegmentationBatch> epoch = loader.ReadEpoch(0).GetEnumerator();
        for (bool more = true; more;)
        {
            Interlocked.Increment(ref asked);
            more = epoch.MoveNext();
            // Time for threads that do not keep to the bound to run ahead.
            if (asked < 4) Thread.Sleep(50);
        }
        Assert.That(begun, Is.EqualTo(30));
        // Batches asked for may have been handed over, so that many more may have been begun.
        Assert.That(worst, Is.InRange(1, 2 * queued));
    }

    [Test]
    public void Batches_handed_over_are_not_kept()
    {
        var loader = new BatchLoader(new CountingDataset(8), s_noCodec, s_augmenter,
            new() { BatchSize = 2, QueuedBatches = 1 });
        using IEnumerator<SegmentationBatch> epoch = loader.ReadEpoch(0).GetEnumerator();
        WeakReference first = TakeOne(epoch);
        Assert.That(epoch.MoveNext());
        GC.Collect();
        Assert.That(first.IsAlive, Is.False);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static WeakReference TakeOne(IEnumerator<SegmentationBatch> epoch) =>
            epoch.MoveNext() ? new WeakReference(epoch.Current.Images) : throw new InvalidOperationException();
    }

    [Test]
    public void The_cache_saves_reads_and_changes_nothing()
    {
        const int Samples = 6;
        // Samples are 40..45 x 36 pixels of 4 bytes.
        long all = Enumerable.Range(40, Samples).Sum(width => 4L * width * 36);
        var plain = new CountingDataset(Samples);
        string[] expected = Epochs(plain, 0);
        Assert.That(plain.ReadSoFar, Has.Length.EqualTo(3 * Samples));

        var cached = new CountingDataset(Samples);
        Assert.That(Epochs(cached, all), Is.EqualTo(expected));
        Assert.That(cached.ReadSoFar, Has.Length.EqualTo(Samples));

        // One byte short: one sample finds no room and is read in every epoch.
        var short1 = new CountingDataset(Samples);
        Assert.That(Epochs(short1, all - 1), Is.EqualTo(expected));
        Assert.That(short1.ReadSoFar, Has.Length.EqualTo(Samples + 2));

        static string[] Epochs(CountingDataset dataset, long bytes)
        {
            var loader = new BatchLoader(dataset, s_noCodec, s_augmenter,
                new() { BatchSize = 2, Workers = 4, CacheBytes = bytes });
            return [.. new[] { 0, 1, 2 }.SelectMany(epoch => loader.ReadEpoch(epoch).Select(Text))];
        }
    }

    [Test]
    public void Without_augmentation_images_come_as_they_are()
    {
        var dataset = new CountingDataset(4);
        var loader = new BatchLoader(dataset, s_noCodec, null, new() { BatchSize = 1, Shuffle = false });
        SegmentationBatch[] batches = [.. loader.ReadEpoch(0)];
        Assert.That(batches.Select(batch => (batch.Width, batch.Height)),
            Is.EqualTo(new[] { (40, 36), (41, 36), (42, 36), (43, 36) }));
        (PixelBuffer image, LabelMap labels) = dataset.Read(3, s_noCodec);
        byte[] rgb = image.Rgb.ToArray();
        Assert.That(batches[3].Images,
            Is.EqualTo(Enumerable.Range(0, 3).SelectMany(c => rgb.Where((_, i) => i % 3 == c))));
        Assert.That(batches[3].Labels, Is.EqualTo(labels.Ids.ToArray()));
    }

    private static string[] Names(IEnumerable<SegmentationBatch> batches) =>
    [
        .. batches.SelectMany(batch => batch.Samples.Select(sample => sample.Name))
    ];

    private static string Text(SegmentationBatch batch) =>
        $"{batch.Number} {string.Join(',', batch.Samples.Select(sample => sample.Name))} "
            + $"{Convert.ToHexString(batch.Images)} {Convert.ToHexString(batch.Labels)}";
}
