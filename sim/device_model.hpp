#pragma once

#include <optional>

#include "algorithms/sdk/fields.hpp"
#include "scenarios/role/job.hpp"

namespace skerry::sim {

/// How fast a device computes and what power it draws. A bare name is one of the presets.
///
///   duration = calls * call + max(operations / flops, bytes / memory)
/// A call is one pass over one batch, as a framework is asked for it: a training of so many steps
/// is as many calls, an inference one. The second term is the roofline model [Williams, Waterman,
/// Patterson 2009, "Roofline: An Insightful Visual Performance Model for Multicore Architectures"].
/// Until a device has been calibrated this is a fallback: on one core the effective rate differed
/// sixteenfold between workloads.
struct DeviceConfig {
  ComputeRate flops{5e9};
  std::uint32_t cores = 1;
  Power busy{5.0};
  Power radio{1.0};
  Duration call;
  std::optional<DataRate> memory;

  template <class V>
  void fields(V& v) {
    v("flops", flops, {.meaning = "effective rate of one core, for training and inference"});
    v("cores", cores, {.meaning = "jobs that run at full speed side by side", .min = 1});
    v("busy", busy, {.meaning = "power drawn by one computing core, above idle"});
    v("radio", radio, {.meaning = "power drawn while a transfer is under way"});
    v("call", call,
      {.meaning = "fixed time of each pass over a batch: what a framework takes to set about it"});
    v("memory", memory,
      {.meaning = "what one core moves to and from memory; without: memory never limits"});
  }
  static const Presets& presets();

  Duration time_of(const role::Work& work) const;
};

}  // namespace skerry::sim
