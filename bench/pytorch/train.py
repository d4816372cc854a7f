"""The PyTorch side of `FastScnn.Bench training`: train.py THREADS, then a command a line on standard input, parts parted by tabs.

`step B H W N`                 N more training steps on a random batch -> `step` and the milliseconds of each
`epoch ROOT B H W WORKERS N`   a new network trained on N batches of a folder data set -> `epoch SECONDS IMAGES WAITING`, the last
                               being the share of the loop's time, after its first two batches, that was spent waiting for data
The first line it prints is `ready PARAMETERS VERSIONS`. FastScnn.Bench's TrainingWorker answers the same commands.
"""
import platform
import sys
import time

import torch
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, RandomSampler

from fast_scnn import FastScnn, count_parameters
from scene_folder import IGNORED, SceneFolder

CLASSES = 11
FIRST_BATCHES = 2


class Learner:
    def __init__(self, classes):
        self.network = FastScnn(classes).train()
        self.optimizer = torch.optim.SGD(self.network.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)

    def step(self, images, labels):
        self.optimizer.zero_grad(set_to_none=True)
        main, auxiliary = self.network(images)
        loss = cross_entropy(main, labels, ignore_index=IGNORED) + 0.4 * cross_entropy(auxiliary, labels, ignore_index=IGNORED)
        loss.backward()
        self.optimizer.step()
        return loss.item()


class Worker:
    def __init__(self):
        self.batches = {}

    def step(self, batch, height, width, count):
        """The network of a size lives on from call to call: what is measured is the middle of a training, not its start."""
        size = (batch, height, width)
        if size not in self.batches:
            self.batches[size] = Learner(CLASSES), torch.randn(batch, 3, height, width), torch.randint(0, CLASSES, size)
        learner, images, labels = self.batches[size]
        times = []
        for _ in range(count):
            start = time.perf_counter()
            learner.step(images, labels)
            times.append(1000 * (time.perf_counter() - start))
        return times

    def epoch(self, root, batch, height, width, workers, count):
        start = time.perf_counter()
        dataset = SceneFolder(root, height, width)
        learner = Learner(dataset.classes)
        # One long epoch, so that the loader's processes start once.
        sampler = RandomSampler(dataset, num_samples=batch * count)
        mark = time.perf_counter()
        batches = iter(DataLoader(dataset, batch, sampler=sampler, num_workers=workers))
        waited, whole, trained = 0.0, 0.0, 0
        for number in range(count):
            images, labels = next(batches)
            arrived = time.perf_counter()
            learner.step(images, labels)
            done = time.perf_counter()
            if number >= FIRST_BATCHES:
                waited += arrived - mark
                whole += done - mark
            mark = done
            trained += len(images)
        return mark - start, trained, waited / whole if whole else 0.0


def main():
    torch.set_num_threads(int(sys.argv[1]))
    answer("ready", count_parameters(FastScnn(CLASSES)), f"PyTorch {torch.__version__}, Python {platform.python_version()}")
    worker = Worker()
    for line in sys.stdin:
        command, *arguments = line.rstrip("\n").split("\t")
        if command == "step":
            answer(command, *worker.step(*map(int, arguments)))
        elif command == "epoch":
            answer(command, *worker.epoch(arguments[0], *map(int, arguments[1:])))
        else:
            sys.exit(f"unknown command {command!r}")


def answer(*parts):
    print(*parts, sep="\t", flush=True)


if __name__ == "__main__":
    main()
