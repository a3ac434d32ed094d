#pragma once

namespace skerry::federated {

/// A scenario that runs as it is.
inline constexpr const char* kExample =
    R"json(// Federated learning: edges train on their own data, the cloud combines what they return.
//   skerry validate {{name}}.json           check it
//   skerry run {{name}}.json                simulate it
//   skerry describe scenario federated      what every key means; `skerry list` names the plugins
{
  "version": 1,
  "name": "{{name}}",
  "paradigm": "federated",
  // Every random choice follows from it: data, batches, cohorts, devices.
  "seed": 1,

  "data": {
    // Generated, so that this runs at once. For MNIST: `skerry data fetch mnist`, then "source": "mnist".
    "source": {"name": "synthetic_blobs", "classes": 10, "features": 32, "samples": 6000},
    // How it is spread over the edges: "iid", or uneven. `skerry data partition {{name}}.json` draws it.
    "partition": {"name": "dirichlet", "alpha": 0.5}
  },
  "model": {"name": "mlp", "hidden": [64]},

  // On an edge, each round.
  "local": {
    "method": "plain",
    "optimizer": {"name": "sgd", "learning_rate": 0.05},
    "batch_size": 10,
    "epochs": 1
  },
  // On the cloud, each round: one delta of many updates, and a step with it.
  "server": {
    "reduce": {"name": "mean", "weight": "samples"},
    "optimizer": {"name": "sgd", "learning_rate": 1.0}
  },
  // Who takes part: a tenth of the edges, drawn anew each round.
  "select": {"name": "uniform", "fraction": 0.1},
  "rounds": {"mode": "sync"},
  "evaluate": {"every": {"rounds": 1}},
  "stop": {"any": [{"rounds": 50}, {"metric": "test/accuracy", "at_least": 0.95}]},

  "nodes": {"edges": 100},
  // Devices and links of the simulation. Not looked at by `skerry cloud` and `skerry edge`.
  "world": {
    "edges": [{"share": 1.0, "device": "raspberry-pi-4",
               "link": {"up": "10 Mbit/s", "down": "50 Mbit/s", "latency": "20 ms"}}]
  }
}
)json";

}  // namespace skerry::federated
