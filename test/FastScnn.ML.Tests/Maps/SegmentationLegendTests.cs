using System.Xml.Linq;
using FastScnn.ML.Imaging;
using FastScnn.Testing;
using FastScnn.Torch.Data;

namespace FastScnn.ML.Tests.Maps;

public class SegmentationLegendTests
{
    private static readonly ClassList s_classes =
    [
        new SegmentationClass("road", 1, 2, 3), new SegmentationClass("sky", 4, 5, 6)
    ];

    [Test]
    public void Every_class_has_a_row_with_its_colour()
    {
        ClassList classes = [new SegmentationClass("road & <rail>", 128, 64, 129),
            new SegmentationClass("sky", 1, 2, 3)];
        string file = Path.Combine(TestFiles.NewFolder(), "legend.svg");
        SegmentationMap.SaveLegend(file, classes);
        XElement svg = XDocument.Load(file).Root!;
        Assert.That(svg.Elements().Where(e => e.Name.LocalName == "text").Select(e => e.Value),
            Is.EqualTo(new[] { "road & <rail>", "sky" }));
        Assert.That(svg.Elements().Where(e => e.Name.LocalName == "rect").Skip(1)
            .Select(e => e.Attribute("fill")!.Value), Is.EqualTo(new[] { "rgb(128,64,129)", "rgb(1,2,3)" }));
    }

    [Test]
    public void A_missing_folder_is_named_and_not_a_temporary_file_in_it()
    {
        string folder = Path.Combine(TestFiles.NewFolder(), "missing");
        Assert.That(
            () => SegmentationMap.SaveLegend(Path.Combine(folder, "legend.svg"), s_classes),
            Throws.TypeOf<DirectoryNotFoundException>().With.Message.EqualTo(
                $"There is no folder '{folder}' (for 'legend.svg')."));
    }

    [Test]
    public void What_cannot_be_written_leaves_nothing_behind()
    {
        string folder = TestFiles.NewFolder(), taken = Path.Combine(folder, "legend.svg");
        Directory.CreateDirectory(taken);
        Assert.That(() => SegmentationMap.SaveLegend(taken, s_classes),
            Throws.InstanceOf<IOException>().Or.InstanceOf<UnauthorizedAccessException>());
        Assert.That(Directory.EnumerateFileSystemEntries(folder), Is.EqualTo(new[] { taken }));
    }
}
