#include "scenarios/parts/transform_list.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace skerry::parts {

using Opens = TransformTraits::Opens;

namespace {

/// An update as most methods make it.
TransformList::Shape typical_update() {
  return {{"delta", std::make_shared<const Layout>(Layout::flat("weight", 1000))}};
}

bool has_real_numbers(const TransformList::Shape& shape) {
  return std::any_of(shape.begin(), shape.end(),
                     [](const RecordSpec& record) { return record.real(); });
}

}  // namespace

TransformList::TransformList(const std::vector<Choice<Transform>>& choices,
                             const Registry& registry) {
  for (const Choice<Transform>& choice : choices) {
    all_.push_back({choice.name, registry.make(choice)});
  }
}

void TransformList::check(const std::vector<Choice<Transform>>& choices, bool down,
                          const Registry& registry, const std::string& pointer,
                          Problems& problems) {
  const TransformList list(choices, registry);
  const std::vector<Shape> given = list.shapes(typical_update(), 0);
  std::set<std::string> names;
  std::string first_before;
  std::uint32_t askers = 0;
  for (std::size_t i = 0; i < list.all_.size(); ++i) {
    const auto& [name, transform] = list.all_[i];
    const TransformTraits traits = transform->traits();
    const std::string at = pointer + "/" + std::to_string(i);
    const bool twice = !names.insert(name).second;
    if (twice) problems.add(at, "\"" + name + "\" stands twice in this list");
    if (down && !traits.down) {
      problems.add(at, "\"" + name +
                           "\" cannot stand in the downlink's list: it keeps state on "
                           "the sender, or is opened after the reducer");
    }
    if (!twice && traits.opens != Opens::kAfter && !has_real_numbers(given[i])) {
      problems.add(at, "\"" + name + "\" has no effect here: \"" + list.all_[i - 1].name +
                           "\" before it leaves it no real numbers");
    }
    if (traits.opens == Opens::kBefore && first_before.empty()) first_before = name;
    if (traits.opens == Opens::kAfter && !first_before.empty()) {
      problems.add(at, "\"" + name + "\" adds what it is given, so \"" + first_before +
                           "\", which is opened update by update, cannot stand before it: put it "
                           "behind");
    }
    askers += traits.exchanges > 0 ? 1 : 0;
  }
  if (askers > 1) {
    problems.add(pointer, "two of its transforms ask for further exchanges; one at most may");
  }
}

bool TransformList::opens_before() const {
  return std::any_of(all_.begin(), all_.end(), [](const Named& one) {
    return one.transform->traits().opens == Opens::kBefore;
  });
}

bool TransformList::opens_after() const {
  return std::any_of(all_.begin(), all_.end(), [](const Named& one) {
    return one.transform->traits().opens == Opens::kAfter;
  });
}

bool TransformList::once() const {
  return std::any_of(all_.begin(), all_.end(),
                     [](const Named& one) { return one.transform->traits().once; });
}

std::uint32_t TransformList::exchanges() const {
  std::uint32_t most = 0;
  for (const Named& one : all_) most = std::max(most, one.transform->traits().exchanges);
  return most;
}

std::size_t TransformList::first_before() const {
  const auto found = std::find_if(all_.begin(), all_.end(), [](const Named& one) {
    return one.transform->traits().opens == Opens::kBefore;
  });
  return static_cast<std::size_t>(found - all_.begin());
}

/// In a further exchange only the transform that asked for it, and those behind it, encode again.
bool TransformList::takes_part(std::size_t i, std::uint32_t exchange) const {
  return exchange == 0 ||
         std::any_of(all_.begin(), all_.begin() + static_cast<long>(i) + 1,
                     [](const Named& one) { return one.transform->traits().exchanges > 0; });
}

std::vector<TransformList::Shape> TransformList::shapes(const Shape& plain,
                                                        std::uint32_t exchange) const {
  std::vector<Shape> shapes{plain};
  for (const Named& one : all_) {
    const bool asks = one.transform->traits().exchanges > 0;
    shapes.push_back(one.transform->wire(shapes.back(), asks ? exchange : 0));
  }
  return shapes;
}

TransformList::Shape TransformList::wire(const Shape& plain, std::uint32_t exchange) const {
  return all_.empty() ? plain : shapes(plain, exchange).back();
}

TransformList::Shape TransformList::opened(const Shape& plain, std::uint32_t exchange) const {
  return shapes(plain, exchange)[first_before()];
}

