"""Images and masks of a folder data set (images/train, masks/train, classes.json) as augmented training crops."""
import json
import os
import random

import numpy
import torch
from PIL import Image
from torch.utils.data import Dataset

IGNORED = 255
PADDING = (124, 116, 104)
MEAN = numpy.array([0.485, 0.456, 0.406], dtype=numpy.float32) * 255
FACTOR = 1 / (numpy.array([0.229, 0.224, 0.225], dtype=numpy.float32) * 255)


class SceneFolder(Dataset):
    """Random scale 0.5 to 2, mirroring, random crop and normalisation, as FastScnn.Torch does without colour jitter and blur."""

    def __init__(self, root, height, width):
        self.images = os.path.join(root, "images", "train")
        self.masks = os.path.join(root, "masks", "train")
        self.names = sorted(os.listdir(self.images))
        self.height, self.width = height, width
        with open(os.path.join(root, "classes.json"), encoding="utf-8") as file:
            self.classes = len(json.load(file)["classes"])

    def __len__(self):
        return len(self.names)

    def __getitem__(self, index):
        name = self.names[index]
        image = Image.open(os.path.join(self.images, name)).convert("RGB")
        mask = Image.open(os.path.join(self.masks, name))
        factor = random.uniform(0.5, 2)
        width, height = int(image.width * factor), int(image.height * factor)
        shown_width, shown_height = min(width, self.width), min(height, self.height)
        left, top = random.randint(0, width - shown_width), random.randint(0, height - shown_height)
        # Only the crop is scaled: enlarging whole images first would cost this side several times as much.
        box = (left / factor, top / factor, min((left + shown_width) / factor, image.width), min((top + shown_height) / factor, image.height))
        image = image.resize((shown_width, shown_height), Image.BILINEAR, box)
        mask = mask.resize((shown_width, shown_height), Image.NEAREST, box)
        if random.random() < 0.5:
            image, mask = image.transpose(Image.FLIP_LEFT_RIGHT), mask.transpose(Image.FLIP_LEFT_RIGHT)
        if (shown_width, shown_height) != (self.width, self.height):
            image, mask = self.pad(image, PADDING), self.pad(mask, IGNORED)
        pixels = (numpy.asarray(image, dtype=numpy.float32) - MEAN) * FACTOR
        ids = numpy.asarray(mask, dtype=numpy.int64)
        return torch.from_numpy(pixels.transpose(2, 0, 1).copy()), torch.from_numpy(ids)

    def pad(self, image, value):
        whole = Image.new(image.mode, (self.width, self.height), value)
        whole.paste(image)
        return whole
