using System.Xml.Linq;
using FastScnn.Testing;
using FastScnn.Torch.Data;

namespace FastScnn.ML.Tests.Maps;

public class SegmentationLegendTests
{
    [Test]
    public void EveryClassHasARowWithItsColour()
    {
        ClassList classes = [new SegmentationClass("road & <rail>", 128, 64, 129), new SegmentationClass("sky", 1, 2, 3)];
        string file = Path.Combine(TestFiles.NewFolder(), "legend.svg");
        SegmentationLegend.Save(file, classes);
        XElement svg = XDocument.Load(file).Root!;
        Assert.That(svg.Elements().Where(e => e.Name.LocalName == "text").Select(e => e.Value), Is.EqualTo(new[] { "road & <rail>", "sky" }));
        Assert.That(svg.Elements().Where(e => e.Name.LocalName == "rect").Skip(1).Select(e => e.Attribute("fill")!.Value), Is.EqualTo(new[] { "rgb(128,64,129)", "rgb(1,2,3)" }));
    }
}
