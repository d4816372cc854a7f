using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using FastScnn.Testing;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FastScnn.Offline.Tests.TorchSharp;

/// <summary>What a TensorBoard writer leaves in its folder, and when.</summary>
[TestFixture]
public class SummaryWriterTests
{
    [Test]
    public void ScalarsAndTextsComeBack()
    {
        string folder = TestFiles.NewFolder();
        long before = DateTimeOffset.Now.ToUnixTimeSeconds(), ticksBefore = DateTime.Now.Ticks;
        var writer = utils.tensorboard.SummaryWriter(folder);
        writer.add_scalar("loss/train", 1.5f, 3);
        writer.add_scalar("loss/train", 0, 0, walltime: 1700000000);
        writer.add_scalar("", float.NaN, -1);
        writer.add_text("größe", "a **b**\n✓", 7);
        writer.add_text("empty", "", int.MaxValue);
        long after = DateTimeOffset.Now.ToUnixTimeSeconds();

        Assert.That(writer.LogDir, Is.EqualTo(folder));
        var events = TensorBoardFile.Read(OnlyFile(folder));
        // An oddity: the first record's wall time counts ticks of local time instead of seconds of Unix time.
        Assert.That(events[0].WallTime, Is.InRange((double)ticksBefore, (double)DateTime.Now.Ticks));
        Assert.That(events.Select(e => e with { WallTime = 0 }), Is.EqualTo(new TensorBoardEvent[]
        {
            new(0, 0, "brain.Event:2"),
            new(0, 3, Tag: "loss/train", Scalar: 1.5f),
            new(0, 0, Tag: "loss/train", Scalar: 0),
            new(0, -1, Tag: "", Scalar: float.NaN),
            new(0, 7, Tag: "größe/text_summary", Text: "a **b**\n✓", Plugin: "text"),
            new(0, int.MaxValue, Tag: "empty/text_summary", Text: "", Plugin: "text"),
        }));
        Assert.That(events[2].WallTime, Is.EqualTo(1700000000));
        foreach (int i in new[] { 1, 3, 4, 5 })
        {
            Assert.That(events[i].WallTime, Is.InRange(before, after));
            Assert.That(events[i].WallTime % 1, Is.Zero, "whole seconds");
        }
    }

    [Test]
    public void TheBytesOfARecordAreThoseOfTensorBoard()
    {
        string folder = TestFiles.NewFolder();
        var writer = utils.tensorboard.SummaryWriter(folder);
        string file = OnlyFile(folder);
        int start = (int)new FileInfo(file).Length;
        writer.add_scalar("a", 2, 300, walltime: 1);
        int end = (int)new FileInfo(file).Length;
        writer.add_text("a", "b", 0, walltime: 1);
        byte[] bytes = File.ReadAllBytes(file);
        Assert.That(Convert.ToHexString(bytes[start..end]), Is.EqualTo(
            "1800000000000000" + "A37F4B22" + "09000000000000F03F" + "10AC02" + "2A0A" + "0A08" + "0A0161" + "1500000040" + "3E9503F5"));
        Assert.That(Convert.ToHexString(bytes[end..]), Is.EqualTo(
            "3400000000000000" + "5E33175C" + "09000000000000F03F" + "2A29" + "0A27" + "0A0E612F746578745F73756D6D617279"
            + "420B" + "0807" + "120412020801" + "420162" + "4A080A060A0474657874" + "81802408"));
    }

    [Test]
    public void EveryRecordIsWrittenAtOnceAndTheFileIsNotKeptOpen()
    {
        string folder = TestFiles.NewFolder();
        var writer = utils.tensorboard.SummaryWriter(folder);
        for (int step = 0; step < 3; step++)
        {
            writer.add_scalar("a", step, step);
            using (File.Open(OnlyFile(folder), FileMode.Open, FileAccess.ReadWrite, FileShare.None)) { }
            Assert.That(TensorBoardFile.Read(OnlyFile(folder)), Has.Count.EqualTo(2 + step));
        }
    }

