"""The PyTorch side of `FastScnn.Bench scoring`: score.py WEIGHTS.safetensors PIXELS.bgra HEIGHT WIDTH THREADS, then a command a line.

`score N`      scores the image N times, BGRA bytes -> class map of its size -> `score` and the milliseconds of each
`mask FILE`    writes the last class map, a byte a pixel
`memory`       the most bytes of memory that the process held
FastScnn.Bench's ScoringWorker answers the same commands.
"""
import json
import resource
import struct
import sys
import time

import numpy
import torch

from fast_scnn import FastScnn, resize


def read_safetensors(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    types = {"F32": numpy.float32, "I64": numpy.int64}
    return {
        name: torch.from_numpy(numpy.frombuffer(data[slice(*entry["data_offsets"])], types[entry["dtype"]]).copy()).reshape(entry["shape"])
        for name, entry in header.items() if name != "__metadata__"}


class Scorer:
    def __init__(self, weights, pixels, height, width):
        self.image = numpy.fromfile(pixels, numpy.uint8).reshape(height, width, 4)
        state = read_safetensors(weights)
        self.network = FastScnn(len(state["classifier.conv.1.bias"])).eval()
        missing, unexpected = self.network.load_state_dict(state, strict=False)
        unfit = [name for name in missing if not name.startswith("auxlayer") and not name.endswith("num_batches_tracked")] + unexpected
        if unfit:
            sys.exit(f"weights that do not fit: {unfit}")
        self.mean = torch.tensor([0.485, 0.456, 0.406]).reshape(1, 3, 1, 1)
        self.std = torch.tensor([0.229, 0.224, 0.225]).reshape(1, 3, 1, 1)
        self.mask = None

    def score(self):
        with torch.inference_mode():
            rgb = torch.from_numpy(self.image)[:, :, [2, 1, 0]].permute(2, 0, 1)[None]
            image = rgb.float().div_(255).sub_(self.mean).div_(self.std).contiguous()
            fine = self.network.learning_to_downsample(image)
            logits = self.network.classifier(self.network.feature_fusion(fine, self.network.global_feature_extractor(fine)))
            self.mask = resize(logits, image.shape[2:]).argmax(1)[0].to(torch.uint8)


def main():
    weights, pixels, height, width, threads = sys.argv[1:]
    torch.set_num_threads(int(threads))
    scorer = Scorer(weights, pixels, int(height), int(width))
    answer("ready")
    for line in sys.stdin:
        command, *arguments = line.rstrip("\n").split("\t")
        if command == "score":
            times = []
            for _ in range(int(arguments[0])):
                start = time.perf_counter()
                scorer.score()
                times.append(1000 * (time.perf_counter() - start))
            answer(command, *times)
        elif command == "mask":
            scorer.mask.numpy().tofile(arguments[0])
            answer(command)
        elif command == "memory":
            answer(command, 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
        else:
            sys.exit(f"unknown command {command!r}")


def answer(*parts):
    print(*parts, sep="\t", flush=True)


if __name__ == "__main__":
    main()
