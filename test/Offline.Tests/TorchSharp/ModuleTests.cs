using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FastScnn.Offline.Tests.TorchSharp;

/// <summary>How modules name, keep and move their parameters, and what the layers do with odd input.</summary>
[TestFixture]
public class ModuleTests
{
    private sealed class Block : nn.Module<Tensor, Tensor>
    {
        private readonly Sequential conv;
        private readonly Parameter scale = nn.Parameter(ones(1));
        private readonly Tensor offset = zeros(1);

        public Block() : base(nameof(Block))
        {
            conv = nn.Sequential(nn.Conv2d(3, 4, 3, bias: false), nn.BatchNorm2d(4), nn.ReLU(true));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => conv.call(input) * scale + offset;
    }

    private sealed class Pair : nn.Module<Tensor, (Tensor, Tensor)>
    {
        public readonly ModuleList<Block> blocks = nn.ModuleList(new Block(), new Block());

        public Pair() : base(nameof(Pair)) => RegisterComponents();

        public override (Tensor, Tensor) forward(Tensor input) => (blocks[0].call(input), blocks[1].call(input));
    }

    [Test]
    public void StateDictListsAllParametersThenAllBuffers()
    {
        using var net = new Block();
        Assert.That(net.state_dict().Keys, Is.EqualTo(new[]
        {
            "scale", "conv.0.weight", "conv.1.weight", "conv.1.bias",
            "offset", "conv.1.running_mean", "conv.1.running_var", "conv.1.num_batches_tracked",
        }));
        Assert.That(net.named_parameters().Select(p => p.name), Does.Not.Contain("offset"));
        Assert.That(net.named_modules().Select(m => m.name), Is.EqualTo(new[] { "conv", "conv.0", "conv.1", "conv.2" }));
        Assert.That(net.state_dict()["conv.1.num_batches_tracked"].dtype, Is.EqualTo(ScalarType.Int64));
    }

    [Test]
    public void ATupleIsAResultAndAListNamesByIndex()
    {
        using var net = new Pair();
        using var x = rand(2, 3, 8, 8);
        var (a, b) = net.call(x);
        Assert.That(a.shape, Is.EqualTo(b.shape));
        Assert.That(net.state_dict().Keys, Does.Contain("blocks.1.conv.1.running_var"));
        Assert.That(net.parameters().Count(), Is.EqualTo(8));
    }

    [Test]
    public void LoadStateDictIsStrictUnlessTold()
    {
        using var net = new Block();
        var source = net.state_dict().ToDictionary(p => p.Key, p => ones_like(p.Value));
        source.Remove("scale");
        source["other"] = ones(1);
        Assert.That(() => net.load_state_dict(source), Throws.InvalidOperationException);
        var (missing, unexpected) = net.load_state_dict(source, strict: false);
        Assert.That(missing, Is.EqualTo(new[] { "scale" }));
        Assert.That(unexpected, Is.EqualTo(new[] { "other" }));
        Assert.That(net.state_dict()["conv.0.weight"].mean().item<float>(), Is.EqualTo(1f));
    }

    [Test]
    public void WeightsFileRoundTrip()
    {
        using var net = new Block();
        using var other = new Block();
        using var stream = new MemoryStream();
        net.save(stream);
        other.load(new MemoryStream(stream.ToArray()));
        foreach (var (key, value) in net.state_dict()) Assert.That(other.state_dict()[key].allclose(value), Is.True, key);
        Assert.That(stream.ToArray()[..7], Is.EqualTo(new byte[] { 8, 5, (byte)'s', (byte)'c', (byte)'a', (byte)'l', (byte)'e' }));
    }

    [Test]
    public void TrainAndEvalReachEveryModule()
    {
        using var net = new Pair();
        Assert.That(net.training, Is.True);
        net.eval();
        Assert.That(net.modules().Any(m => m.training), Is.False);
        net.train();
        Assert.That(net.modules().All(m => m.training), Is.True);
    }

    [Test]
    public void ToDoubleKeepsTheBatchCount()
    {
        using var net = new Block();
        net.to(ScalarType.Float64);
        Assert.That(net.parameters().All(p => p.dtype == ScalarType.Float64 && p.requires_grad), Is.True);
        Assert.That(net.state_dict()["conv.1.num_batches_tracked"].dtype, Is.EqualTo(ScalarType.Int64));
        Assert.That(net.call(rand(1, 3, 8, 8, dtype: ScalarType.Float64)).dtype, Is.EqualTo(ScalarType.Float64));
        Assert.That(() => net.to(ScalarType.Int32), Throws.ArgumentException);
    }

    [Test]
    public void DisposeOfAModuleDisposesItsParameters()
    {
        var net = new Block();
        var parameters = net.parameters().ToList();
        net.Dispose();
        Assert.That(parameters.All(p => p.IsInvalid), Is.True);
    }

    [Test]
    public void ASequentialDisposesWhatItsFirstModuleReturns()
    {
        using var returnsItsArgument = new Echo();
        using var net = nn.Sequential(returnsItsArgument, nn.ReLU());
        var input = ones(1);
        net.call(input).Dispose();
        Assert.That(input.IsInvalid, Is.True);
        using var safe = nn.Sequential(nn.Identity(), nn.ReLU());
        using var kept = ones(1);
        safe.call(kept).Dispose();
        Assert.That(kept.IsInvalid, Is.False);
    }

    private sealed class Echo() : nn.Module<Tensor, Tensor>(nameof(Echo))
    {
        public override Tensor forward(Tensor input) => input;
    }

