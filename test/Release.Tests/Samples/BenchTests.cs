using FastScnn.Testing;

namespace FastScnn.Release.Tests.Samples;

/// <summary>The bench runs, with sizes that say nothing.</summary>
public class BenchTests
{
    [Test]
    public void Training_is_measured_beside_its_peers()
    {
        string program = Path.Combine(TestFiles.Root, "bench", "FastScnn.Bench", "bin", Build.Configuration, "net10.0",
            "FastScnn.Bench.dll");
        string report = Shell.Dotnet(TestFiles.Root, new Dictionary<string, string>(), program, "training", "--tiny");
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
}
