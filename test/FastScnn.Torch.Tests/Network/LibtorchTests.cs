using FastScnn.Torch.Network;

namespace FastScnn.Torch.Tests.Network;

public class LibtorchTests
{
    [Test]
    public void Missing_library_names_the_package_to_add()
    {
        Assert.That(() => Libtorch.Load("network",
            () => throw new TypeInitializationException("TorchSharp.torch", new NotSupportedException("no such file"))),
            Throws.TypeOf<DllNotFoundException>().With.Message.Contains("TorchSharp-cpu").And.Message.Contains(
                "no such file"));
    }

    [Test]
    public void A_trace_of_pages_is_cut_off_and_stays_in_the_inner_exception()
    {
        var trace = new NotSupportedException("no such file\n\nTrace:\n  Copy a to b\n");
        Assert.That(() => Libtorch.Load("network", () => throw trace),
            Throws.TypeOf<DllNotFoundException>().With.Message.EndsWith("no such file").And.InnerException.SameAs(
                trace));
    }

    // The loader looks at TorchSharp's library before it looks for libtorch, so the package may be missing in both
    // cases.
    [TestCase("version `GLIBCXX_3.4.32' not found (required by libtorch_cpu.so)", true)]
    [TestCase("libtorch_cpu.so: cannot open shared object file: No such file or directory", false)]
    public void What_the_loader_says_decides_the_advice(string said, bool old)
    {
        string message = Libtorch.Unavailable(new NotSupportedException("no reference"), said).Message;
        Assert.That(message, Does.Contain(said).And.Contain("TorchSharp-cpu"));
        Assert.That(message.Contains("FastScnnAllowOldLibstdcxx"), Is.EqualTo(old));
    }

    // As .NET words it on Linux: a heading, and a line for every name that was tried.
    [TestCase("/app/libLibTorchSharp.so: /lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found",
        "/app/libLibTorchSharp.so: /lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found")]
    [TestCase("libtorch_cpu.so: cannot open shared object file: No such file or directory",
        "libtorch_cpu.so: cannot open shared object file: No such file or directory")]
    [TestCase("/app/libLibTorchSharp.so: cannot open shared object file: No such file or directory", null)]
    public void The_reason_of_the_loader_is_found_among_its_tries(string line, string? reason) =>
        Assert.That(Libtorch.LoaderReason(
            $"Unable to load shared library 'LibTorchSharp' or one of its dependencies:\n/app/LibTorchSharp.so: "
                + $"cannot open shared object file: No such file or directory\n{line}\n"),
            Is.EqualTo(reason));

    [Test]
    public void Loaded_library_gives_the_name_back() => Assert.That(Libtorch.Load("network"), Is.EqualTo("network"));
}
