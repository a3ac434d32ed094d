#pragma once

#include <optional>

#include "algorithms/sdk/fields.hpp"

namespace skerry {

namespace datasets {

/// When the rows of an experience arrive.
enum class Arrival : std::uint8_t { kEvenly, kAtOnce, kRecorded };

/// Edges that join in mid-stream. What came before they never see.
struct Join {
  double share = 0.5;
  std::uint32_t from = 1;
  std::optional<std::uint32_t> until;

  template <class V>
  void fields(V& v) {
    v("share", share,
      {.meaning = "chance of each edge to be one that joins late",
       .min = 0,
       .max = 1,
       .above_min = true});
    v("from", from, {.meaning = "first experience that late edges have, from 0", .min = 1});
    v("until", until,
      {.meaning = "each late edge begins with an experience drawn from `from` to this one; "
                  "default: `from`"});
  }
  void check(FieldReader& reader) const {
    if (until && *until < from) reader.error("until", "must not be less than from");
  }
};

/// When experiences come: the keys that all streams have. A stream's Config lists them with
/// `pace.fields(v)` and checks them with `pace.check(reader)`.
struct Pace {
  Duration every = Duration::seconds(3600);
  Arrival arrival = Arrival::kEvenly;
  std::optional<double> speed;
  std::optional<Join> join;
  bool shared = true;  // a key of those streams whose tasks may come in any order

  template <class V>
  void fields(V& v) {
    v("every", every, {.meaning = "time from one experience to the next"});
    v("arrival", arrival,
      {.meaning = "evenly over the experience; at_once at its start; recorded: as the data's times "
                  "say, one experience after the other, whatever `every` is"});
    v("speed", speed,
      {.meaning = "with recorded times: seconds of the recording in one of the run; default: 1",
       .min = 0,
       .above_min = true});
    v("join", join, {.meaning = "edges that join in mid-stream; default: none"});
  }
  template <class V>
  void shared_field(V& v) {
    v("shared", shared,
      {.meaning = "every node has the tasks in the same order; otherwise each edge has its own, "
                  "drawn from the seed, and the cloud keeps this one"});
  }
  void check(FieldReader& reader) const {
    if (every <= Duration()) reader.error("every", "must be more than 0 s");
    if (speed && arrival != Arrival::kRecorded) {
      reader.error("speed", "has no effect: \"arrival\" is not recorded");
    }
  }
};

}  // namespace datasets

template <>
struct EnumNames<datasets::Arrival> {
  static constexpr std::pair<datasets::Arrival, std::string_view> names[] = {
      {datasets::Arrival::kEvenly, "evenly"},
      {datasets::Arrival::kAtOnce, "at_once"},
      {datasets::Arrival::kRecorded, "recorded"}};
};

}  // namespace skerry
