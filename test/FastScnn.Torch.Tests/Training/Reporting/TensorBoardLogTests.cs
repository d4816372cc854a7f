using FastScnn.Testing;
using FastScnn.Torch.Training.Reporting;

namespace FastScnn.Torch.Tests.Training.Reporting;

public class TensorBoardLogTests
{
    [Test]
    public void Values_and_texts_are_in_the_file_at_once()
    {
        string folder = Path.Combine(TestFiles.NewFolder(), "new");
        using TensorBoardLog log = new(folder);
        log.Write("loss/train", 0.1, 0);
        log.Write("loss/train", double.NaN, int.MaxValue);
        log.WriteText("options", "| name | value |\n|---|---|\n| größe | 3 |", 7);

        Assert.That(Events(Directory.GetFiles(folder).Single()), Is.EqualTo(new TensorBoardEvent[]
        {
            new(0, 0, "brain.Event:2"),
            new(0, 0, Tag: "loss/train", Scalar: 0.1f),
            new(0, int.MaxValue, Tag: "loss/train", Scalar: float.NaN),
            new(0, 7, Tag: "options/text_summary", Text: "| name | value |\n|---|---|\n| größe | 3 |", Plugin: "text"),
        }));
    }

    [Test]
    public void A_resumed_run_leaves_the_records_of_the_first()
    {
        string folder = TestFiles.NewFolder();
        using (TensorBoardLog first = new(folder))
            first.Write("loss", 1, 10);
        using (TensorBoardLog second = new(folder))
            second.Write("loss", 2, 11);

        Assert.That(Directory.GetFiles(folder).SelectMany(Events).Where(item => item.Scalar is not null)
            .Select(item => (item.Step, item.Scalar)),
            Is.EquivalentTo(new (long, float?)[] { (10, 1), (11, 2) }));
    }

    [TestCase(-1)]
    [TestCase(1L + int.MaxValue)]
    public void A_step_that_the_file_cannot_hold_is_refused(long step)
    {
        string folder = TestFiles.NewFolder();
        using TensorBoardLog log = new(folder);

        Assert.That(() => log.Write("loss", 1, step),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains(
                $"step is {step}; it must be 0 to 2147483647"));
        Assert.That(Events(Directory.GetFiles(folder).Single()), Has.Count.EqualTo(1));
    }

    private static List<TensorBoardEvent> Events(string file) =>
    [
        .. TensorBoardFile.Read(file).Select(item => item with { WallTime = 0 })
    ];
}
