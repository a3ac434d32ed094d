#include "algorithms/sdk/fields.hpp"

#include "algorithms/sdk/plugin.hpp"
#include "tests/catch.hpp"

namespace skerry {

enum class Mode { kSync, kAsync };
template <>
struct EnumNames<Mode> {
  static constexpr std::pair<Mode, std::string_view> names[] = {{Mode::kSync, "sync"},
                                                                {Mode::kAsync, "async"}};
};

namespace {

struct Gauge {
  static constexpr const char* kSlot = "gauge";
  virtual ~Gauge() = default;
  virtual double read() const = 0;
};

std::unique_ptr<Gauge> checked(std::unique_ptr<Gauge> plugin, const PluginEntry&) { return plugin; }

struct Needle : Gauge {
  struct Inner {
    int depth = 3;
    template <class V>
    void fields(V& v) {
      v("depth", depth, {.meaning = "inner depth", .min = 0, .max = 5});
    }
  };
  struct Config {
    double mu = 0.5;
    float rate = 0.1f;
    Mode mode = Mode::kSync;
    Inner inner;
    Duration wait = Duration::milliseconds(20);
    std::optional<double> limit;
    template <class V>
    void fields(V& v) {
      v("mu", mu, {.meaning = "pull", .min = 0, .above_min = true});
      v("rate", rate, {.meaning = "rate"});
      v("mode", mode, {.meaning = "mode"});
      v("inner", inner, {.meaning = "nested"});
      v("wait", wait, {.meaning = "wait"});
      v("limit", limit, {.meaning = "limit"});
    }
  };
  explicit Needle(const Config& config) : config_(config) {}
  double read() const override { return config_.mu; }
  Config config_;
};
SKERRY_PLUGIN(Gauge, Needle, "needle", "a gauge for tests")

struct Document {
  Choice<Gauge> gauge;
  template <class V>
  void fields(V& v) {
    v("gauge", gauge, {.meaning = "the gauge", .required = true});
  }
};

struct Reading {
  Document document;
  std::string errors;
};

Reading read(const ConfigNode& node, const Registry& registry) {
  Reading reading;
  Problems problems;
  FieldReader reader(registry, problems);
  reader.read(node, reading.document, "");
  reading.errors = problems.text("x.json");
  return reading;
}

Registry registry() {
  Registry r;
  REQUIRE(r.add(binary_local::head).ok());
  return r;
}

ConfigNode gauge(ConfigNode::Object parameters) {
  ConfigNode::Object all{{"name", "needle"}};
  for (auto& p : parameters) all.push_back(p);
  return ConfigNode::Object{{"gauge", ConfigNode(all)}};
}

TEST_CASE("a bare string chooses a plugin with its defaults filled in") {
  const Registry r = registry();
  const Reading reading = read(ConfigNode::Object{{"gauge", "needle"}}, r);
  CHECK(reading.errors == "");
  CHECK(reading.document.gauge.parameters.text() ==
        R"({"mu": 0.5, "rate": 0.1, "mode": "sync", "inner": {"depth": 3}, "wait": "20 ms"})");
  CHECK(r.make(reading.document.gauge)->read() == 0.5);
}

TEST_CASE("everything wrong is reported at once with pointer, nearest key and names") {
  const Reading reading = read(gauge({{"mu", 0},
                                      {"mode", "asink"},
                                      {"inner", ConfigNode::Object{{"dept", 1}}},
                                      {"wait", 5},
                                      {"rat", 1}}),
                               registry());
  CHECK(
      reading.errors ==
      "x.json: /gauge/mu: 0 is outside (0, inf)\n"
      "x.json: /gauge/mode: no choice \"asink\"; nearest \"async\"; all: \"sync\" and \"async\"\n"
      "x.json: /gauge/inner/dept: unknown key \"dept\"; nearest \"depth\"; all: \"depth\"\n"
      "x.json: /gauge/wait: \"5\" is not a number with a unit like \"20 ms\"; units: \"ns\", "
      "\"us\", \"ms\", \"s\", \"min\", \"h\" and \"d\"\n"
      "x.json: /gauge/rat: unknown key \"rat\"; nearest \"rate\"; all: \"mu\", \"rate\", \"mode\", "
      "\"inner\", \"wait\" and \"limit\"\n");
}

struct Patience {
  Duration wait = Duration::seconds(1);
  std::vector<Duration> more = {};
  template <class V>
  void fields(V& v) {
    v("wait", wait, {.meaning = "wait"});
    v("more", more, {.meaning = "more"});
  }
  void check(FieldReader& reader) const {
    if (wait < Duration::seconds(1)) reader.error("wait", "must be a second or longer");
    if (wait < Duration::seconds(1)) reader.error("wait", "must not be so short");
    for (const Duration one : more) {
      if (one == Duration()) reader.error("more", "must be longer than nothing");
    }
  }
};

TEST_CASE("a value that cannot be read is complained of once") {
  const auto complaint = [](const char* key, const ConfigNode& value) {
    Problems problems;
    Patience patience{.wait = Duration::seconds(1)};
    FieldReader(registry(), problems).read(ConfigNode::Object{{key, value}}, patience, "/a");
    return problems.text("x.json");
  };
  CHECK(complaint("more", ConfigNode::Array{"-1 s"}) ==
        "x.json: /a/more/0: \"-1 s\" is not a finite quantity of 0 or more\n");
  CHECK(complaint("more", ConfigNode::Array{"0 s"}) ==
        "x.json: /a/more: must be longer than nothing\n");
  CHECK(complaint("wait", "0 s") ==
        "x.json: /a/wait: must be a second or longer\nx.json: /a/wait: must not be so short\n");
}

TEST_CASE("an unknown plugin is answered with the names there are") {
  CHECK(read(ConfigNode::Object{{"gauge", "nedle"}}, registry()).errors ==
        "x.json: /gauge: no gauge \"nedle\"; nearest \"needle\"; all: \"needle\"\n");
  CHECK(read(ConfigNode::object(), registry()).errors == "x.json: /gauge: is missing: the gauge\n");
}

TEST_CASE("wrong kinds name what came") {
  CHECK(read(gauge({{"mu", "much"}}), registry()).errors ==
        "x.json: /gauge/mu: expected a number, got a string (\"much\")\n");
  CHECK(read(gauge({{"inner", ConfigNode::Object{{"depth", 2.5}}}}), registry()).errors ==
        "x.json: /gauge/inner/depth: expected a whole number, got a number (2.5)\n");
  CHECK(read(ConfigNode(3), registry()).errors ==
        "x.json: /: expected an object, got a whole number (3)\n");
}

TEST_CASE("what is written is read back unchanged") {
  const Registry r = registry();
  const Reading first = read(gauge({{"mu", 0.25}, {"limit", 7}, {"wait", "1.5 s"}}), r);
  const ConfigNode echo = FieldWriter::write(first.document);
  const Reading second = read(echo, r);
  CHECK(second.errors == "");
  CHECK(FieldWriter::write(second.document) == echo);
}

/// Fields of the types that documents and programs do not share.
struct Narrow {
  struct Deep {
    int depth = 3;
    template <class V>
    void fields(V& v) {
      v("depth", depth, {.meaning = "inner depth"});
    }
  };
  float rate = 0.1f;
  float share = 0.05f;
  std::uint64_t seed = 1;
  std::optional<Deep> deep;
  std::vector<Deep> many;
  template <class V>
  void fields(V& v) {
    v("rate", rate, {.meaning = "rate", .min = 0, .above_min = true});
    v("share", share, {.meaning = "share", .min = -1, .max = 0.1, .below_max = true});
    v("seed", seed, {.meaning = "seed"});
    v("deep", deep, {.meaning = "optional"});
    v("many", many, {.meaning = "list"});
  }
};

std::string narrow_errors(const char* key, ConfigNode value) {
  Problems problems;
  const Registry none;
  Narrow narrow;
  FieldReader(none, problems).read(ConfigNode::Object{{key, std::move(value)}}, narrow, "");
  std::string text = problems.text("x");
  // What was accepted must be accepted again when it is read back.
  if (text.empty()) FieldReader(none, problems).read(FieldWriter::write(narrow), narrow, "");
  CHECK(problems.text("x") == text);
  return text;
}

TEST_CASE("a number must keep its range as the float32 that computes with it") {
  CHECK(narrow_errors("rate", 1e-46) ==
        "x: /rate: 1e-46 is 0 in float32, the type it is computed in: outside (0, inf)\n");
  CHECK(narrow_errors("rate", 1e39) ==
        "x: /rate: 1e+39 does not fit float32, the type it is computed in: at most "
        "3.4028235e+38\n");
  CHECK(narrow_errors("share", -1e-46) ==
        "x: /share: -1e-46 is 0 in float32, the type it is computed in\n");
  CHECK(narrow_errors("share", 0.0999999999999) ==
        "x: /share: 0.0999999999999 is 0.1 in float32, the type it is computed in: outside [-1, "
        "0.1)\n");
  for (const double good : {1e-45, 1e-30, 0.1, 3.4028235e38}) {
    CHECK(narrow_errors("rate", good) == "");
  }
}

TEST_CASE("a whole number is at most what a document can hold, whatever its type") {
  const std::string outside = " is outside [0, 9223372036854775807]\n";
  CHECK(narrow_errors("seed", -1) == "x: /seed: -1" + outside);
  CHECK(narrow_errors("seed", 18446744073709551615.0) ==
        "x: /seed: 18446744073709551616" + outside);
  CHECK(narrow_errors("seed", 0x1p63) == "x: /seed: 9223372036854775808" + outside);
  CHECK(narrow_errors("seed", ConfigNode(std::int64_t{INT64_MAX})) == "");
  CHECK(narrow_errors("seed", 1e6) == "");
}

TEST_CASE("a description lists the keys inside optional objects and lists") {
  const auto fields = FieldDescriber::describe<Narrow>();
  for (const auto& field : fields) {
    if (field.key != "deep" && field.key != "many") continue;
    INFO(field.key);
    REQUIRE(field.nested.size() == 1);
    CHECK(field.nested[0].key == "depth");
  }
  CHECK(fields.back().type == "list of object");
}

TEST_CASE("the nearest name is found across two letters that changed places") {
  CHECK(nearest("rnu", {"list", "run"}) == "run");
  CHECK(nearest("abc", {"list", "run"}) == "");
}

TEST_CASE("a name used twice in a slot is refused with both files") {
  PluginEntry twin = *registry().find("gauge", "needle");
  twin.file = "twin.cpp";
  twin.next = nullptr;
  Registry r = registry();
  const Status again = r.add(&twin);
  REQUIRE_FALSE(again.ok());
  const std::string text = again.message();
  CHECK(text.starts_with("two plugins are called gauge \"needle\": "));
  CHECK(text.find("twin.cpp") != std::string::npos);
  CHECK(text.find("fields_test.cpp") != std::string::npos);
}

}  // namespace
}  // namespace skerry