    [Test]
    public void AFileIsNamedByTimeHostProcessNumberAndSuffix()
    {
        string folder = Path.Combine(TestFiles.NewFolder(), "made", "here");
        long before = DateTime.Now.Ticks;
        utils.tensorboard.SummaryWriter(folder);
        utils.tensorboard.SummaryWriter(folder, filename_suffix: "end");
        string[] names = [.. Directory.GetFiles(folder).Select(path => Path.GetFileName(path)).Order()];
        Assert.That(names, Has.Length.EqualTo(2));
        foreach (string name in names)
        {
            Match match = Regex.Match(name, @"^events\.out\.tfevents\.(\d+)\.(.+)\.(\d+)\.1(\.end)?$");
            Assert.That(match.Success, name);
            Assert.That(long.Parse(match.Groups[1].Value), Is.InRange(before, DateTime.Now.Ticks));
            Assert.That(match.Groups[2].Value, Is.EqualTo(Dns.GetHostName()));
            Assert.That(int.Parse(match.Groups[3].Value), Is.EqualTo(Environment.ProcessId));
        }
        Assert.That(names.Count(name => name.EndsWith(".end")), Is.EqualTo(1));
    }

    [TestCase(null)]
    [TestCase("")]
    public void WithoutAFolderARunGetsItsOwn(string? folder)
    {
        string here = Environment.CurrentDirectory;
        try
        {
            Environment.CurrentDirectory = TestFiles.NewFolder();
            var writer = utils.tensorboard.SummaryWriter(folder);
            Assert.That(Path.GetDirectoryName(writer.LogDir), Is.EqualTo("runs"));
            AssertRunName(writer.LogDir);
            Assert.That(TensorBoardFile.Read(OnlyFile(writer.LogDir)), Has.Count.EqualTo(1));
        }
        finally
        {
            Environment.CurrentDirectory = here;
        }
    }

    [Test]
    public void ARunNameCanBeAskedFor()
    {
        string folder = TestFiles.NewFolder();
        var writer = utils.tensorboard.SummaryWriter(folder, createRunName: true);
        Assert.That(Path.GetDirectoryName(writer.LogDir), Is.EqualTo(folder));
        AssertRunName(writer.LogDir);
        Assert.That(Directory.Exists(writer.LogDir));
    }

    [Test]
    public void TwoWritersInOneFolderHaveTheirOwnFiles()
    {
        string folder = TestFiles.NewFolder();
        var first = utils.tensorboard.SummaryWriter(folder, "first");
        var second = utils.tensorboard.SummaryWriter(folder, "second");
        for (int step = 0; step < 3; step++)
        {
            first.add_scalar("a", 1, step);
            second.add_scalar("a", 2, step);
        }
        Assert.That(ScalarsOf("*.first"), Is.EqualTo(new float?[] { null, 1, 1, 1 }));
        Assert.That(ScalarsOf("*.second"), Is.EqualTo(new float?[] { null, 2, 2, 2 }));

        IEnumerable<float?> ScalarsOf(string pattern) => TensorBoardFile.Read(Directory.GetFiles(folder, pattern).Single()).Select(e => e.Scalar);
    }

    [Test]
    public void AFolderOpenedAgainKeepsWhatItHeldAndGetsAnotherFile()
    {
        string folder = TestFiles.NewFolder();
        utils.tensorboard.SummaryWriter(folder).add_scalar("a", 1, 0);
        string old = OnlyFile(folder);
        byte[] bytes = File.ReadAllBytes(old);
        utils.tensorboard.SummaryWriter(folder).add_scalar("a", 2, 1);
        Assert.That(File.ReadAllBytes(old), Is.EqualTo(bytes));
        string added = Directory.GetFiles(folder).Single(path => path != old);
        Assert.That(TensorBoardFile.Read(added).Select(e => e.Scalar), Is.EqualTo(new float?[] { null, 2 }));
    }

