#!/usr/bin/python3
"""Scoring 10,000 images with the FedAvg paper's CNN: the native learner against bare PyTorch, one thread each.

Both in turn, in processor seconds, so that neither another program nor a drifting machine favours one. PyTorch
gets the batch size that suits it best of those tried; the learner gets batches of 1,000.

usage: bench/evaluate.py [--repeats 5] [--learners build/bench/bench-learners]
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import time

import compare  # sets the number of threads
import torch

IMAGES = 10000
BATCHES = (50, 100, 250, 1000)


def pytorch_seconds(model, images, batch):
    started = time.process_time()
    with torch.inference_mode():
        for first in range(0, len(images), batch):
            model(images[first:first + batch])
    return time.process_time() - started


def learner_seconds(program):
    text = subprocess.run([program, "--benchmark_filter=evaluate/cnn", "--benchmark_min_time=0.5",
                           "--benchmark_format=json"], check=True, capture_output=True).stdout
    return json.loads(text)["benchmarks"][0]["cpu_time"] * 1e-9 * IMAGES / 1000


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--learners", default=str(root / "build" / "bench" / "bench-learners"))
    options = parser.parse_args()
    compare.insist_on_openblas()
    model = compare.torch_model("W2").eval()
    images = torch.rand(IMAGES, 784)
    best = min(BATCHES, key=lambda batch: pytorch_seconds(model, images[:2000], batch))
    pairs = [(pytorch_seconds(model, images, best), learner_seconds(options.learners))
             for _ in range(options.repeats)]
    ratios = sorted(theirs / ours for theirs, ours in pairs)
    print(f"PyTorch {statistics.median(p for p, _ in pairs):.2f} s (batches of {best}), "
          f"skerry {statistics.median(s for _, s in pairs):.2f} s, "
          f"ratio {statistics.median(ratios):.2f} ({ratios[0]:.2f}-{ratios[-1]:.2f})")


if __name__ == "__main__":
    main()
