"""Prints the table kSteps of reference_steps_test.cpp: parameters after 20 steps of PyTorch's optimisers, in
float64, and of Yogi as in Alg. 2 of Zaheer et al. 2018, which PyTorch lacks. Needs Debian's python3-torch 1.13.

    /usr/bin/python3 tests/algorithms/optimization/pytorch_steps.py
"""

import json

import torch

START = [3.0, -4.0, 2.5, 5.0]
STEPS = 20


def gradient(step):
    """Whole eighths, so that float32 holds them exactly. The test has the same line."""
    return torch.tensor([((step * 7 + i * 5) % 11 - 4) / 8 for i in range(len(START))], dtype=torch.float64)


class Yogi(torch.optim.Optimizer):
    def __init__(self, parameters, lr, betas=(0.9, 0.999), eps=1e-3, initial=1e-6, weight_decay=0.0):
        super().__init__(parameters, {})
        self.lr, self.betas, self.eps, self.decay = lr, betas, eps, weight_decay
        self.m = torch.zeros(len(START), dtype=torch.float64)
        self.v = torch.full((len(START),), initial, dtype=torch.float64)

    def step(self):
        w = self.param_groups[0]["params"][0]
        beta1, beta2 = self.betas
        g = w.grad + self.decay * w.data
        self.m = beta1 * self.m + (1 - beta1) * g
        self.v = self.v - (1 - beta2) * torch.sign(self.v - g * g) * g * g
        w.data -= self.lr * self.m / (self.v.sqrt() + self.eps)


NAMES = {"lr": "learning_rate", "initial": "initial_accumulator_value"}
CASES = [
    ("sgd", torch.optim.SGD, {"lr": 0.1}),
    ("sgd", torch.optim.SGD, {"lr": 0.1, "weight_decay": 0.05}),
    ("sgd", torch.optim.SGD, {"lr": 0.05, "momentum": 0.9}),
    ("sgd", torch.optim.SGD, {"lr": 0.05, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.05}),
    ("sgd", torch.optim.SGD, {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.05}),
    ("adam", torch.optim.Adam, {}),
    ("adam", torch.optim.Adam, {"lr": 0.02, "betas": (0.8, 0.95), "eps": 1e-4, "weight_decay": 0.1}),
    ("adam", torch.optim.Adam, {"lr": 0.02, "betas": (0.9, 0.5), "amsgrad": True}),
    ("adamw", torch.optim.AdamW, {}),
    ("adamw", torch.optim.AdamW, {"lr": 0.02, "betas": (0.9, 0.5), "weight_decay": 0.3, "amsgrad": True}),
    ("adagrad", torch.optim.Adagrad, {}),
    ("adagrad", torch.optim.Adagrad,
     {"lr": 0.1, "lr_decay": 0.1, "weight_decay": 0.1, "initial_accumulator_value": 0.5, "eps": 1e-3}),
    ("yogi", Yogi, {"lr": 0.01}),
    ("yogi", Yogi, {"lr": 0.02, "betas": (0.8, 0.9), "eps": 1e-2, "initial": 0.5, "weight_decay": 0.1}),
]


def keys(options):
    flat = {}
    for key, value in options.items():
        if key == "betas":
            flat["beta1"], flat["beta2"] = value
        else:
            flat[NAMES.get(key, key)] = value
    return ", ".join(f'{{"{key}", {json.dumps(value)}}}' for key, value in flat.items())


def main():
    for name, optimizer, options in CASES:
        w = torch.tensor(START, dtype=torch.float64, requires_grad=True)
        walk = optimizer([w], **options)
        for step in range(STEPS):
            w.grad = gradient(step)
            walk.step()
        values = ", ".join(f"{value:.10g}" for value in w.tolist())
        print(f'    {{"{name}", {{{keys(options)}}}, {{{values}}}}},')


if __name__ == "__main__":
    main()
