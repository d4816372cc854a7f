using FastScnn.Torch.Training.Distributed;

namespace FastScnn.Torch.Tests.Training.Distributed;

/// <summary>Jobs of MPI, as users start them.</summary>
public class MpiProcessesTests
{
    private static readonly MpiJob.Launcher[] s_launchers = MpiJob.Launchers;

    private static IEnumerable<object[]> LaunchersAndCounts =>
        s_launchers.SelectMany(launcher => new[] { 2, 3 }, (launcher, count) => new object[] { launcher, count });

    [TestCaseSource(nameof(LaunchersAndCounts))]
    public void Calls_give_what_they_say_on_all_processes(object launcher, int count)
    {
        (int exit, string output) = MpiJob.Run((MpiJob.Launcher)launcher, count, ["calls"]);
        Assert.That(exit, Is.Zero, output);
        for (int rank = 0; rank < count; rank++)
            Assert.That(output,
                Does.Match($@"{rank}: {rank} of {count}, local {rank} of {count}, {launcher} \d+\.\d+\S*, ok"));
    }

    [TestCaseSource(nameof(s_launchers))]
    public void An_error_and_a_stop_are_agreed_on_and_the_job_goes_on(object launcher)
    {
        (int exit, string output) = MpiJob.Run((MpiJob.Launcher)launcher, 2, ["agree"]);
        Assert.That(exit, Is.Zero, output);
        Assert.That(output, Does.Match(@"0: InvalidDataException: Process 2 of 2 \(.+\): 'a\.png' is cut short\.")
            .And.Contain("1: InvalidDataException: 'a.png' is cut short.")
            .And.Contain("0: stopped, by its own token: False").And.Contain("1: stopped, by its own token: True"));
    }

    [TestCaseSource(nameof(s_launchers))]
    public void An_error_of_one_process_reaches_the_other(object launcher)
    {
        (int exit, string output) = MpiJob.Run((MpiJob.Launcher)launcher, 2, ["fail"]);
        Assert.That(exit, Is.EqualTo(2), output);
        Assert.That(output, Does.Contain("0: IOException: The disk is full.")
            .And.Match(@"1: IOException: Process 1 of 2 \(.+\): The disk is full\."));
    }

    [TestCaseSource(nameof(s_launchers))]
    public void An_error_of_the_callers_code_leaves_no_process_waiting(object launcher)
    {
        (int exit, string output) = MpiJob.Run((MpiJob.Launcher)launcher, 2, ["leave"]);
        Assert.That(exit, Is.EqualTo(2), output);
        Assert.That(output, Does.Match(@"0: InvalidOperationException: Process 2 of 2 \(.+\) left the job"));
    }

    [TestCaseSource(nameof(s_launchers))]
    public void A_process_that_cannot_go_on_ends_the_job(object launcher)
    {
        (int exit, string output) = MpiJob.Run((MpiJob.Launcher)launcher, 2, ["break"]);
        // The code of MPI_Abort, and of nothing else here.
        Assert.That(exit, Is.EqualTo(1), output);
    }

    // Through UCX, where it is, which takes over the signal that a null reference is for .NET.
    [TestCaseSource(nameof(s_launchers))]
    public void A_null_reference_is_an_exception_as_ever(object launcher)
    {
        var chosen = (MpiJob.Launcher)launcher;
        if (chosen.Name == "Open MPI")
            chosen = chosen.With("--mca", "pml", "ucx,ob1", "--mca", "opal_common_ucx_tls", "any",
                "--mca", "opal_common_ucx_devices", "any");
        (int exit, string output) = MpiJob.Run(chosen, 2, ["null"]);
        Assert.That(exit, Is.Zero, output);
        Assert.That(output, Does.Contain("0: caught").And.Contain("1: caught"));
    }

    [TestCaseSource(nameof(s_launchers))]
    public void A_process_joins_once(object launcher)
    {
        (int exit, string output) = MpiJob.Run((MpiJob.Launcher)launcher, 2, ["again"]);
        Assert.That(exit, Is.Zero, output);
        Assert.That(output, Does.Contain("0: InvalidOperationException: This process has joined its MPI job already.")
            .And.Contain("1: InvalidOperationException: This process has left MPI, which cannot start twice"));
    }

    [Test]
    public void A_process_that_no_launcher_started_is_a_job_of_one()
    {
        MpiJob.Launcher launcher = s_launchers[0];
        if (launcher.Path.Length == 0) Assert.Ignore($"no mpirun of {launcher.Name} here");
        (int exit, string output) = MpiJob.RunAlone(["calls"]);
        Assert.That(exit, Is.Zero, output);
        Assert.That(output, Does.Match(@"0: 0 of 1, local 0 of 1, .+, ok"));
    }

    [Test]
    public void Without_a_library_the_error_says_what_to_install()
    {
        (int exit, string output) = MpiJob.RunAlone(["calls"], (Mpi.Variable, "/nonexistent/libmpi.so"));
        Assert.That(exit, Is.EqualTo(3), output);
        Assert.That(output, Does.Contain("join: DllNotFoundException: FASTSCNN_MPI_LIBRARY names "
            + "'/nonexistent/libmpi.so', which cannot be loaded. Install "));
    }

    [Test]
    [Platform("Linux")]
    public void Another_library_is_refused()
    {
        (int exit, string output) = MpiJob.RunAlone(["calls"], (Mpi.Variable, "libm.so.6"));
        Assert.That(exit, Is.EqualTo(3), output);
        Assert.That(output, Does.Contain("join: DllNotFoundException: 'libm.so.6' has no 'MPI_Init_thread'"));
    }

    // Each process would train by itself, and write what the others write.
    [Test]
    public void The_library_of_another_launcher_is_refused()
    {
        if (s_launchers.Length < 2) Assert.Ignore("no mpirun of MPICH here");
        foreach ((MpiJob.Launcher launcher, string library) in s_launchers.Zip(["libmpich.so.12", "libmpi.so.40"]))
        {
            (int exit, string output) = MpiJob.Run(launcher, 2, ["calls"], (Mpi.Variable, library));
            Assert.That(exit, Is.EqualTo(3), output);
            Assert.That(output, Does.Match(@"join: InvalidOperationException: The launcher started several processes "
                + $@"\(\w+ is 2\), but .+ \('{library}'\) finds only this one"));
        }
    }

    [TestCase("Open MPI v4.1.4, package: Debian OpenMPI, ident: 4.1.4, repo rev: v4.1.4\0", "Open MPI 4.1.4")]
    [TestCase("MPICH Version:\t4.0.2\nMPICH Release date:\tThu Apr  7 12:34:45 CDT 2022\n", "MPICH 4.0.2")]
    [TestCase("MPICH Version:      4.2.0\nMPICH ABI:          16:0:4\n", "MPICH 4.2.0")]
    [TestCase("Intel(R) MPI Library 2021.10 for Linux* OS\n", "Intel(R) MPI Library 2021.10 for Linux* OS")]
    [TestCase("Microsoft MPI 10.1.12498.18", "Microsoft MPI 10.1.12498.18")]
    public void The_version_is_short(string text, string expected) =>
        Assert.That(Mpi.ShortVersion(text), Is.EqualTo(expected));
}
