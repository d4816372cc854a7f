using System.Text.RegularExpressions;
using FastScnn.Testing;

namespace FastScnn.Release.Tests.Samples;

/// <summary>The bench runs, with sizes that say nothing.</summary>
public class BenchTests
{
    [Test]
    public void Video_is_measured_beside_the_bare_session_and_smoothing_on_a_still_scene()
    {
        string report = Run("video", "--tiny");
        foreach (string row in new[] { @"bare session [^|]*", @"`Segment`[^|]*", @"\*\*`SegmentVideoAsync`\*\*",
            @"\*\*`SegmentVideoAsync`\*\*, `Smoothing = 0.5`" })
            Assert.That(report, Does.Match($@"\| {row} \| [0-9.]+ \([^|]*\| [0-9.]+ \|"));
        Assert.That(report, Does.Match(@"\| \*\*`fastscnn segment`\*\*, masks \| [0-9.]+ \([^|]*\| [0-9.]+ \|")
            .Or.Contain("there is no FFmpeg"));
        Assert.That(report, Does.Match(@"\| 0.5 \| [0-9.]+ \| [0-9.]+ \| [0-9.]+ \|").Or.Contain("no CamVid"));
    }

    [Test]
    public void Training_is_measured_beside_its_peers()
    {
        string report = Run("training", "--tiny");
        Assert.That(report, Does.Not.Contain("failed").And.Not.Contain("FAILED"));
        foreach (string side in new[] { "ours, float32", "ours, bfloat16", "ours, float32, settings off",
            "plain TorchSharp loop" })
            Assert.That(report, Does.Match($@"\| {side} \| [0-9.]+ \(")
                .And.Match($@"\| {side} \| [12] \| [0-9.]+ \("), "the step, and from files");
        // Settings that reach the loop would make it a peer that no tutorial has.
        if (OperatingSystem.IsLinux())
            Assert.That(report, Does.Match("- ours, float32: .*OMP_WAIT_POLICY PASSIVE")
                .And.Match("- plain TorchSharp loop: .*OMP_WAIT_POLICY not set"));
        Assert.That(report, Does.Match(@"\| 2 \| 1 \| 1 \| [0-9.]+ \(").Or.Contain("there is no mpirun"));
    }

    [Test]
    public void Batches_are_measured_beside_one_by_one()
    {
        string report = Run("batches", "--tiny");
        foreach (string row in new[] { "`Segment`", "`SegmentBatch` of 2", "`SegmentManyAsync`, `BatchSize = 2`" })
            Assert.That(Regex.Count(report, $@"\| {row} \| [0-9.]+ \([^|]*\| [0-9.]+ \("),
                Is.EqualTo(2 * Math.Min(2, Environment.ProcessorCount)), row);
    }

    private static string Run(params string[] arguments) => Shell.Dotnet(
        TestFiles.Root, new Dictionary<string, string>(),
        [Path.Combine(TestFiles.Root, "bench", "FastScnn.Bench", "bin", Build.Configuration, "net10.0",
            "FastScnn.Bench.dll"), .. arguments]);
}
