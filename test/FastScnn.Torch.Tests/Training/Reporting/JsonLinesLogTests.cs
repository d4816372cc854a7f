using System.Text;
using System.Text.Json;
using FastScnn.Testing;
using FastScnn.Torch.Training.Reporting;

namespace FastScnn.Torch.Tests.Training.Reporting;

public class JsonLinesLogTests
{
    private string path = "";

    [SetUp]
    public void SetUp() => path = Path.Combine(TestFiles.NewFolder(), "run", "log.jsonl");

    [Test]
    public void Every_line_is_whole_in_the_file_at_once()
    {
        using JsonLinesLog log = new(path);
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
    public void Numbers_that_are_not_finite_become_null()
    {
        using (JsonLinesLog log = new(path))
            Write(log, ("a", double.NaN), ("b", float.NegativeInfinity), ("c", new[] { 1, double.PositiveInfinity }), ("d", new Dictionary<string, double?> { ["car"] = double.NaN, ["sky"] = null, ["road"] = 2 }));

        Assert.That(Text(), Is.EqualTo("{\"a\":null,\"b\":null,\"c\":[1,null],\"d\":{\"car\":null,\"sky\":null,\"road\":2}}\n"));
    }

    [TestCase(0.1)]
    [TestCase(1.0 / 3)]
    [TestCase(-0.0)]
    [TestCase(double.MaxValue)]
    [TestCase(double.Epsilon)]
    [TestCase(1e20)]
    public void Numbers_are_read_back_exactly(double value)
    {
        using (JsonLinesLog log = new(path))
            Write(log, ("double", value), ("float", (float)value));

        JsonElement line = Lines().Single();
        Assert.That(BitConverter.DoubleToInt64Bits(line.GetProperty("double").GetDouble()), Is.EqualTo(BitConverter.DoubleToInt64Bits(value)));
        if (float.IsFinite((float)value)) Assert.That(line.GetProperty("float").GetSingle(), Is.EqualTo((float)value));
        if (value == 0.1) Assert.That(line.GetProperty("float").GetRawText(), Is.EqualTo("0.1"));
    }

    [Test]
    public void Values_of_other_types_have_their_form_in_JSON()
    {
        using (JsonLinesLog log = new(path))
            Write(log, ("count", long.MaxValue), ("best", true), ("none", null), ("text", "größe <\"a\">\n✓"), ("time", DateTimeOffset.UnixEpoch));

        Assert.That(Text(), Is.EqualTo("{\"count\":9223372036854775807,\"best\":true,\"none\":null,\"text\":\"größe <\\\"a\\\">\\n✓\",\"time\":\"1970-01-01T00:00:00+00:00\"}\n"));
    }

    [Test]
    public void A_value_without_a_form_in_JSON_writes_nothing()
    {
        using JsonLinesLog log = new(path);
        Assert.That(() => Write(log, ("a", 1), ("b", typeof(int))), Throws.InstanceOf<NotSupportedException>());
        Write(log, ("a", 2));

        Assert.That(Text(), Is.EqualTo("{\"a\":2}\n"));
    }

    [Test]
    public void A_resumed_run_goes_on()
    {
        for (int run = 0; run < 3; run++)
        {
            using JsonLinesLog log = new(path);
            Write(log, ("run", run));
        }

        Assert.That(Lines().Select(line => line.GetProperty("run").GetInt32()), Is.EqualTo(new[] { 0, 1, 2 }));
    }

    [Test]
    public void What_a_killed_process_left_of_a_line_is_dropped_wherever_it_was_cut([Values(0, 1, 2)] int linesBefore)
    {
        string before = string.Concat(Enumerable.Repeat("{\"step\":1}\n", linesBefore)), line = "{\"step\":2,\"größe\":{\"a\":[1,null]}}";
        byte[] bytes = Encoding.UTF8.GetBytes(line);
        for (int kept = 1; kept <= bytes.Length; kept++)
        {
            Left([.. Encoding.UTF8.GetBytes(before), .. bytes[..kept]]);
            using (JsonLinesLog log = new(path))
                Write(log, ("step", 3));

            Assert.That(Text(), Is.EqualTo(before + (kept == bytes.Length ? line + "\n" : "") + "{\"step\":3}\n"), $"{kept} bytes left");
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
        new JsonLinesLog(path).Dispose();
        Assert.That(Text(), Is.EqualTo(whole));
        new JsonLinesLog(path).Dispose();
        Assert.That(Text(), Is.EqualTo(whole));
    }

    [Test]
    public void Zeros_that_a_crashed_system_left_are_dropped()
    {
        Left([.. "{\"step\":1}\n"u8, .. new byte[100]]);
        new JsonLinesLog(path).Dispose();

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

        Assert.That(() => new JsonLinesLog(path), Throws.InstanceOf<InvalidDataException>().With.Message.Contains(path).And.Message.Contains("instead of a JSON object"));
        using FileStream released = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        var now = new byte[released.Length];
        released.ReadExactly(now);
        Assert.That(now, Is.EqualTo(bytes));
    }

    [Test]
    public void A_disposed_log_takes_nothing()
    {
        JsonLinesLog log = new(path);
        log.Dispose();
        log.Dispose();

        Assert.That(() => Write(log, ("a", 1)), Throws.InstanceOf<ObjectDisposedException>());
    }

    private static void Write(JsonLinesLog log, params (string Name, object? Value)[] values) => log.Write(values.ToDictionary(item => item.Name, item => item.Value));

    private void Left(byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
    }

    private string Text()
    {
        using StreamReader reader = new(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }

    private List<JsonElement> Lines() => [.. File.ReadAllLines(path).Select(line => JsonDocument.Parse(line).RootElement)];
}
