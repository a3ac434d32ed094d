#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "scenarios/host/places.hpp"

namespace skerry::host {

/// Which payloads of a run other places hold, and which of those this one waits for. A place
/// forgets a payload soon after the last handle to it went here. Used by one thread; handles may
/// end anywhere.
class Elsewhere {
 public:
  explicit Elsewhere(Places& places) : places_(places) {}

  /// Whether a place has the bits, or will have made them before it reads the next message.
  bool has(unsigned place, const role::PayloadRef& payload) const;
  /// Sees to it that the place has a payload whose bits are here or there. Its name.
  PayloadKey lend(unsigned place, const role::PayloadRef& payload);
  /// A job that was given to the place makes this. Its name.
  PayloadKey made(unsigned place, const role::PayloadRef& payload);
  /// Asks for bits that only other places have; they come as Places::Returned.
  PayloadKey want(const role::PayloadRef& payload);
  /// The job that was to make this at another place failed: nobody waits for it any more.
  void given_up(const role::PayloadRef& payload);
  /// Bits that were wanted are there.
  void returned(Places::Returned news);
  /// Up to `most` payloads that somebody here holds and whose bits are not here.
  std::vector<role::PayloadRef> away(std::size_t most) const;
  /// Tells places what they may forget.
  void forget();

 private:
  struct Copies;
  struct Forgotten {  // names whose last handle went
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
