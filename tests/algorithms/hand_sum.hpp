#pragma once

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "algorithms/sdk/exact_sum.hpp"
#include "tests/algorithms/hand_link.hpp"

namespace skerry {

/// Edges and a cloud around one transform that opens after the sum, driven by hand: every edge
/// encodes; the cloud adds and opens, and asks again if the transform wants another exchange.
class HandSum {
 public:
  /// Whether an edge's message of that exchange is lost. The edge then drops out of the round.
  using Lost = std::function<bool(std::uint32_t edge, std::uint32_t exchange)>;

  HandSum(const Transform& transform, std::vector<RecordSpec> plain, std::uint32_t edges)
      : states(edges), transform_(transform), plain_(std::move(plain)) {
    for (Payload& state : states) {
      for (const RecordSpec& spec : transform.state(plain_)) state.add(spec);
    }
    for (const RecordSpec& spec : transform.cloud_state(plain_)) cloud.add(spec);
  }

  /// Runs one round of all edges. @return what the cloud opened, or why it could not.
  Result<Payload> round(Round number, const std::vector<Payload>& updates, const Lost& lost = {}) {
    std::vector<std::uint32_t> edges;
    for (std::uint32_t k = 0; k < updates.size(); ++k) edges.push_back(k);
    Payload down;
    for (std::uint32_t exchange = 0;; ++exchange) {
      SKERRY_CHECK(exchange <= transform_.traits().exchanges, "as many exchanges as declared");
      if (lost) std::erase_if(edges, [&](std::uint32_t edge) { return lost(edge, exchange); });
      wires.clear();
      for (std::uint32_t edge : edges) {
        const Payload plain = exchange == 0 ? updates[edge] : Payload();
        wires.push_back(encode({1, NodeId::edge(edge), number}, plain, down, exchange));
      }
      Payload ask;
      Result<Payload> opened = open(edges, exchange, ask);
      if (!opened || ask.records().empty()) return opened;
      down = std::move(ask);
    }
  }

  std::vector<Payload> states;  // of the edges
  Payload cloud;                // the transform's records there
  std::vector<Payload> wires;   // of the last exchange, by edge

 private:
  Payload encode(StreamKey key, const Payload& plain, const Payload& down, std::uint32_t exchange) {
    Payload wire = started_from(plain, transform_.wire(plain_, exchange));
    RandomStream secret(77, "secret/" + std::to_string(exchange), key.node, key.round);
    EncodeContext context{.plain = plain,
                          .down = down,
                          .state = states[key.node.index()],
                          .wire = wire,
                          .info = {.node = key.node, .round = key.round},
                          .key = key,
                          .exchange = exchange,
                          .secret = transform_.traits().once ? &secret : nullptr,
                          .workspace = workspace_};
    transform_.encode(context);
    return wire;
  }

  Result<Payload> open(const std::vector<std::uint32_t>& edges, std::uint32_t exchange,
                       Payload& ask) {
    Payload sum;
    for (const RecordSpec& spec : transform_.wire(plain_, exchange)) {
      if (spec.reduce != Reduce::kEach) add(spec, sum.add(spec));
    }
    std::vector<UpdateInfo> infos;
    std::vector<const Payload*> each;
    for (std::size_t k = 0; k < edges.size(); ++k) {
      infos.push_back({.node = NodeId::edge(edges[k])});
      each.push_back(&wires[k]);
    }
    Payload plain = started_from(sum, plain_);
    OpenContext context{.wire = sum,
                        .plain = plain,
                        .state = &cloud,
                        .infos = infos,
                        .each = each,
                        .exchange = exchange,
                        .ask = &ask,
                        .workspace = workspace_};
    const Status opened = transform_.open(context);
    if (!opened) return opened.failure();
    return plain;
  }

  /// float32: the exact mean or sum, all alike. int64: the sum modulo 2^64.
  void add(const RecordSpec& spec, Record& out) {
    if (spec.layout->type() == DType::kInt64) {
      for (const Payload& wire : wires) {
        for (std::size_t i = 0; i < out.size(); ++i) {
          out.i64()[i] =
              static_cast<std::int64_t>(static_cast<std::uint64_t>(out.i64()[i]) +
                                        static_cast<std::uint64_t>(wire.at(spec.name).i64()[i]));
        }
      }
      return;
    }
    ExactSum sum(out.size());
    for (const Payload& wire : wires) {
      const ExactSum::Term term{wire.at(spec.name).f32().data(), 1, 1};
      sum.add({&term, 1});
    }
    if (spec.reduce == Reduce::kSum) return sum.scaled(1, out.f32());
    if (!wires.empty()) sum.mean(out.f32());
  }

  const Transform& transform_;
  std::vector<RecordSpec> plain_;
  Workspace workspace_;
};

}  // namespace skerry
