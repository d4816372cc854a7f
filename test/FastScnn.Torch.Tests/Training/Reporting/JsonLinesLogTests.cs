using System.Text;
using FastScnn.Testing;
using FastScnn.Torch.Training.Reporting;

namespace FastScnn.Torch.Tests.Training.Reporting;

public class JsonLinesLogTests
{
    private string _path = "";

    [SetUp]
    public void SetUp() => _path = Path.Combine(TestFiles.NewFolder(), "run", "log.jsonl");

    [Test]
    public void Every_line_is_whole_in_the_file_at_once()
    {
        using JsonLinesLog log = new(_path);
        for (int step = 0; step < 3; step++)
        {
            Write(log, ("step", step), ("loss", 0.5 + step), ("phase", "train"));

            Assert.That(Text(), Does.EndWith($"{{\"step\":{step},\"loss\":{step}.5,\"phase\":\"train\"}}\n"));
            Assert.That(Text().Count(character => character == '\n'), Is.EqualTo(step + 1));
        }
        Write(log);
        Assert.That(Text(), Does.EndWith("}\n{}\n"));
    }

    [Test]
    public void An_epoch_is_one_line_with_null_for_what_is_not_defined()
    {
        EpochRecord epoch = new()
        {
            Time = DateTimeOffset.UnixEpoch,
            Epoch = 2,
            Step = 8,
            Loss = 0.1,
            LearningRate = 1e-3,
            ImagesPerSecond = 5,
            DataWaitFraction = 0.25,
        };
        using (JsonLinesLog log = new(_path))
        {
            log.Write(epoch with { Loss = double.NaN });
            log.Write(epoch with
            {
                MeanIoU = double.NaN,
                Classes = 2,
                ClassesScored = 1,
                NeverSeen = ["größe <a>"],
                NeverLabelled = ["größe <a>"],
                PixelAccuracy = 1.0 / 3,
                PerClassIoU = new() { ["road"] = 1, ["größe <a>"] = null },
                BestMeanIoU = double.NaN,
            });
        }

        const string Start = "{\"event\":\"epoch\",\"time\":\"1970-01-01T00:00:00+00:00\",\"epoch\":2,\"step\":8,";
        const string Speed = "\"learningRate\":0.001,\"imagesPerSecond\":5,\"waitingShare\":0.25";
        Assert.That(Text(), Is.EqualTo(
            $"{Start}\"loss\":null,{Speed}}}\n"
            + $"{Start}\"loss\":0.1,{Speed},\"meanIoU\":null,\"classes\":2,\"classesScored\":1,\"neverSeen\":[\"größe <a>\"],\"neverLabelled\":[\"größe <a>\"],"
            + "\"pixelAccuracy\":0.3333333333333333,\"perClassIoU\":{\"road\":1,\"größe "
            + "<a>\":null},\"bestMeanIoU\":null}\n"));
        EpochRecord read = EpochRecord.Read(_path).Single();
        Assert.That((read.Loss, read.MeanIoU, read.PixelAccuracy),
            Is.EqualTo((0.1, (double?)null, (double?)(1.0 / 3))));
        Assert.That(read.PerClassIoU,
            Is.EqualTo(new Dictionary<string, double?> { ["road"] = 1, ["größe <a>"] = null }));
    }

    [Test]
    public void A_value_without_a_form_in_JSON_writes_nothing()
    {
        using JsonLinesLog log = new(_path);
        Assert.That(() => Write(log, ("a", 1), ("b", typeof(int))), Throws.InstanceOf<NotSupportedException>());
        Write(log, ("a", 2));

        Assert.That(Text(), Is.EqualTo("{\"a\":2}\n"));
    }

    [Test]
    public void What_a_killed_process_left_of_a_line_is_dropped_wherever_it_was_cut([Values(0, 1, 2)] int linesBefore)
    {
        string before = string.Concat(Enumerable.Repeat("{\"step\":1}\n", linesBefore)),
            line = "{\"step\":2,\"größe\":{\"a\":[1,null]}}";
        byte[] bytes = Encoding.UTF8.GetBytes(line);
        for (int kept = 1; kept <= bytes.Length; kept++)
        {
            Left([.. Encoding.UTF8.GetBytes(before), .. bytes[..kept]]);
            using (JsonLinesLog log = new(_path))
                Write(log, ("step", 3));

            Assert.That(Text(), Is.EqualTo(before + (kept == bytes.Length ? line + "\n" : "") + "{\"step\":3}\n"),
                $"{kept} bytes left");
        }
    }

    [TestCase(65535)]
    [TestCase(65536)]
    [TestCase(200000)]
    public void Lines_of_any_length_are_found(int length)
    {
        string whole = $"{{\"a\":\"{new string('x', length - 9)}\"}}\n";
        Assert.That(whole, Has.Length.EqualTo(length));
        Left(Encoding.UTF8.GetBytes(whole + whole[..^3]));
        new JsonLinesLog(_path).Dispose();
        Assert.That(Text(), Is.EqualTo(whole));
        new JsonLinesLog(_path).Dispose();
        Assert.That(Text(), Is.EqualTo(whole));
    }

    [Test]
    public void Zeros_that_a_crashed_system_left_are_dropped()
    {
        Left([.. "{\"step\":1}\n"u8, .. new byte[100]]);
        new JsonLinesLog(_path).Dispose();

        Assert.That(Text(), Is.EqualTo("{\"step\":1}\n"));
    }

    [TestCase("hello\nworld")]
    [TestCase("hello")]
    [TestCase("{\n  \"classes\": [\n")]
    [TestCase("[1]\n{")]
    [TestCase("\n{")]
    [TestCase("\u0089PNG\r\n\u001a\n\0\0\0\rIHDR")]
    public void Another_kind_of_file_is_refused_and_stays_as_it_is(string content)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(content);
        Left(bytes);

        Assert.That(() => new JsonLinesLog(_path),
            Throws.InstanceOf<InvalidDataException>().With.Message.Contains(_path).And.Message.Contains(
                "instead of a JSON object"));
        using FileStream released = new(_path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        var now = new byte[released.Length];
        released.ReadExactly(now);
        Assert.That(now, Is.EqualTo(bytes));
    }

    private static void Write(JsonLinesLog log, params (string Name, object? Value)[] values) =>
        log.Write(values.ToDictionary(item => item.Name, item => item.Value));

    private void Left(byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        File.WriteAllBytes(_path, bytes);
    }

    private string Text()
    {
        using StreamReader reader = new(new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }
}
