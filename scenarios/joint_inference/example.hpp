#pragma once

namespace skerry::joint_inference {

/// A scenario that runs as it is.
inline constexpr const char* kExample =
    R"json(// Joint inference: a small model answers on each edge; what is hard for it goes to the large one on the cloud.
//   skerry validate {{name}}.json                check it
//   skerry run {{name}}.json                     simulate it
//   skerry describe scenario joint_inference     what every key means; `skerry list` names the plugins
{
  "version": 1,
  "name": "{{name}}",
  "paradigm": "joint_inference",
  // Every random choice follows from it: data, batches, requests, devices.
  "seed": 1,

  // Generated, so that this runs at once. Both models are trained on the training set, requests are drawn from
  // the test set.
  "data": {
    "source": {"name": "synthetic_blobs", "classes": 10, "features": 32, "samples": 6000, "separation": 2.5}
  },
  "edge_model": {
    "model": "softmax",
    "train": {"optimizer": {"name": "sgd", "learning_rate": 0.02}, "batch_size": 32, "epochs": 1}
  },
  "cloud_model": {
    "model": {"name": "mlp", "hidden": [128]},
    "train": {"optimizer": {"name": "sgd", "learning_rate": 0.1}, "batch_size": 32, "epochs": 10}
  },

  // How hard an example was for the edge's model, in [0, 1]; above the threshold the cloud is asked. With
  // "thresholds": [0.1, 0.3, ...] the same requests are replayed for each.
  "mine": "cross_entropy",
  "threshold": 0.3,

  // When an edge is asked.
  "requests": {"count": 200, "arrivals": "poisson", "interval": "500 ms"},
  "cloud": {"batch_size": 32, "max_wait": "5 ms"},
  // An answer of the cloud that is later than this is not waited for: the edge's own stands.
  "deadline": "2 s",

  "nodes": {"edges": 5},
  // Devices and links of the simulation. Not looked at by `skerry cloud` and `skerry edge`.
  "world": {
    "edges": [{"share": 1.0, "device": "raspberry-pi-4",
               "link": {"up": "10 Mbit/s", "down": "50 Mbit/s", "latency": "20 ms"}}]
  }
}
)json";

}  // namespace skerry::joint_inference
