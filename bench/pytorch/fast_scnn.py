"""Fast-SCNN with its auxiliary head in PyTorch, with the names and the initialisation of Tramac/Fast-SCNN-pytorch.

As in FastScnn.Torch the fusion enlarges the coarse features to the size of the fine ones, so that any input size is legal.
`python3 fast_scnn.py [weights.pth]` checks the number of parameters and that the weights, of 19 classes, fit.
"""
import sys

import torch
from torch import nn
from torch.nn.functional import adaptive_avg_pool2d, interpolate


def resize(x, size):
    return interpolate(x, size=size, mode="bilinear", align_corners=True)


class ConvBnRelu(nn.Module):
    def __init__(self, inputs, outputs, kernel=1, stride=1, padding=0, groups=1):
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(inputs, outputs, kernel, stride, padding, groups=groups, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))

    def forward(self, x):
        return self.conv(x)


class DepthwiseSeparable(nn.Module):
    def __init__(self, inputs, outputs, stride=1):
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(inputs, inputs, 3, stride, 1, groups=inputs, bias=False), nn.BatchNorm2d(inputs), nn.ReLU(inplace=True),
            nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))

    def forward(self, x):
        return self.conv(x)


class Bottleneck(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.shortcut = stride == 1 and inputs == outputs
        wide = 6 * inputs
        self.block = nn.Sequential(
            ConvBnRelu(inputs, wide), ConvBnRelu(wide, wide, 3, stride, 1, groups=wide),
            nn.Conv2d(wide, outputs, 1, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        return x + self.block(x) if self.shortcut else self.block(x)


class LearningToDownsample(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = ConvBnRelu(3, 32, 3, stride=2)
        self.dsconv1 = DepthwiseSeparable(32, 48, stride=2)
        self.dsconv2 = DepthwiseSeparable(48, 64, stride=2)

    def forward(self, x):
        return self.dsconv2(self.dsconv1(self.conv(x)))


class PyramidPooling(nn.Module):
    def __init__(self, channels=128):
        super().__init__()
        for i in range(1, 5):
            setattr(self, f"conv{i}", ConvBnRelu(channels, channels // 4))
        self.out = ConvBnRelu(2 * channels, channels)

    def forward(self, x):
        bins = zip((1, 2, 3, 6), (self.conv1, self.conv2, self.conv3, self.conv4))
        pooled = [resize(conv(adaptive_avg_pool2d(x, size)), x.shape[2:]) for size, conv in bins]
        return self.out(torch.cat([x, *pooled], dim=1))


class GlobalFeatureExtractor(nn.Module):
    def __init__(self):
        super().__init__()
        for i, (inputs, outputs, stride) in enumerate([(64, 64, 2), (64, 96, 2), (96, 128, 1)], start=1):
            setattr(self, f"bottleneck{i}", nn.Sequential(
                Bottleneck(inputs, outputs, stride), Bottleneck(outputs, outputs, 1), Bottleneck(outputs, outputs, 1)))
        self.ppm = PyramidPooling()

    def forward(self, x):
        return self.ppm(self.bottleneck3(self.bottleneck2(self.bottleneck1(x))))


class FeatureFusion(nn.Module):
    def __init__(self):
        super().__init__()
        self.dwconv = ConvBnRelu(128, 128, 3, padding=1, groups=128)
        self.conv_lower_res = nn.Sequential(nn.Conv2d(128, 128, 1), nn.BatchNorm2d(128))
        self.conv_higher_res = nn.Sequential(nn.Conv2d(64, 128, 1), nn.BatchNorm2d(128))

    def forward(self, fine, coarse):
        coarse = self.conv_lower_res(self.dwconv(resize(coarse, fine.shape[2:])))
        return torch.relu(self.conv_higher_res(fine) + coarse)


class Classifier(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.dsconv1 = DepthwiseSeparable(128, 128)
        self.dsconv2 = DepthwiseSeparable(128, 128)
        self.conv = nn.Sequential(nn.Dropout(0.1), nn.Conv2d(128, classes, 1))

    def forward(self, x):
        return self.conv(self.dsconv2(self.dsconv1(x)))


class FastScnn(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.learning_to_downsample = LearningToDownsample()
        self.global_feature_extractor = GlobalFeatureExtractor()
        self.feature_fusion = FeatureFusion()
        self.classifier = Classifier(classes)
        self.auxlayer = nn.Sequential(
            nn.Conv2d(64, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32), nn.ReLU(inplace=True), nn.Dropout(0.1), nn.Conv2d(32, classes, 1))

    def forward(self, x):
        fine = self.learning_to_downsample(x)
        logits = self.classifier(self.feature_fusion(fine, self.global_feature_extractor(fine)))
        return resize(logits, x.shape[2:]), resize(self.auxlayer(fine), x.shape[2:])


def count_parameters(network):
    return sum(parameter.numel() for parameter in network.parameters())


if __name__ == "__main__":
    network = FastScnn(19)
    if count_parameters(network) != 1_157_174:
        sys.exit(f"{count_parameters(network):,} parameters instead of 1,157,174")
    print(f"{count_parameters(network):,} parameters")
    if len(sys.argv) > 1:
        network.load_state_dict(torch.load(sys.argv[1]))
        print(f"{sys.argv[1]} fits: {len(network.state_dict())} entries")
