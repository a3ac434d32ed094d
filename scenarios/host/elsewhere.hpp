#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "scenarios/host/places.hpp"

namespace skerry::host {

/// Knows which payloads of a run other places hold, and which of those this process waits for. A
/// place is told to drop a payload soon after the last handle to it here has gone. Used by one
/// thread; handles may be destroyed on any thread.
class Elsewhere {
 public:
  explicit Elsewhere(Places& places) : places_(places) {}

  /// Whether a place has the payload's values, or will have made them before its next message.
  bool has(unsigned place, const role::PayloadRef& payload) const;
  /// Makes sure that the place has a payload whose values are here or there. Returns its name.
  PayloadKey lend(unsigned place, const role::PayloadRef& payload);
  /// Notes that a job that was given to the place makes this payload. Returns its name.
  PayloadKey made(unsigned place, const role::PayloadRef& payload);
  /// Asks for values that only other places have; they come as Places::Returned. Returns the name.
  PayloadKey want(const role::PayloadRef& payload);
  /// The job that should make this payload at another place has failed: it will not come.
  void given_up(const role::PayloadRef& payload);
  /// Values that want() asked for have come: fulfils their payload.
  void returned(Places::Returned news);
  /// Up to `most` payloads that somebody here holds and whose values are not here.
  std::vector<role::PayloadRef> away(std::size_t most) const;
  /// Tells places to drop the payloads whose last handle here has gone.
  void forget();

 private:
  struct Copies;
  struct Forgotten {  // names whose last handle has gone
    std::mutex mutex;
    std::vector<std::pair<PayloadKey, std::vector<unsigned>>> names;
  };
  static Copies* copies_of(const role::PayloadRef& payload);
  Copies& named(const role::PayloadRef& payload);

  Places& places_;
  PayloadKey last_ = 0;
  std::map<PayloadKey, std::weak_ptr<role::PayloadCell>> away_;
  std::map<PayloadKey, role::PayloadRef> wanted_;
  std::shared_ptr<Forgotten> forgotten_ = std::make_shared<Forgotten>();
};

}  // namespace skerry::host
