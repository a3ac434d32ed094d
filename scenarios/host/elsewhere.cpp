#include "scenarios/host/elsewhere.hpp"

#include <algorithm>

namespace skerry::host {

using role::PayloadRef;

/// Which other places have a payload's values. Lives as long as the payload's cell.
struct Elsewhere::Copies {
  PayloadKey key = 0;
  std::vector<unsigned> at;
  std::shared_ptr<Forgotten> forgotten;

  ~Copies() {
    const std::lock_guard lock(forgotten->mutex);
    forgotten->names.emplace_back(key, std::move(at));
  }
};

Elsewhere::Copies* Elsewhere::copies_of(const PayloadRef& payload) {
  return static_cast<Copies*>(payload.cell()->companion().get());
}

Elsewhere::Copies& Elsewhere::named(const PayloadRef& payload) {
  if (Copies* copies = copies_of(payload)) return *copies;
  auto copies = std::make_shared<Copies>();
  copies->key = ++last_;
  copies->forgotten = forgotten_;
  payload.cell()->accompany(copies);
  return *copies;
}

bool Elsewhere::has(unsigned place, const PayloadRef& payload) const {
  const Copies* copies = copies_of(payload);
  return copies && std::find(copies->at.begin(), copies->at.end(), place) != copies->at.end();
}

PayloadKey Elsewhere::lend(unsigned place, const PayloadRef& payload) {
  Copies& copies = named(payload);
  if (!has(place, payload)) {
    SKERRY_CHECK(payload.ready(), "what is lent is here");
    if (payload.is_stored()) {
      places_.lend(place, copies.key, {payload.payload(), {}});
    } else {
      places_.lend(place, copies.key, payload.content());
    }
    copies.at.push_back(place);
  }
  return copies.key;
}

PayloadKey Elsewhere::made(unsigned place, const PayloadRef& payload) {
  Copies& copies = named(payload);
  copies.at.push_back(place);
  away_.emplace(copies.key, payload.cell());
  return copies.key;
}

PayloadKey Elsewhere::want(const PayloadRef& payload) {
  const Copies* copies = copies_of(payload);
  SKERRY_CHECK(copies && !copies->at.empty(), "what is wanted is somewhere");
  if (wanted_.emplace(copies->key, payload).second) {
    places_.ask(copies->at.front(), copies->key);
  }
  return copies->key;
}

void Elsewhere::given_up(const PayloadRef& payload) {
  const PayloadKey key = copies_of(payload)->key;
  away_.erase(key);
  wanted_.erase(key);
}

void Elsewhere::returned(Places::Returned news) {
  const auto wanted = wanted_.extract(news.key);
  SKERRY_CHECK(!wanted.empty(), "what comes was asked for");
  away_.erase(news.key);
  wanted.mapped().cell()->fulfil(std::move(news.content));
}

std::vector<PayloadRef> Elsewhere::away(std::size_t most) const {
  std::vector<PayloadRef> found;
  for (const auto& [key, cell] : away_) {
    if (found.size() == most) break;
    if (auto held = cell.lock()) found.emplace_back(std::move(held));
  }
  return found;
}

void Elsewhere::forget() {
  decltype(forgotten_->names) names;
  {
    const std::lock_guard lock(forgotten_->mutex);
    names.swap(forgotten_->names);
  }
  for (const auto& [key, at] : names) {
    away_.erase(key);
    for (const unsigned place : at) places_.drop(place, key);
  }
}

}  // namespace skerry::host
