using FastScnn.Notebooks;

namespace FastScnn.Release.Tests.Samples;

/// <summary>What a notebook may differ by between machines, and what it may not.</summary>
public class DriftTests
{
    [TestCase("road 43.1 %\ncar 9.9 %\nsky 9.8 %", "road 42.8 %\nsky 9.9 %\ncar 9.8 %",
        Description = "rows that are sorted by near shares")]
    [TestCase("mIoU 40.9 %", "mIoU 44.2 %")]
    [TestCase("loss 0.512, 3 epochs", "loss 0.530, 3 epochs")]
    [TestCase("road     43.1 %", "road    43.1 %", Description = "columns")]
    [TestCase("shift -0.50", "shift -0.49")]
    [TestCase("400 x 300\n\n", "400 x 300\n")]
    public void Arithmetic_may_differ(string stored, string run) => Assert.That(Find(stored, run), Is.Null);

    [TestCase("road 43.1 %\ncar 9.9 %", "road 43.1 %\nbus 9.9 %", Description = "another name")]
    [TestCase("road 43.1 %\ncar 9.9 %", "road 9.9 %\ncar 43.1 %", Description = "the numbers of others")]
    [TestCase("road 43.1 %\ncar 9.9 %", "road 43.1 %", Description = "a row less")]
    [TestCase("road 43.1 %\nroad 43.1 %", "road 43.1 %\ncar 43.1 %", Description = "a row twice")]
    [TestCase("mIoU 40.9 %", "mIoU 46.2 %")]
    [TestCase("mIoU 40.9 %", "mIoU 40.9")]
    [TestCase("loss 0.512", "loss 0.312", Description = "no per cent")]
    [TestCase("shift -0.50", "shift 0.50")]
    [TestCase("400 x 300, 12 classes", "400 x 300, 11 classes", Description = "whole numbers")]
    [TestCase("version 1.29.0", "version 1.30.0")]
    [TestCase("best.safetensors\ncurves.svg", "curves.svg\nbest.safetensors",
        Description = "the order of lines without fractions")]
    [TestCase("pixel accuracy\nroad 43.1 %", "road 43.1 %\npixel accuracy", Description = "a heading below its rows")]
    [TestCase("12.5 ms an image", "12.5 s an image")]
    public void All_else_may_not(string stored, string run)
    {
        Assert.That(Find(stored, run),
            Does.StartWith("the output of cell 0 is\n").And.Contain(stored).And.Contain(run));
        Assert.That(Find(run, stored), Is.Not.Null);
    }

    [Test]
    public void Images_are_the_same_in_kind_and_place()
    {
        Cell Shows(params string[] kinds) =>
            new(true, "display(a);")
            {
                Outputs = [.. kinds.Select(kind => new Output(kind, kind == "text/plain" ? "a" : "AAAA"))]
            };
        Assert.That(Drift.Find([Shows("image/png", "text/plain")], [Shows("image/png", "text/plain")]), Is.Null);
        Assert.That(Drift.Find([Shows("image/png")], [Shows("image/jpeg")]),
            Is.EqualTo("the outputs of cell 0 are [image/png], expected [image/jpeg]."));
        Assert.That(Drift.Find([Shows("image/png", "text/plain")], [Shows("text/plain", "image/png")]), Is.Not.Null);
        Assert.That(Drift.Find([Shows("image/png")], [Shows()]), Is.Not.Null);
    }

    [Test]
    public void Cells_are_the_same_to_the_letter()
    {
        Cell one = new(true, "int a = 1.5;"), other = new(true, "int a = 1.6;");
        Assert.That(Drift.Find([one], [other]), Is.EqualTo("cell 0 is\nint a = 1.5;\nexpected\nint a = 1.6;"));
        Assert.That(Drift.Find([one], [one with { IsCode = false }]), Is.Not.Null);
        Assert.That(Drift.Find([one, other], [one]), Is.EqualTo("it has 2 cells, expected 1."));
        Assert.That(Drift.Find([one, other], [one, other]), Is.Null);
    }

    private static string? Find(string stored, string run) => Drift.Find([Printed(stored)], [Printed(run)]);

    private static Cell Printed(string text) => new(true, "Print();") { Outputs = [new Output("text/plain", text)] };
}
