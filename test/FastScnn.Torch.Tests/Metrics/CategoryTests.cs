using FastScnn.Torch.Data;
using FastScnn.Torch.Metrics;

namespace FastScnn.Torch.Tests.Metrics;

public class CategoryTests
{
    private static readonly ClassCategories s_two = new(["ground", "rest"], [0, 0, 1]);

    [Test]
    public void Classes_of_one_category_may_stand_for_each_other()
    {
        ConfusionCounts counts = new(3);
        counts.Add([0, 0, 0, 1, 1, 2, 2, 255], [0, 1, 2, 0, 200, 2, 0, 0]);

        ConfusionCounts grouped = counts.GroupBy(s_two);

        Assert.That(grouped.ClassCount, Is.EqualTo(2));
        Assert.That(new[] { grouped[0, 0], grouped[0, 1], grouped[1, 0], grouped[1, 1] },
            Is.EqualTo(new[] { 3, 1, 1, 1 }));
        Assert.That(grouped.PixelsWithoutPrediction(0), Is.EqualTo(1), "what is no class is no category either");
        Assert.That(SegmentationScores.From(grouped).PerClassIoU, Is.EqualTo(new[] { 3 / 6.0, 1 / 3.0 }));
    }

    [Test]
    public void Cityscapes_has_seven_categories_whatever_its_colours()
    {
        ClassList recolored = new(ClassList.Cityscapes.Select(c => c with { Red = 3 }), ignoreIndex: 200);

        Assert.That(ClassCategories.Find(recolored), Is.SameAs(ClassCategories.Cityscapes));
        Assert.That(ClassCategories.Cityscapes.ClassCount, Is.EqualTo(ClassList.Cityscapes.Count));
        Assert.That(
            ClassList.Cityscapes.Select((c, id) =>
                $"{c.Name}: {ClassCategories.Cityscapes.Names[ClassCategories.Cityscapes[id]]}"),
            Is.SupersetOf(new[] { "sidewalk: flat", "fence: construction", "traffic sign: object", "terrain: nature",
                "sky: sky", "rider: human", "car: vehicle", "bicycle: vehicle" }));
    }

    [Test]
    public void Other_classes_have_no_known_categories()
    {
        Assert.That(ClassCategories.Find(ClassList.CamVid), Is.Null);
        Assert.That(ClassCategories.Find(ClassList.Generic(19)), Is.Null);
        Assert.That(ClassCategories.Find(new ClassList(ClassList.Cityscapes.Reverse())), Is.Null);
    }

    [Test]
    public void Misuse_is_named()
    {
        Assert.That(() => new ConfusionCounts(4).GroupBy(s_two),
            Throws.ArgumentException.With.Message.Contains("3 classes").And.Message.Contains("4 classes were counted"));
        Assert.That(() => new ClassCategories(["a"], [0, 1]),
            Throws.ArgumentException.With.Message.Contains("Class 1 is put into category 1"));
        Assert.That(() => new ClassCategories(["a", "b"], [0, 0]),
            Throws.ArgumentException.With.Message.Contains("without a class: b"));
        Assert.That(() => new ClassCategories([], []), Throws.ArgumentException.With.Message.Contains("not 0"));
    }
}
