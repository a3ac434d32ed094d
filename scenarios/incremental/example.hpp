#pragma once

namespace skerry::incremental {

/// A scenario that runs as it is.
inline constexpr const char* kExample =
    R"json(// Incremental learning: edges answer with one model; the cloud trains it again when what comes has changed.
//   skerry validate {{name}}.json               check it
//   skerry run {{name}}.json                    simulate it
//   skerry describe scenario incremental        what every key means; `skerry list` names the plugins
{
  "version": 1,
  "name": "{{name}}",
  "paradigm": "incremental",
  // Every random choice follows from it: data, samples, canaries, devices.
  "seed": 1,

  "data": {
    // Generated, so that this runs at once: four concepts, of which the stream shows one after another.
    "source": {"name": "sea", "samples": 20000, "test_samples": 400},
    // `skerry data stream {{name}}.json` draws it.
    "stream": {"name": "drift", "kind": "sudden", "experiences": 8, "every": "1 h"}
  },
  "model": {"name": "mlp", "hidden": [16]},
  // The first model is trained on the first experience; the run begins after it.
  "initial": {"experiences": 1},

  // An edge answers what has come in each minute. Hard examples go to the cloud to be learnt from, and a tenth of
  // all to judge models by.
  "serve": {"every": "1 min", "mine": "cross_entropy", "threshold": 0.3, "sample": 0.1},
  // What it takes to learn the true class of an example.
  "labels": {"delay": "2 min", "price": 1},

  // When a new model is trained: when labelled answers say that something has changed, or each time 400 labels
  // have come.
  "detect": "adwin",
  "trigger": {"any": [{"drift": "drift"}, {"metric": "samples/new", "at_least": 400}]},
  "train": {"optimizer": {"name": "sgd", "learning_rate": 0.05}, "batch_size": 16, "epochs": 5,
            "policy": "window", "window": 800},

  // It is compared with the deployed one on the newest sampled answers, and deployed where it is better.
  "evaluate": {"examples": 200},
  "deploy": {"name": "threshold"},

  "nodes": {"edges": 4},
  // Devices and links of the simulation. Not looked at by `skerry cloud` and `skerry edge`.
  "world": {
    "edges": [{"share": 1.0, "device": "raspberry-pi-4",
               "link": {"up": "10 Mbit/s", "down": "50 Mbit/s", "latency": "20 ms"}}]
  }
}
)json";

}  // namespace skerry::incremental
