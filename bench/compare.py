#!/usr/bin/python3
"""Seconds per round of federated averaging: Skerry against a bare PyTorch loop and a NumPy loop.

Every repetition runs all contestants in turn, so that a machine that drifts does so for all. The table has medians,
their spread, and the ratio to PyTorch on one thread in the same repetition.

  W1  FedAvg 2NN MNIST: MLP 784-200-200-10, 100 edges x 600, 10 a round
  W2  FedAvg CNN MNIST: 1,663,370 parameters, 100 edges x 600, 5 a round
  W3  softmax regression: 60 inputs, 10 classes, 1000 edges x 60, 100 a round
All with batches of 10, one epoch, shuffled. A round is training and aggregation, no evaluation. W1 and W2 learn
from MNIST's pixels between 0 and 1, as `skerry data fetch mnist` left them; W3 from random numbers, as all do with
`--data random` (without a zero, while MNIST's images have a border of zeros).

usage: bench/compare.py [--workloads W1,W3] [--threads 1,2] [--ranks 1,2] [--data mnist|random] [--repeats 5]
                        [--json FILE] [--skerry build/skerry]
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np  # noqa: E402  (the number of threads is set first)
import torch  # noqa: E402

torch.set_num_threads(1)
torch.set_num_interop_threads(1)

WORKLOADS = {
    "W1": dict(edges=100, samples=600, cohort=10, inputs=784, rate=0.1, rounds=(5, 25),
               model={"name": "mlp", "hidden": [200, 200]}),
    "W2": dict(edges=100, samples=600, cohort=5, inputs=784, rate=0.1, rounds=(1, 3),
               model={"name": "cnn"}),
    "W3": dict(edges=1000, samples=60, cohort=100, inputs=60, rate=0.05, rounds=(20, 120),
               model={"name": "softmax"}),
}


def insist_on_openblas():
    """PyTorch's own BLAS decides the baseline: refuse to compare against the slow reference one."""
    maps = pathlib.Path("/proc/self/maps").read_text()
    loaded = {line.split()[-1] for line in maps.splitlines() if "blas" in line.lower()}
    resolved = {os.path.realpath(path) for path in loaded}
    if not any("openblas" in path for path in resolved):
        sys.exit("compare.py: PyTorch does not use OpenBLAS here (%s); install libopenblas0-pthread"
                 % (", ".join(sorted(resolved)) or "no BLAS found"))


def mnist():
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "skerry" / "mnist"
    images, labels = cache / "train-images-idx3-ubyte", cache / "train-labels-idx1-ubyte"
    if not images.exists():
        sys.exit(f"compare.py: no MNIST in {cache}: run `skerry data fetch mnist`, or use --data random")
    inputs = np.fromfile(images, np.uint8, offset=16).reshape(-1, 784).astype(np.float32) / np.float32(255)
    return inputs, np.fromfile(labels, np.uint8, offset=8).astype(np.int64)


def make_data(work):
    generator = np.random.default_rng(1)
    total = work["edges"] * work["samples"]
    inputs = generator.random((total, work["inputs"]), dtype=np.float32)
    labels = generator.integers(0, 10, total).astype(np.int64)
    return inputs, labels


def torch_model(name):
    layers = torch.nn
    if name == "W1":
        return layers.Sequential(layers.Linear(784, 200), layers.ReLU(), layers.Linear(200, 200), layers.ReLU(),
                                 layers.Linear(200, 10))
    if name == "W2":
        return layers.Sequential(layers.Unflatten(1, (1, 28, 28)), layers.Conv2d(1, 32, 5, padding=2), layers.ReLU(),
                                 layers.MaxPool2d(2), layers.Conv2d(32, 64, 5, padding=2), layers.ReLU(),
                                 layers.MaxPool2d(2), layers.Flatten(), layers.Linear(3136, 512), layers.ReLU(),
                                 layers.Linear(512, 10))
    return layers.Linear(60, 10)


