#!/usr/bin/env python3
"""The PyTorch side of run.sh: pytorch.py FOLDER, that the bench wrote with --exchange.

From RGB bytes in the processor's memory to a class map there, in five ways; a row of the bench's table for each.
"""
import json
import pathlib
import sys
import time

import numpy
import torch

from fast_scnn import FastScnn, resize
from score import read_safetensors

WARM_UP = 5


def network(weights):
    state = read_safetensors(weights)
    made = FastScnn(len(state["classifier.conv.1.bias"])).eval()
    made.load_state_dict(state, strict=False)
    return made


def scores(net, image):
    fine = net.learning_to_downsample(image)
    return net.classifier(net.feature_fusion(fine, net.global_feature_extractor(fine)))


class OnProcessor:
    """As tutorials have it: floats are made on the processor and copied, and the classes come back."""

    def __init__(self, weights, image, device, mean, std):
        self.image, self.device = image, device
        self.net = network(weights).to(device)
        self.mean, self.std = (torch.tensor(values).reshape(3, 1, 1) for values in (mean, std))

    def __call__(self):
        image = torch.from_numpy(self.image).permute(2, 0, 1).float().div(255).sub(self.mean).div(self.std)[None].to(self.device)
        return resize(scores(self.net, image), image.shape[2:]).argmax(1)[0].to(torch.uint8).cpu()


class OnDevice:
    """With care: bytes are copied from pinned memory, all else happens on the device, and bytes come back."""

    def __init__(self, weights, image, device, mean, std, dtype=torch.float32, channels_last=False, graph=False):
        self.image = torch.from_numpy(image)
        self.pinned = torch.empty_like(self.image).pin_memory()
        self.mask = torch.empty(image.shape[:2], dtype=torch.uint8).pin_memory()
        self.dtype = dtype
        self.format = torch.channels_last if channels_last else torch.contiguous_format
        self.net = network(weights).to(device, dtype, memory_format=self.format)
        self.mean, self.std = (torch.tensor(values, device=device, dtype=dtype).reshape(1, 3, 1, 1) for values in (mean, std))
        self.image = torch.empty(image.shape, dtype=torch.uint8, device=device)
        self.classes = torch.empty(image.shape[:2], dtype=torch.uint8, device=device)
        self.graph = None
        if graph:
            side = torch.cuda.Stream()
            side.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(side):
                for _ in range(3):
                    self.compute()
            torch.cuda.current_stream().wait_stream(side)
            captured = torch.cuda.CUDAGraph()
            with torch.cuda.graph(captured):
                self.compute()
            self.graph = captured

    def compute(self):
        image = self.image.permute(2, 0, 1)[None].to(self.dtype, memory_format=self.format).div_(255).sub_(self.mean).div_(self.std)
        self.classes.copy_(resize(scores(self.net, image), image.shape[2:]).argmax(1)[0])

    def __call__(self):
        self.pinned.copy_(self.image)
        self.image.copy_(self.pinned, non_blocking=True)
        if self.graph is None:
            self.compute()
        else:
            self.graph.replay()
        self.mask.copy_(self.classes, non_blocking=True)
        torch.cuda.synchronize()
        return self.mask


def measure(make, expected, rounds):
    try:
        score = make()
        times = []
        for round_ in range(-WARM_UP, rounds):
            start = time.perf_counter()
            mask = score()
            if round_ >= 0:
                times.append(1000 * (time.perf_counter() - start))
    except RuntimeError as error:
        return f"failed: {' '.join(str(error).split())} | | | "
    times.sort()
    return f"{times[len(times) // 2]:.2f} ({times[0]:.2f}) | | | {100 * (mask.numpy() == expected).mean():.3f}%"


def main():
    folder = pathlib.Path(sys.argv[1])
    settings = json.loads((folder / "settings.json").read_text())
    weights, height, width, rounds = (settings[name] for name in ("Weights", "Height", "Width", "Rounds"))
    device = torch.device("cuda", settings["Device"])
    torch.cuda.set_device(device)
    image = numpy.fromfile(folder / "image.rgb", numpy.uint8).reshape(height, width, 3)
    expected = numpy.fromfile(folder / "expected.mask", numpy.uint8).reshape(height, width)
    torch.backends.cudnn.benchmark = True
    given = weights, image, device, settings["Mean"], settings["Std"]
    half = dict(dtype=torch.float16, channels_last=True)
    ways = [
        ("floats made on the processor", lambda: OnProcessor(*given)),
        ("bytes copied, fp32", lambda: OnDevice(*given)),
        ("bytes copied, fp32, CUDA graph", lambda: OnDevice(*given, graph=True)),
        ("bytes copied, fp16, channels last", lambda: OnDevice(*given, **half)),
        ("bytes copied, fp16, channels last, CUDA graph", lambda: OnDevice(*given, **half, graph=True)),
    ]
    with torch.inference_mode():
        for name, make in ways:
            row = f"| PyTorch {torch.__version__}, {name}: pixels to mask | | {measure(make, expected, rounds)} |"
            print(row, flush=True)
            if settings["Output"]:
                with open(settings["Output"], "a", encoding="utf-8") as file:
                    file.write(row + "\n")


if __name__ == "__main__":
    main()
