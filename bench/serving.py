#!/usr/bin/python3
"""How many requests a simulated learning loop answers a second of wall time.

1,000 edges, each asked 100 times a virtual second about 16 features, softmax, mining on, a hundredth of the requests
sampled and labelled, answers in batches of a virtual second. Every repetition runs a short stream and a long one; what it
prints is the difference, so that the start counts for nothing (generating the rows does count):
  requests a second  (requests of the long stream - of the short one) / (wall time of the long run - of the short one)

usage: bench/serving.py [--seconds 20] [--repeats 5] [--threads 2] [--skerry build/skerry]
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile
import time

EDGES, RATE, SHORT = 1000, 100, 2


def scenario(seconds):
    """One more second is history: the first model is trained on it."""
    return {"version": 1, "name": "serving", "paradigm": "incremental", "seed": 1,
            "data": {"source": {"name": "random_rbf", "n_classes": 4, "n_features": 16,
                                "samples": EDGES * RATE * (seconds + 1), "test_samples": 10},
                     "stream": {"name": "drift", "experiences": seconds + 1, "every": "1 s"}},
            "model": "softmax", "check": "1 s",
            "serve": {"every": "1 s", "mine": "cross_entropy", "threshold": 0.9, "sample": 0.01},
            "labels": {"delay": "1 s"},
            "trigger": {"command": "train"},
            "train": {"optimizer": {"name": "sgd", "learning_rate": 0.05}},
            "nodes": {"edges": EDGES}}


def run(skerry, threads, seconds):
    """Requests and wall seconds of one run."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "serving.json"
        path.write_text(json.dumps(scenario(seconds)))
        out = folder + "/run"
        begin = time.monotonic()
        subprocess.run([skerry, "run", str(path), "--threads", str(threads), "--out", out, "--quiet"], check=True,
                       stdout=subprocess.DEVNULL)
        took = time.monotonic() - begin
        rows = (pathlib.Path(out) / "metrics.csv").read_text().splitlines()[1:]
        served = [float(row.split(",")[4]) for row in rows if row.startswith("served/requests,")]
        return sum(served), took


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--skerry", default="build/skerry")
    options = parser.parse_args()
    rates = []
    for _ in range(options.repeats):
        few, short = run(options.skerry, options.threads, SHORT)
        many, whole = run(options.skerry, options.threads, options.seconds)
        rates.append((many - few) / (whole - short))
    print("%.0f requests a second of wall time (%.0f to %.0f), %d threads" %
          (statistics.median(rates), min(rates), max(rates), options.threads))


if __name__ == "__main__":
    main()
