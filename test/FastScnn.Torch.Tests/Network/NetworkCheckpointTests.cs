using FastScnn.Testing;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using FastScnn.Torch.Network;
using static TorchSharp.torch;

namespace FastScnn.Torch.Tests.Network;

public class NetworkCheckpointTests
{
    private static Checkpoint Aux => Checkpoint.Load(TestFiles.Golden("ref19_aux.pth"));

    [Test]
    public void Network_is_built_as_the_checkpoint_says()
    {
        Checkpoint checkpoint = Checkpoint.Load(TestFiles.Shared("reference", "camvid-pytorch-60ep.pth"));

        using FastScnnNetwork network = FastScnnNetwork.FromCheckpoint(checkpoint);

        Assert.That(network.Options, Is.EqualTo(new FastScnnNetworkOptions { Classes = 11, AuxiliaryHead = true }));
        AssertHolds(network, checkpoint, checkpoint.Tensors.Keys);
    }

    [Test]
    public void Weights_come_back_from_a_file()
    {
        using FastScnnNetwork network = new(new() { Classes = 11 });
        ModelInfo info = new()
        {
            Classes = ClassList.CamVid,
            Training = new Dictionary<string, string> { ["epochs"] = "3" }
        };
        string path = Path.Combine(TestFiles.NewFolder(), "network.safetensors");

        network.ToCheckpoint(info).SaveSafetensors(path);
        Checkpoint read = Checkpoint.Load(path);

        Assert.That(read.Tensors.Keys, Is.EqualTo(network.state_dict().Keys));
        AssertHolds(network, read, read.Tensors.Keys);
        Assert.That(read.Info.Classes, Is.EqualTo(ClassList.CamVid));
        using FastScnnNetwork loaded = FastScnnNetwork.FromCheckpoint(read);
        AssertHolds(loaded, read, read.Tensors.Keys);
    }

    [Test]
    public void Checkpoint_is_a_copy()
    {
        using FastScnnNetwork network = new(new() { Classes = 2 });
        Checkpoint checkpoint = network.ToCheckpoint();
        using (no_grad())
            network.parameters().First().zero_();

        Assert.That(checkpoint.Tensors.First().Value.ToSingle(), Has.Some.Not.Zero);
    }

    [Test]
    public void Auxiliary_head_is_passed_over_where_the_network_has_none()
    {
        using FastScnnNetwork network = new();

        Assert.That(network.LoadCheckpoint(Aux), Is.Empty);

        AssertHolds(network, Aux, network.state_dict().Keys);
    }

    [Test]
    public void Strict_loading_lists_what_is_missing_unexpected_and_misshapen_and_loads_nothing()
    {
        Dictionary<string, CheckpointTensor> tensors = Aux.Tensors.ToDictionary();
        tensors.Remove("feature_fusion.conv_lower_res.0.bias");
        tensors.Remove("classifier.dsconv1.conv.1.running_var");
        tensors.Add("backbone.stem.weight", CheckpointTensor.FromSingle([1], 1));
        tensors["classifier.conv.1.weight"] = CheckpointTensor.FromSingle(new float[11 * 128], 11, 128, 1, 1);
        using FastScnnNetwork network = new();
        Checkpoint before = network.ToCheckpoint();

        Assert.That(() => network.LoadCheckpoint(new(tensors)), Throws.TypeOf<CheckpointException>()
            .With.Message.Contains(
                "2 missing: classifier.dsconv1.conv.1.running_var, feature_fusion.conv_lower_res.0.bias")
            .Or.Message.Contains(
                "2 missing: feature_fusion.conv_lower_res.0.bias, classifier.dsconv1.conv.1.running_var"));
        Assert.That(() => network.LoadCheckpoint(new(tensors)), Throws.TypeOf<CheckpointException>()
            .With.Message.Contains("1 unexpected: backbone.stem.weight")
            .And.Message.Contains("'classifier.conv.1.weight' is [11, 128, 1, 1] instead of [19, 128, 1, 1]"));
        AssertHolds(network, before, before.Tensors.Keys);
    }

    [Test]
    public void Missing_auxiliary_head_is_an_error_unless_only_the_backbone_is_wanted()
    {
        using FastScnnNetwork network = new(new() { AuxiliaryHead = true });
        Checkpoint plain = Checkpoint.Load(TestFiles.Golden("ref19.pth"));

        Assert.That(() => network.LoadCheckpoint(plain),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("8 missing: auxlayer.0.weight"));
        Assert.That(network.LoadCheckpoint(plain, CheckpointLoadMode.Backbone),
            Has.Count.EqualTo(8).And.All.StartWith("auxlayer."));

        AssertHolds(network, plain, plain.Tensors.Keys);
    }

    [Test]
    public void Other_classes_keep_the_backbone()
    {
        using FastScnnNetwork network = new(new() { Classes = 11, AuxiliaryHead = true });
        Checkpoint before = network.ToCheckpoint();
        string[] classLayers = ["classifier.conv.1.weight", "classifier.conv.1.bias", "auxlayer.4.weight",
            "auxlayer.4.bias"];

        Assert.That(network.LoadCheckpoint(Aux, CheckpointLoadMode.Backbone), Is.EquivalentTo(classLayers));

        AssertHolds(network, Aux, before.Tensors.Keys.Except(classLayers));
        AssertHolds(network, before, classLayers);
    }

    [Test]
    public void Backbone_loading_refuses_another_backbone()
    {
        Dictionary<string, CheckpointTensor> tensors = Aux.Tensors.ToDictionary();
        tensors["classifier.dsconv1.conv.0.weight"] = CheckpointTensor.FromSingle(new float[9], 1, 1, 3, 3);
        using FastScnnNetwork network = new(new() { AuxiliaryHead = true });

        Assert.That(() => network.LoadCheckpoint(new(tensors), CheckpointLoadMode.Backbone),
            Throws.TypeOf<CheckpointException>().With.Message.Contains(
                "1 of another shape: 'classifier.dsconv1.conv.0.weight'"));
    }

    [Test]
    public void Half_precision_weights_are_converted()
    {
        Dictionary<string, CheckpointTensor> tensors = Aux.Tensors.ToDictionary();
        // 1.5 and -2 as IEEE half precision
        byte[] halves =
        [
            .. Enumerable.Range(0, 19).SelectMany(i => i % 2 == 0 ? new byte[] { 0x00, 0x3E } : [0x00, 0xC0])
        ];
        tensors["classifier.conv.1.bias"] = new(CheckpointType.Float16, [19], halves);
        using FastScnnNetwork network = new();

        network.LoadCheckpoint(new(tensors));

        Assert.That(network.state_dict()["classifier.conv.1.bias"].data<float>().ToArray(),
            Is.EqualTo(Enumerable.Range(0, 19).Select(i => i % 2 == 0 ? 1.5f : -2f)));
    }

    [Test]
    public void Description_must_have_the_network_s_classes()
    {
        using FastScnnNetwork network = new();

        Assert.That(() => network.ToCheckpoint(new() { Classes = ClassList.CamVid }),
            Throws.ArgumentException.With.Message.Contains("11 classes").And.Message.Contains("19"));
    }

    private static void AssertHolds(FastScnnNetwork network, Checkpoint checkpoint, IEnumerable<string> keys)
    {
        Dictionary<string, Tensor> state = network.state_dict();
        foreach (string key in keys)
            Assert.That(TensorConversion.ToCheckpoint(state[key]).Bytes.Span.SequenceEqual(
                checkpoint.Tensors[key].Bytes.Span), key);
    }
}
