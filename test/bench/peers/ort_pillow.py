"""Labeling with onnxruntime and Pillow, eight pictures at a time.

Argument: the ONNX file. Reads {"paths": [...]} line by line, answers {"images", "seconds", "cpuSeconds"}.
"""

import json
import resource
import sys
import time

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

BATCH = 8
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)

session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])


def load(path):
    image = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    scale = 256 / min(image.size)
    image = image.resize([max(256, round(side * scale)) for side in image.size], Image.BILINEAR)
    left, top = (image.width - 224) // 2, (image.height - 224) // 2
    image = image.crop((left, top, left + 224, top + 224))
    values = (np.asarray(image, np.float32) / 255 - MEAN) / STD
    return values.transpose(2, 0, 1)


def classify(paths):
    for at in range(0, len(paths), BATCH):
        pixels = np.stack([load(path) for path in paths[at : at + BATCH]])
        (logits,) = session.run(["logits"], {"input": np.ascontiguousarray(pixels)})
        scores = np.exp(logits - logits.max(1, keepdims=True))
        scores /= scores.sum(1, keepdims=True)
        np.argsort(-scores, 1)[:, :5]


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


print("{}", flush=True)
for line in sys.stdin:
    paths = json.loads(line)["paths"]
    for _ in range(3):
        classify(paths[:BATCH])
    cpu, started = cpu_seconds(), time.perf_counter()
    classify(paths)
    seconds = time.perf_counter() - started
    answer = {"images": len(paths), "seconds": seconds, "cpuSeconds": cpu_seconds() - cpu}
    print(json.dumps(answer), flush=True)