class TorchLoop:
    """The loop a careful researcher writes: one model, parameters copied in and out, in-place updates."""

    def __init__(self, name, work, data):
        self.work = work
        self.model = torch_model(name)
        self.parameters = list(self.model.parameters())
        self.inputs = torch.from_numpy(data[0])
        self.labels = torch.from_numpy(data[1])
        self.globals = [p.detach().clone() for p in self.parameters]
        self.generator = torch.Generator().manual_seed(1)

    def round(self):
        work = self.work
        sums = [torch.zeros_like(p) for p in self.globals]
        chosen = torch.randperm(work["edges"], generator=self.generator)[:work["cohort"]]
        for edge in chosen.tolist():
            with torch.no_grad():
                for p, g in zip(self.parameters, self.globals):
                    p.copy_(g)
            first = edge * work["samples"]
            order = torch.randperm(work["samples"], generator=self.generator) + first
            for batch in order.split(10):
                loss = torch.nn.functional.cross_entropy(self.model(self.inputs[batch]), self.labels[batch])
                gradients = torch.autograd.grad(loss, self.parameters)
                with torch.no_grad():
                    for p, g in zip(self.parameters, gradients):
                        p.add_(g, alpha=-work["rate"])
            with torch.no_grad():
                for s, p in zip(sums, self.parameters):
                    s.add_(p)
        self.globals = [s / work["cohort"] for s in sums]


class NumpyLoop:
    """The same rounds for dense nets, by hand."""

    def __init__(self, name, work, data):
        generator = np.random.default_rng(1)
        sizes = [784, 200, 200, 10] if name == "W1" else [60, 10]
        self.work, self.inputs, self.labels = work, data[0], data[1]
        self.generator = generator
        self.globals = []
        for fan_in, out in zip(sizes, sizes[1:]):
            bound = fan_in ** -0.5
            self.globals.append(generator.uniform(-bound, bound, (fan_in, out)).astype(np.float32))
            self.globals.append(np.zeros(out, np.float32))

    def step(self, parameters, x, y):
        rate, layers = np.float32(self.work["rate"]), len(parameters) // 2
        activations = [x]
        for k in range(layers):
            z = activations[-1] @ parameters[2 * k] + parameters[2 * k + 1]
            activations.append(np.maximum(z, 0) if k + 1 < layers else z)
        z = activations[-1]
        e = np.exp(z - z.max(axis=1, keepdims=True))
        d = e / e.sum(axis=1, keepdims=True)
        d[np.arange(len(y)), y] -= 1
        d /= np.float32(len(y))
        for k in reversed(range(layers)):
            gw, gb = activations[k].T @ d, d.sum(axis=0)
            if k > 0:
                d = (d @ parameters[2 * k].T) * (activations[k] > 0)
            parameters[2 * k] -= rate * gw
            parameters[2 * k + 1] -= rate * gb

    def round(self):
        work = self.work
        sums = [np.zeros_like(p) for p in self.globals]
        for edge in self.generator.permutation(work["edges"])[:work["cohort"]]:
            parameters = [p.copy() for p in self.globals]
            order = self.generator.permutation(work["samples"]) + edge * work["samples"]
            for start in range(0, work["samples"], 10):
                rows = order[start:start + 10]
                self.step(parameters, self.inputs[rows], self.labels[rows])
            for s, p in zip(sums, parameters):
                s += p
        self.globals = [s / np.float32(work["cohort"]) for s in sums]


class Skerry:
    """`skerry run` on the same shapes. Start-up and loading cancel out between two runs of different lengths."""

    def __init__(self, name, work, source, data, program, threads, ranks, folder):
        self.work, self.threads, self.ranks, self.folder = work, threads, ranks, folder
        self.program = [program]
        if ranks > 1:  # mpirun binds a rank to one core, which suits a single thread only
            free = [] if threads == 1 else ["--bind-to", "none"]
            self.program = ["mpirun", "--allow-run-as-root", "--oversubscribe", "-n", str(ranks), *free, program]
        if source == "mnist":
            data = {"source": "mnist", "partition": "iid"}
        else:
            arrays = folder / f"{name}.npz"
            np.savez(arrays, x_train=data[0].reshape((-1, 1, 28, 28)) if name == "W2" else data[0], y_train=data[1])
            data = {"source": {"name": "npz", "path": str(arrays), "test_inputs": ""}}
        scenario = {
            "version": 1, "name": name, "paradigm": "federated",
            "data": data, "model": work["model"],
            "local": {"optimizer": {"name": "sgd", "learning_rate": work["rate"]}, "batch_size": 10},
            "server": "fedavg", "select": {"name": "uniform", "count": work["cohort"]},
            "stop": {"any": [{"rounds": 1}]}, "nodes": {"edges": work["edges"]},
            "evaluate": {"every": {"rounds": 1000000}},
        }
        self.scenario = folder / f"{name}.json"
        self.scenario.write_text(json.dumps(scenario))
        self.runs = 0

    def wall(self, rounds):
        self.runs += 1
        out = self.folder / f"{self.scenario.stem}-{self.threads}-{self.ranks}-{self.runs}"
        subprocess.run([*self.program, "run", self.scenario, "--threads", str(self.threads), "--out", out, "--set",
                        'stop={"any": [{"rounds": %d}]}' % rounds], check=True, stdout=subprocess.DEVNULL)
        return json.loads((out / "manifest.json").read_text())["wall_seconds"]

    def seconds(self):
        short, long = self.work["rounds"]
        return (self.wall(long) - self.wall(short)) / (long - short)