    [Test]
    public void RegistrationErrors()
    {
        using var net = new Block();
        using var extra = nn.Conv2d(1, 1, 1);
        Assert.That(() => net.register_module("a.b", extra), Throws.ArgumentException);
        Assert.That(() => net.register_module("conv", extra), Throws.InvalidOperationException);
        Assert.That(() => net.register_parameter("scale", nn.Parameter(ones(1))), Throws.InvalidOperationException);
        net.register_buffer("hidden", ones(1), persistent: false);
        Assert.That(net.state_dict().Keys, Does.Not.Contain("hidden"));
    }

    [Test]
    public void ConvolutionShapesAndErrors()
    {
        using var conv = nn.Conv2d(3, 6, 3, stride: 2, padding: 1, groups: 3, bias: false);
        using var x = rand(2, 3, 9, 9);
        Assert.That(conv.call(x).shape, Is.EqualTo(new long[] { 2, 6, 5, 5 }));
        Assert.That(conv.weight.shape, Is.EqualTo(new long[] { 6, 1, 3, 3 }));
        Assert.That(conv.bias, Is.Null);
        Assert.That(() => conv.call(rand(2, 4, 9, 9)), Throws.ArgumentException);
        using var same = nn.Conv2d(3, 3, (3, 5), Padding.Same);
        Assert.That(same.call(x).shape, Is.EqualTo(x.shape));
        using var rectangular = nn.Conv2d(3, 3, (1, 3), stride: (1, 2), padding: (0, 1));
        Assert.That(rectangular.call(x).shape, Is.EqualTo(new long[] { 2, 3, 9, 5 }));
    }

    [Test]
    public void BatchNormWithOneValueAChannelBreaksItsVariance()
    {
        using var bn = nn.BatchNorm2d(2);
        using var x = rand(1, 2, 1, 1);
        bn.call(x).Dispose();
        Assert.That(bn.running_var!.isnan().all().item<bool>(), Is.True, "no error, but a variance of NaN");
        Assert.That(bn.num_batches_tracked!.item<long>(), Is.EqualTo(1));
        Assert.That(() => bn.call(rand(2, 2)), Throws.ArgumentException);
    }

    [Test]
    public void PoolingAndInterpolation()
    {
        using var x = arange(16, dtype: ScalarType.Float32).reshape(1, 1, 4, 4);
        using var pool = nn.AdaptiveAvgPool2d(2);
        Assert.That(pool.call(x).data<float>().ToArray(), Is.EqualTo(new[] { 2.5f, 4.5f, 10.5f, 12.5f }));
        Assert.That(nn.functional.avg_pool2d(x, 2).data<float>().ToArray(), Is.EqualTo(new[] { 2.5f, 4.5f, 10.5f, 12.5f }));
        using var wide = nn.functional.interpolate(x, size: [7, 7], mode: InterpolationMode.Bilinear, align_corners: true);
        Assert.That(wide[0, 0, 0, 1].item<float>(), Is.EqualTo(0.5f).Within(1e-5));
        using var nearest = nn.functional.interpolate(x, scale_factor: [2, 2]);
        Assert.That(nearest.shape, Is.EqualTo(new long[] { 1, 1, 8, 8 }));
    }

    [Test]
    public void CrossEntropyTakesOnlyInt64AndGivesNaNWhereAllIsIgnored()
    {
        using var logits = rand(1, 3, 2, 2);
        using var labels = full(new long[] { 1, 2, 2 }, 255L);
        Assert.That(nn.functional.cross_entropy(logits, labels, ignore_index: 255).item<float>(), Is.NaN);
        Assert.That(() => nn.functional.cross_entropy(logits, labels.to(ScalarType.Int32), ignore_index: 255), Throws.InstanceOf<ExternalException>());
        Assert.That(() => nn.functional.cross_entropy(logits, full(new long[] { 1, 2, 2 }, 3L)), Throws.InstanceOf<ExternalException>());
        labels.zero_();
        using var loss = nn.CrossEntropyLoss(ignore_index: 255, reduction: nn.Reduction.None);
        Assert.That(loss.call(logits, labels).shape, Is.EqualTo(new long[] { 1, 2, 2 }));
        float byHand = -nn.functional.log_softmax(logits, 1)[TensorIndex.Colon, 0].mean().item<float>();
        Assert.That(nn.functional.cross_entropy(logits, labels).item<float>(), Is.EqualTo(byHand).Within(1e-5));
        Assert.That(nn.functional.nll_loss(nn.functional.log_softmax(logits, 1), labels).item<float>(), Is.EqualTo(byHand).Within(1e-5));
    }

    [Test]
    public void DropoutWorksOnlyInTraining()
    {
        using var dropout = nn.Dropout(0.5);
        using var x = ones(1000);
        Assert.That((dropout.call(x) == 0).sum().item<long>(), Is.InRange(300, 700));
        dropout.eval();
        Assert.That(dropout.call(x).allclose(x), Is.True);
    }

    [Test]
    public void InitialisationFillsInPlace()
    {
        using var w = empty(64, 32, 3, 3);
        manual_seed(0);
        Assert.That(nn.init.kaiming_normal_(w, mode: nn.init.FanInOut.FanOut, nonlinearity: nn.init.NonlinearityType.ReLU), Is.SameAs(w));
        Assert.That(w.std().item<float>(), Is.EqualTo(Math.Sqrt(2.0 / (64 * 9))).Within(2e-3));
        nn.init.constant_(w, 0.5);
        Assert.That(w.mean().item<float>(), Is.EqualTo(0.5f));
        Assert.That(nn.init.CalculateFanInAndFanOut(w), Is.EqualTo((32L * 9, 64L * 9)));
    }
}
