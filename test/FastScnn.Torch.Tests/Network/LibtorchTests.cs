using FastScnn.Torch.Network;

namespace FastScnn.Torch.Tests.Network;

public class LibtorchTests
{
    [Test]
    public void Missing_library_names_the_package_to_add()
    {
        Assert.That(() => Libtorch.Load("network", () => throw new TypeInitializationException("TorchSharp.torch", new NotSupportedException("no such file"))),
            Throws.TypeOf<DllNotFoundException>().With.Message.Contains("TorchSharp-cpu").And.Message.Contains("no such file"));
    }

    [Test]
    public void Loaded_library_gives_the_name_back() => Assert.That(Libtorch.Load("network"), Is.EqualTo("network"));
}