TransformList::Shape TransformList::state(const Shape& plain) const {
  Shape all;
  const std::vector<Shape> given = shapes(plain, 0);
  for (std::size_t i = 0; i < all_.size(); ++i) {
    Shape own = all_[i].transform->state(given[i]);
    std::move(own.begin(), own.end(), std::back_inserter(all));
  }
  return all;
}

TransformList::Shape TransformList::cloud_state(const Shape& plain) const {
  Shape all;
  const std::vector<Shape> given = shapes(plain, 0);
  for (std::size_t i = 0; i < all_.size(); ++i) {
    Shape own = all_[i].transform->cloud_state(given[i]);
    std::move(own.begin(), own.end(), std::back_inserter(all));
  }
  return all;
}

Cost TransformList::cost(const Shape& plain) const {
  Cost all;
  const std::vector<Shape> given = shapes(plain, 0);
  for (std::size_t i = 0; i < all_.size(); ++i) {
    const Cost one = all_[i].transform->cost(given[i]);
    all.flops += one.flops;
    all.bytes += one.bytes;
  }
  return all;
}

Payload TransformList::encode(const Payload& plain, const Shape& shape,
                              const EncodeContext& context) const {
  const std::vector<Shape> given = shapes(shape, context.exchange);
  Payload now;
  if (context.exchange == 0) now = plain;
  for (std::size_t i = 0; i < all_.size(); ++i) {
    if (!takes_part(i, context.exchange)) continue;
    const Transform* transform = all_[i].transform.get();
    Payload wire = started_from(now, given[i + 1]);
    const bool asks = transform->traits().exchanges > 0;
    EncodeContext step{.plain = now,
                       .down = context.down,
                       .state = context.state,
                       .wire = wire,
                       .info = context.info,
                       .key = context.key,
                       .exchange = asks ? context.exchange : 0,
                       .secret = transform->traits().once ? context.secret : nullptr,
                       .workspace = context.workspace};
    transform->encode(step);
    now = std::move(wire);
  }
  return now;
}

Result<Payload> TransformList::open_one(std::size_t i, const Shape& plain,
                                        OpenContext context) const {
  Payload opened = started_from(context.wire, plain);
  const auto& [name, transform] = all_[i];
  OpenContext step{.wire = context.wire,
                   .plain = opened,
                   .state = context.state,
                   .infos = context.infos,
                   .each = context.each,
                   .exchange = transform->traits().exchanges > 0 ? context.exchange : 0,
                   .ask = context.ask,
                   .workspace = context.workspace};
  const Status status = transform->open(step);
  if (!status) return Failure{name + ": " + status.message()};
  return opened;
}

Result<Payload> TransformList::open(const Payload& wire, const Shape& plain, const UpdateInfo& info,
                                    std::uint32_t exchange, Workspace& workspace) const {
  const std::vector<Shape> given = shapes(plain, exchange);
  Payload now = wire;
  Payload unused;
  for (std::size_t i = all_.size(); i-- > first_before();) {
    if (all_[i].transform->traits().opens == Opens::kNever) continue;
    auto opened = open_one(i, given[i],
                           {.wire = now,
                            .plain = unused,
                            .state = nullptr,
                            .infos = {&info, 1},
                            .each = {},
                            .exchange = exchange,
                            .ask = nullptr,
                            .workspace = workspace});
    if (!opened) return opened.failure();
    now = std::move(*opened);
  }
  return now;
}

Result<Payload> TransformList::open_sum(const Payload& reduced, const Shape& plain, const Sum& sum,
                                        std::uint32_t exchange, Workspace& workspace) const {
  const std::vector<Shape> given = shapes(plain, exchange);
  Payload now = reduced;
  Payload unused;
  for (std::size_t i = first_before(); i-- > 0;) {
    if (all_[i].transform->traits().opens != Opens::kAfter) continue;
    auto opened = open_one(i, given[i],
                           {.wire = now,
                            .plain = unused,
                            .state = &sum.state,
                            .infos = sum.infos,
                            .each = sum.each,
                            .exchange = exchange,
                            .ask = &sum.ask,
                            .workspace = workspace});
    if (!opened) return opened.failure();
    if (!sum.ask.records().empty()) return Payload();
    now = std::move(*opened);
  }
  return now;
}

void TransformList::settle(Payload& state, Settlement outcome) const {
  for (const Named& one : all_) one.transform->settle(state, outcome);
}

}  // namespace skerry::parts
