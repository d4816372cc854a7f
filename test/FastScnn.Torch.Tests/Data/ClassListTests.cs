using FastScnn.Testing;
using FastScnn.Torch.Data;

namespace FastScnn.Torch.Tests.Data;

public class ClassListTests
{
    [Test]
    public void Known_lists_have_the_official_names_and_colors()
    {
        Assert.That(ClassList.Cityscapes, Has.Count.EqualTo(19));
        Assert.That(ClassList.Cityscapes[10], Is.EqualTo(new SegmentationClass("sky", 70, 130, 180)));
        Assert.That(ClassList.Cityscapes[18], Is.EqualTo(new SegmentationClass("bicycle", 119, 11, 32)));
        Assert.That(ClassList.Cityscapes.IgnoreIndex, Is.EqualTo(255));
        Assert.That(ClassList.PascalVoc, Has.Count.EqualTo(21));
        Assert.That(ClassList.PascalVoc[0], Is.EqualTo(new SegmentationClass("background", 0, 0, 0)));
        Assert.That(ClassList.PascalVoc[15], Is.EqualTo(new SegmentationClass("person", 192, 128, 128)));
        Assert.That(ClassList.PascalVoc[20], Is.EqualTo(new SegmentationClass("tvmonitor", 0, 64, 128)));
    }

    [Test]
    public void CamVid_is_the_classes_file_of_the_data_set() =>
        Assert.That(ClassList.Load(TestFiles.Shared("camvid", "classes.json")), Is.EqualTo(ClassList.CamVid));

    [Test]
    public void Generic_classes_have_unique_names_and_colors()
    {
        ClassList classes = ClassList.Generic(255);
        Assert.That(classes[254].Name, Is.EqualTo("class 254"));
        Assert.That(classes.Select(c => (c.Red, c.Green, c.Blue)).Distinct().Count(), Is.EqualTo(255));
        Assert.That(ClassList.Generic(21).Select(c => c with { Name = "" }),
            Is.EqualTo(ClassList.PascalVoc.Select(c => c with { Name = "" })));
    }

    [Test]
    public void Saved_lists_come_back_equal()
    {
        string path = Path.Combine(TestFiles.NewFolder(), "classes.json");
        var classes = new ClassList([new("Straße \"A\" \\ 中", 1, 2, 3), new("b", 255, 0, 9)], ignoreIndex: 2);
        foreach (ClassList list in new[] { classes, ClassList.Cityscapes, ClassList.Generic(255) })
        {
            list.Save(path);
            Assert.That(ClassList.Load(path), Is.EqualTo(list));
        }
        Assert.That(classes.ToJson(), Does.Contain("Straße"));
        Assert.That(Directory.GetFiles(Path.GetDirectoryName(path)!), Has.Length.EqualTo(1),
            "a temporary file was left");
    }

    [Test]
    public void Equality_looks_at_classes_order_and_ignore_index()
    {
        SegmentationClass a = new("a", 1, 2, 3), b = new("b", 4, 5, 6);
        ClassList list = [a, b];
        Assert.That(list, Is.EqualTo(new ClassList([a, b])));
        Assert.That(list.GetHashCode(), Is.EqualTo(new ClassList([a, b]).GetHashCode()));
        Assert.That(list, Is.Not.EqualTo(new ClassList([b, a])));
        Assert.That(list, Is.Not.EqualTo(new ClassList([a, b], ignoreIndex: 254)));
        Assert.That(list, Is.Not.EqualTo(new ClassList([a, b with { Blue = 7 }])));
    }

    [TestCase(1)]
    [TestCase(256)]
    public void Wrong_count_is_refused(int count) =>
        Assert.That(() => ClassList.Generic(count), Throws.ArgumentException.With.Message.Contains($"not {count}"));

    [Test]
    public void Bad_classes_are_refused()
    {
        Assert.That(() => new ClassList([new("a", 0, 0, 0), new("a", 1, 1, 1)]),
            Throws.ArgumentException.With.Message.Contains("0 and 1 are both named 'a'"));
        Assert.That(() => new ClassList([new("a", 0, 0, 0), new(" ", 1, 1, 1)]),
            Throws.ArgumentException.With.Message.Contains("Class 1"));
        Assert.That(() => new ClassList([new("a", 0, 0, 0), new("b", 1, 1, 1)], 1),
            Throws.ArgumentException.With.Message.Contains("'b'"));
    }

    [TestCase("", "is empty")]
    [TestCase("[1, 2", "not a class list")]
    [TestCase("[]", "\"classes\"")]
    [TestCase("""{ "classes": 3 }""", "\"classes\"")]
    [TestCase("""{ "classes": [] }""", "not 0")]
    [TestCase("""{ "classes": [ 5, 6 ] }""", "classes[0] must be an object")]
    [TestCase("""{ "classes": [ { "name": "a", "color": [1, 2, 3] }, { "color": [1, 2, 3] } ] }""", "classes[1].name")]
    [TestCase("""{ "classes": [ { "name": "a", "color": [1, 2] } ] }""", "classes[0].color")]
    [TestCase("""{ "classes": [ { "name": "a", "color": [1, 2, 256] } ] }""", "classes[0].color[2]")]
    [TestCase("""{ "classes": [ { "name": "\ud800", "color": [1, 2, 25] } ] }""", "not a class list")]
    [TestCase("""{ "ignoreIndex": -1, "classes": [] }""", "ignoreIndex must be a whole number 0..255, not -1")]
    public void Bad_files_are_refused_with_their_name(string json, string expected)
    {
        string path = Path.Combine(TestFiles.NewFolder(), "own.json");
        File.WriteAllText(path, json);
        Assert.That(() => ClassList.Load(path),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("own.json").And.Message.Contains(expected));
    }

    [Test]
    public void A_folder_that_is_missing_is_named()
    {
        string folder = Path.Combine(TestFiles.NewFolder(), "none");
        Assert.That(
            () => ClassList.CamVid.Save(Path.Combine(folder, "classes.json")),
            Throws.TypeOf<DirectoryNotFoundException>().With.Message.EqualTo(
                $"There is no folder '{folder}' (for 'classes.json')."));
    }
}
