using System.Xml.Linq;
using FastScnn.Testing;
using FastScnn.Torch.Training;
using FastScnn.Torch.Training.Reporting;

namespace FastScnn.Torch.Tests.Training.Reporting;

public class TrainingFolderTests
{
    [Test]
    public void Curves_are_drawn_from_a_log_that_still_grows()
    {
        TrainingFolder folder = new(TestFiles.NewFolder());
        Assert.That(folder.DrawCurves(), Is.Null, "there is no log");
        using (JsonLinesLog log = new(folder.Log))
        {
            log.Write(new Dictionary<string, object?> { ["event"] = "start" });
            Assert.That(folder.DrawCurves(), Is.Null, "no epoch is over");
            for (int epoch = 1; epoch <= 3; epoch++)
                log.Write(new Dictionary<string, object?>
                {
                    ["event"] = "epoch",
                    ["epoch"] = epoch,
                    ["loss"] = 1.0 / epoch,
                    ["meanIoU"] = epoch / 10.0
                });
        }
        File.AppendAllText(folder.Log, "{\"event\":\"epoch\",\"epo");
        XElement[] lines =
        [
            .. XDocument.Parse(folder.DrawCurves()!).Descendants().Where(e => e.Name.LocalName == "polyline")
        ];
        Assert.That(lines.Select(line => line.Attribute("points")!.Value.Split(' ').Length), Is.EqualTo(new[] { 3, 3 }),
            "loss and mIoU, three epochs");
    }

    [TestCase(0.9, "1")]
    [TestCase(1.1, "2")]
    [TestCase(2.15, "2.5")]
    [TestCase(2.6, "5")]
    [TestCase(24, "25")]
    public void The_axis_of_the_loss_ends_at_the_next_round_number(double loss, string top)
    {
        TrainingFolder folder = new(TestFiles.NewFolder());
        using (JsonLinesLog log = new(folder.Log))
        {
            for (int epoch = 1; epoch <= 2; epoch++)
                log.Write(new Dictionary<string, object?>
                {
                    ["event"] = "epoch",
                    ["epoch"] = epoch,
                    ["loss"] = loss / epoch
                });
        }
        string[] labels =
        [
            .. XDocument.Parse(folder.DrawCurves()!).Descendants().Where(e => e.Attribute("fill")?.Value == "#888")
                .Select(e => e.Value)
        ];
        Assert.That(labels, Has.Length.EqualTo(6).And.ItemAt(5).EqualTo(top));
    }

    [TestCase("{\"event\":\"start\"}\n[1]\n{}\n", 2)]
    [TestCase("{\"event\":\"start\"}\n\n{\"event\":\"epoch\"}\n", 2)]
    [TestCase("{\"event\":\"epoch\",\"epoch\":\"two\"}", 1)]
    [TestCase("{\"name\":\"x\"}", 1)]
    public void A_log_of_something_else_is_named(string content, int line)
    {
        TrainingFolder folder = new(TestFiles.NewFolder());
        File.WriteAllText(folder.Log, content);
        Assert.That(folder.DrawCurves,
            Throws.InstanceOf<InvalidDataException>().With.Message.Contains(folder.Log).And.Message.Contains(
                $"line {line}"));
    }
}
