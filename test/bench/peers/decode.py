"""Decoding alone, to a square of 224 pixels: OpenCV's decoder that shrinks as it reads, and Pillow's.

Argument: "opencv" or "pillow". Reads {"paths": [...]} line by line, answers {"images", "seconds", "cpuSeconds"}.
"""

import json
import resource
import sys
import time

SIDE = 224
SHORT_SIDE = 256


def opencv():
    import cv2

    cv2.setNumThreads(1)
    reduced = {1: cv2.IMREAD_COLOR, 2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4}
    reduced[8] = cv2.IMREAD_REDUCED_COLOR_8

    def decode(path, shrink):
        image = cv2.imread(path, reduced[shrink])
        height, width = image.shape[:2]
        scale = SHORT_SIDE / min(height, width)
        size = (max(SHORT_SIDE, round(width * scale)), max(SHORT_SIDE, round(height * scale)))
        image = cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)
        top, left = (size[1] - SIDE) // 2, (size[0] - SIDE) // 2
        return cv2.cvtColor(image[top : top + SIDE, left : left + SIDE], cv2.COLOR_BGR2RGB)

    return decode


def pillow():
    from PIL import Image, ImageOps
    import numpy as np

    def decode(path, shrink):
        image = Image.open(path)
        image.draft("RGB", (image.width // shrink, image.height // shrink))
        image = ImageOps.exif_transpose(image).convert("RGB")
        scale = SHORT_SIDE / min(image.size)
        image = image.resize([max(SHORT_SIDE, round(side * scale)) for side in image.size], Image.BILINEAR)
        left, top = (image.width - SIDE) // 2, (image.height - SIDE) // 2
        return np.asarray(image.crop((left, top, left + SIDE, top + SIDE)))

    return decode


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


decode = {"opencv": opencv, "pillow": pillow}[sys.argv[1]]()
print("{}", flush=True)
for line in sys.stdin:
    question = json.loads(line)
    paths, shrink = question["paths"], question["shrink"]
    for path in paths[:2]:
        decode(path, shrink)
    cpu, started = cpu_seconds(), time.perf_counter()
    for path in paths:
        decode(path, shrink)
    seconds = time.perf_counter() - started
    answer = {"images": len(paths), "seconds": seconds, "cpuSeconds": cpu_seconds() - cpu}
    print(json.dumps(answer), flush=True)
