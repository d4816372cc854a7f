using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FastScnn.Bench.Training.Peers;

/// <summary>Fast-SCNN with its auxiliary head as a user of TorchSharp writes it: of TorchSharp's own modules, after
/// bench/pytorch/fast_scnn.py line by line.</summary>
internal sealed class LoopNetwork : nn.Module<Tensor, (Tensor Main, Tensor Auxiliary)>
{
    private readonly Sequential _downsample, _deep, _smooth, _lower, _higher, _classifier, _auxiliary;

    public LoopNetwork(int classes) : base(nameof(LoopNetwork))
    {
        _downsample = nn.Sequential(ConvBnRelu(3, 32, 3, stride: 2), Separable(32, 48, 2), Separable(48, 64, 2));
        _deep = nn.Sequential(
            new Bottleneck(64, 64, 2), new Bottleneck(64, 64, 1), new Bottleneck(64, 64, 1),
            new Bottleneck(64, 96, 2), new Bottleneck(96, 96, 1), new Bottleneck(96, 96, 1),
            new Bottleneck(96, 128, 1), new Bottleneck(128, 128, 1), new Bottleneck(128, 128, 1),
            new PyramidPooling(128));
        _smooth = ConvBnRelu(128, 128, 3, padding: 1, groups: 128);
        _lower = nn.Sequential(nn.Conv2d(128, 128, 1), nn.BatchNorm2d(128));
        _higher = nn.Sequential(nn.Conv2d(64, 128, 1), nn.BatchNorm2d(128));
        _classifier = nn.Sequential(Separable(128, 128, 1), Separable(128, 128, 1), nn.Dropout(0.1),
            nn.Conv2d(128, classes, 1));
        _auxiliary = nn.Sequential(nn.Conv2d(64, 32, 3, padding: 1, bias: false), nn.BatchNorm2d(32),
            nn.ReLU(inplace: true), nn.Dropout(0.1), nn.Conv2d(32, classes, 1));
        RegisterComponents();
    }

    public override (Tensor Main, Tensor Auxiliary) forward(Tensor input)
    {
        Tensor fine = _downsample.call(input);
        Tensor coarse = _lower.call(_smooth.call(Resize(_deep.call(fine), fine)));
        Tensor fused = nn.functional.relu(_higher.call(fine) + coarse);
        return (Resize(_classifier.call(fused), input), Resize(_auxiliary.call(fine), input));
    }

    private static Tensor Resize(Tensor input, Tensor target) =>
        nn.functional.interpolate(input, [target.shape[2], target.shape[3]], mode: InterpolationMode.Bilinear,
            align_corners: true);

    private static Sequential ConvBnRelu(long inputs, long outputs, long kernel = 1, long stride = 1, long padding = 0,
        long groups = 1) => nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, padding, groups: groups, bias: false), nn.BatchNorm2d(outputs),
        nn.ReLU(inplace: true));

    private static Sequential Separable(long inputs, long outputs, long stride) => nn.Sequential(
        ConvBnRelu(inputs, inputs, 3, stride, padding: 1, groups: inputs), ConvBnRelu(inputs, outputs));

    private sealed class Bottleneck : nn.Module<Tensor, Tensor>
    {
        private readonly bool _shortcut;
        private readonly Sequential _block;

        public Bottleneck(long inputs, long outputs, long stride) : base(nameof(Bottleneck))
        {
            _shortcut = stride == 1 && inputs == outputs;
            long wide = 6 * inputs;
            _block = nn.Sequential(ConvBnRelu(inputs, wide),
                ConvBnRelu(wide, wide, 3, stride, padding: 1, groups: wide),
                nn.Conv2d(wide, outputs, 1, bias: false), nn.BatchNorm2d(outputs));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => _shortcut ? input + _block.call(input) : _block.call(input);
    }

    private sealed class PyramidPooling : nn.Module<Tensor, Tensor>
    {
        private static readonly long[] s_bins = [1, 2, 3, 6];

        private readonly ModuleList<Sequential> _levels;
        private readonly Sequential _out;

        public PyramidPooling(long channels) : base(nameof(PyramidPooling))
        {
            _levels = new([.. s_bins.Select(_ => ConvBnRelu(channels, channels / 4))]);
            _out = ConvBnRelu(2 * channels, channels);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            IEnumerable<Tensor> pooled = s_bins.Select((size, i) =>
                Resize(_levels[i].call(nn.functional.adaptive_avg_pool2d(input, size)), input));
            return _out.call(cat([input, .. pooled], 1));
        }
    }
}
