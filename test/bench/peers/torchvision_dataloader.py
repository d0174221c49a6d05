"""Labeling the way PyTorch's own examples do it: torchvision's model and transforms, a DataLoader with two workers.

Weights are random: speed does not depend on them. Where torchvision cannot be imported, the same network and the same
transforms are put together from torch and Pillow. Reads {"paths": [...]} line by line, answers {"images", "seconds",
"cpuSeconds"}; processor time includes that of the workers.
"""

import json
import resource
import sys
import time

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import nn

BATCH = 8
MEAN = [0.485, 0.456, 0.406]
STD = [0.229, 0.224, 0.225]


class Block(nn.Module):
    def __init__(self, channels, width, stride):
        super().__init__()
        out = 2 * width
        self.branch = nn.Sequential(
            nn.Conv2d(channels, width, 1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, width, 3, stride, 1, groups=32, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, out, 1, bias=False),
            nn.BatchNorm2d(out),
        )
        self.shortcut = None
        if stride != 1 or channels != out:
            self.shortcut = nn.Sequential(nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out))
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        identity = x if self.shortcut is None else self.shortcut(x)
        return self.relu(self.branch(x) + identity)


def resnext50_32x4d():
    layers = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)]
    channels = 64
    for stage, count in enumerate([3, 4, 6, 3]):
        width = 128 << stage
        for index in range(count):
            layers.append(Block(channels, width, 2 if stage > 0 and index == 0 else 1))
            channels = 2 * width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2048, 1000))


def transform_by_hand(image):
    scale = 256 / min(image.size)
    image = image.resize([max(256, int(side * scale)) for side in image.size], Image.BILINEAR)
    left, top = (image.width - 224) // 2, (image.height - 224) // 2
    image = image.crop((left, top, left + 224, top + 224))
    tensor = torch.from_numpy(np.array(image)).permute(2, 0, 1).contiguous().to(torch.float32).div(255)
    return tensor.sub_(torch.tensor(MEAN).view(3, 1, 1)).div_(torch.tensor(STD).view(3, 1, 1))


try:
    from torchvision import models, transforms

    model = models.resnext50_32x4d(weights=None)
    transform = transforms.Compose(
        [
            transforms.Resize(256),
            transforms.CenterCrop(224),
            transforms.ToTensor(),
            transforms.Normalize(MEAN, STD),
        ]
    )
    made_of = "torchvision"
except Exception:  # a build for other hardware fails with whatever it pleases
    model = resnext50_32x4d()
    transform = transform_by_hand
    made_of = "torch"
model.eval()


class Photos(torch.utils.data.Dataset):
    def __init__(self, paths):
        self.paths = paths

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        return transform(ImageOps.exif_transpose(Image.open(self.paths[index])).convert("RGB"))


def classify(paths):
    loader = torch.utils.data.DataLoader(Photos(paths), batch_size=BATCH, num_workers=2)
    with torch.inference_mode():
        for batch in loader:
            model(batch).softmax(1).topk(5)


def cpu_seconds():
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


print(json.dumps({"madeOf": made_of}), flush=True)
for line in sys.stdin:
    paths = json.loads(line)["paths"]
    classify(paths[:BATCH])
    cpu, started = cpu_seconds(), time.perf_counter()
    classify(paths)
    seconds = time.perf_counter() - started
    answer = {"images": len(paths), "seconds": seconds, "cpuSeconds": cpu_seconds() - cpu}
    print(json.dumps(answer), flush=True)