def seconds_a_round(loop, rounds):
    started = time.perf_counter()
    for _ in range(rounds):
        loop.round()
    return (time.perf_counter() - started) / rounds


def compare(name, source, teams, repeats, program, folder):
    work = WORKLOADS[name]
    source = source if work["inputs"] == 784 else "random"
    data = mnist() if source == "mnist" else make_data(work)
    baseline_rounds = {"W1": 3, "W2": 1, "W3": 10}[name]
    pytorch = TorchLoop(name, work, data)
    numpy = NumpyLoop(name, work, data) if name != "W2" else None
    skerry = {team: Skerry(name, work, source, data, program, *team, folder) for team in teams}
    pytorch.round()  # warm up
    times = {"pytorch": [], "numpy": [], **{team: [] for team in teams}}
    for repeat in range(repeats):
        times["pytorch"].append(seconds_a_round(pytorch, baseline_rounds))
        if numpy:
            times["numpy"].append(seconds_a_round(numpy, baseline_rounds))
        for team in teams:
            times[team].append(skerry[team].seconds())
        print(f"  {name} {repeat + 1}/{repeats}", file=sys.stderr)
    rows = []
    for team in teams:
        ratios = sorted(p / s for p, s in zip(times["pytorch"], times[team]))
        rows.append({
            "workload": name, "data": source, "threads": team[0], "ranks": team[1],
            "skerry_s": statistics.median(times[team]),
            "pytorch_s": statistics.median(times["pytorch"]),
            "numpy_s": statistics.median(times["numpy"]) if numpy else None,
            "ratio": statistics.median(ratios), "ratio_low": ratios[0], "ratio_high": ratios[-1],
        })
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workloads", default="W1,W2,W3")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--ranks", default="1", help="numbers of processes with that many threads each, started by mpirun")
    parser.add_argument("--data", choices=("mnist", "random"), default="mnist")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--skerry", default=str(pathlib.Path(__file__).resolve().parent.parent / "build" / "skerry"))
    options = parser.parse_args()
    names = options.workloads.split(",")
    unknown = [n for n in names if n not in WORKLOADS]
    if unknown:
        sys.exit(f"compare.py: no workload {unknown[0]}; all: {', '.join(WORKLOADS)}")
    if not os.access(options.skerry, os.X_OK):
        sys.exit(f"compare.py: {options.skerry} is not there; build it first")
    insist_on_openblas()
    teams = [(int(t), int(r)) for r in options.ranks.split(",") for t in options.threads.split(",")]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            rows += compare(name, options.data, teams, options.repeats, options.skerry, pathlib.Path(folder))
    print(f"{'':4} {'data':>6} {'threads':>7} {'ranks':>5} {'skerry s':>10} {'pytorch s':>10} {'numpy s':>10} {'pytorch/skerry':>15} {'range':>15}")
    for r in rows:
        numpy = f"{r['numpy_s']:10.4f}" if r["numpy_s"] else f"{'-':>10}"
        print(f"{r['workload']:4} {r['data']:>6} {r['threads']:7} {r['ranks']:5} {r['skerry_s']:10.4f} {r['pytorch_s']:10.4f} {numpy} "
              f"{r['ratio']:15.2f} {r['ratio_low']:7.2f}-{r['ratio_high']:.2f}")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