    [Test]
    public void ADeletedFileBeginsAnewButADeletedFolderIsAnError()
    {
        string folder = TestFiles.NewFolder();
        var writer = utils.tensorboard.SummaryWriter(folder);
        writer.add_scalar("a", 1, 0);
        string file = OnlyFile(folder);
        File.Delete(file);
        writer.add_scalar("a", 2, 1);
        Assert.That(TensorBoardFile.Read(file).Select(e => (e.FileVersion, e.Scalar)), Is.EqualTo(new (string, float?)[] { ("brain.Event:2", null), ("", 2) }));
        Directory.Delete(folder, recursive: true);
        Assert.That(() => writer.add_scalar("a", 3, 2), Throws.InstanceOf<DirectoryNotFoundException>());
    }

    [Test]
    public void ScalarsThatBelongTogetherGetAFolderEach([Values] bool asTuples)
    {
        string folder = TestFiles.NewFolder();
        var writer = utils.tensorboard.SummaryWriter(folder, "suffix");
        for (int step = 0; step < 2; step++)
            Add("loss", ("train", 1 + step), ("val", 3 + step));
        // An oddity: files are remembered by key alone, so another main tag goes on in the file of the first.
        Add("iou", ("val", 5));

        Assert.That(Directory.GetDirectories(folder).Select(path => Path.GetFileName(path)).Order(), Is.EqualTo(new[] { "loss_train", "loss_val" }));
        string train = OnlyFile(Path.Combine(folder, "loss_train")), val = OnlyFile(Path.Combine(folder, "loss_val"));
        Assert.That(train, Does.EndWith($".{Environment.ProcessId}.2"), "numbered within the writer, without the suffix");
        Assert.That(val, Does.EndWith($".{Environment.ProcessId}.3"));
        Assert.That(TensorBoardFile.Read(train).Skip(1).Select(e => (e.Tag, e.Scalar, e.WallTime)), Is.EqualTo(new (string, float?, double)[] { ("loss", 1, 9), ("loss", 2, 9) }));
        Assert.That(TensorBoardFile.Read(val).Skip(1).Select(e => (e.Tag, e.Scalar)), Is.EqualTo(new (string, float?)[] { ("loss", 3), ("loss", 4), ("iou", 5) }));
        Assert.That(TensorBoardFile.Read(OnlyFile(folder)), Has.Count.EqualTo(1));

        void Add(string tag, params (string, float)[] values)
        {
            if (asTuples) writer.add_scalars(tag, values, 0, walltime: 9);
            else writer.add_scalars(tag, values.ToDictionary(), 0, walltime: 9);
        }
    }

    [Test]
    public void NothingIsWrittenWithoutATagOrAText()
    {
        string folder = TestFiles.NewFolder();
        var writer = utils.tensorboard.SummaryWriter(folder);
        Assert.That(() => writer.add_scalar(null!, 1, 0), Throws.ArgumentNullException);
        Assert.That(() => writer.add_text("a", null!, 0), Throws.ArgumentNullException);
        writer.add_text(null!, "b", 0);
        Assert.That(TensorBoardFile.Read(OnlyFile(folder)).Select(e => e.Tag), Is.EqualTo(new[] { "", "/text_summary" }));
    }

    private static void AssertRunName(string folder)
    {
        string name = Path.GetFileName(folder), months = string.Join('|', CultureInfo.InvariantCulture.DateTimeFormat.AbbreviatedMonthNames.Take(12));
        Assert.That(name, Does.Match($@"^({months})\d{{1,2}}_\d{{1,2}}-\d{{1,2}}-\d{{1,2}}_{Regex.Escape(Dns.GetHostName())}$"));
    }

    private static string OnlyFile(string folder) => Directory.GetFiles(folder).Single();
}
