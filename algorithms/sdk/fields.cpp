#include "algorithms/sdk/fields.hpp"

#include <charconv>
#include <cmath>
#include <limits>

#include "algorithms/sdk/base64.hpp"
#include "algorithms/sdk/printable.hpp"
#include "algorithms/sdk/registry.hpp"

namespace skerry {

namespace {

constexpr std::string_view kInline = "base64:";

constexpr double kPastIntegers = 0x1p63;  // the first whole number that no document holds

/// The largest whole number of a document is no double: its bound was rounded up.
std::string bound_text(double bound) {
  return bound == kPastIntegers ? "9223372036854775807" : number_text(bound);
}

/// `[0, 1)`.
std::string interval(const FieldInfo& info) {
  return std::string(info.above_min || std::isinf(info.min) ? "(" : "[") +
         (std::isinf(info.min) ? "-inf" : bound_text(info.min)) + ", " +
         (std::isinf(info.max) ? "inf" : bound_text(info.max)) +
         (info.below_max || std::isinf(info.max) ? ")" : "]");
}

bool within(double value, const FieldInfo& info) {
  const bool low = info.above_min ? value > info.min : value >= info.min;
  const bool high = info.below_max ? value < info.max : value <= info.max;
  return low && high;
}

/// The double with the fewest digits that rounds to that float.
double shortest_double(float value) {
  char text[40];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  double shortest = value;
  std::from_chars(text, end, shortest);
  return shortest;
}

}  // namespace

std::string FieldDescriber::range_text(const FieldInfo& info) {
  if (std::isinf(info.min) && std::isinf(info.max)) return "";
  return interval(info);
}

void FieldReader::error(std::string_view key, std::string message) {
  std::string pointer = pointer_;
  if (!key.empty()) pointer.append("/").append(key);
  if (problems_.concern(pointer, from_reading_)) return;
  problems_.add(std::move(pointer), std::move(message));
}

void FieldReader::wrong_kind(const ConfigNode& node, std::string_view wanted,
                             const std::string& pointer) {
  problems_.add(pointer, "expected " + std::string(wanted) + ", got " + std::string(node.kind()) +
                             " (" + node.text() + ")");
}

void FieldReader::wrong_name(const ConfigNode& node, const std::vector<std::string>& names,
                             const std::string& pointer) {
  if (node.as_string() == nullptr) return wrong_kind(node, "a string", pointer);
  problems_.add(pointer,
                "no choice \"" + *node.as_string() + "\"" + choices(*node.as_string(), names));
}

bool FieldReader::expect_object(const ConfigNode& node, const std::string& pointer) {
  if (node.as_object() != nullptr) return true;
  wrong_kind(node, "an object", pointer);
  return false;
}

void FieldReader::report_unknown_keys() {
  std::vector<std::string> all = beside_;
  all.insert(all.end(), known_.begin(), known_.end());
  for (const auto& [key, value] : *node_->as_object()) {
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    problems_.add(pointer_ + "/" + key,
                  "unknown key \"" + key + "\"" +
                      (all.empty() ? "; no keys are known here" : choices(key, all)));
  }
}

bool FieldReader::in_range(double value, const FieldInfo& info, const std::string& pointer) {
  if (within(value, info)) return true;
  problems_.add(pointer, number_text(value) + " is outside " + interval(info));
  return false;
}

bool FieldReader::keeps_range_as_float(double value, const FieldInfo& info,
                                       const std::string& pointer) {
  const double most = shortest_double(std::numeric_limits<float>::max());
  if (std::fabs(value) > most) {
    problems_.add(pointer, number_text(value) +
                               " does not fit float32, the type it is computed in: at most " +
                               number_text(most));
    return false;
  }
  const double rounded = shortest_double(static_cast<float>(value));
  if ((rounded != 0 || value == 0) && within(rounded, info)) return true;
  problems_.add(pointer, number_text(value) + " is " + number_text(rounded + 0.0) +
                             " in float32, the type it is computed in" +
                             (within(rounded, info) ? "" : ": outside " + interval(info)));
  return false;
}

bool FieldReader::get_integer(const ConfigNode& node, std::int64_t& value, const FieldInfo& info,
                              const std::string& pointer) {
  const double* real = node.as_double();
  if (const std::int64_t* number = node.as_integer()) {
    value = *number;
  } else if (real == nullptr || *real != std::floor(*real)) {
    wrong_kind(node, "a whole number", pointer);
    return false;
  } else if (std::fabs(*real) >= kPastIntegers) {
    problems_.add(pointer, number_text(*real) + " is outside " + interval(info));
    return false;
  } else {
    value = static_cast<std::int64_t>(*real);  // 1e6 is a whole number too
  }
  return in_range(static_cast<double>(value), info, pointer);
}

bool FieldReader::get_number(const ConfigNode& node, double& value, const FieldInfo& info,
                             const std::string& pointer) {
  if (const std::int64_t* whole = node.as_integer()) {
    value = static_cast<double>(*whole);
  } else if (const double* real = node.as_double()) {
    value = *real;
  } else {
    wrong_kind(node, "a number", pointer);
    return false;
  }
  return in_range(value, info, pointer);
}

void FieldReader::get(const ConfigNode& node, bool& value, const FieldInfo&,
                      const std::string& pointer) {
  if (node.as_bool() == nullptr) return wrong_kind(node, "true or false", pointer);
  value = *node.as_bool();
}

void FieldReader::get(const ConfigNode& node, std::string& value, const FieldInfo&,
                      const std::string& pointer) {
  if (node.as_string() == nullptr) return wrong_kind(node, "a string", pointer);
  value = *node.as_string();
}

namespace {

template <class T, class Parse>
void get_quantity(const ConfigNode& node, T& value, const std::string& pointer, Problems& problems,
                  Parse parse) {
  const std::string text = node.as_string() ? *node.as_string() : node.text();
  auto parsed = parse(text);
  if (parsed) {
    value = *parsed;
  } else {
    problems.add(pointer, parsed.message());
  }
}

}  // namespace

void FieldReader::get(const ConfigNode& node, Duration& value, const FieldInfo&,
                      const std::string& pointer) {
  get_quantity(node, value, pointer, problems_, parse_duration);
}

void FieldReader::get(const ConfigNode& node, Bytes& value, const FieldInfo&,
                      const std::string& pointer) {
  get_quantity(node, value, pointer, problems_, parse_bytes);
}

void FieldReader::get(const ConfigNode& node, DataRate& value, const FieldInfo&,
                      const std::string& pointer) {
  get_quantity(node, value, pointer, problems_, parse_data_rate);
}

void FieldReader::get(const ConfigNode& node, ComputeRate& value, const FieldInfo&,
                      const std::string& pointer) {
  get_quantity(node, value, pointer, problems_, parse_compute_rate);
}

void FieldReader::get(const ConfigNode& node, Power& value, const FieldInfo&,
                      const std::string& pointer) {
  get_quantity(node, value, pointer, problems_, parse_power);
}

void FieldReader::get(const ConfigNode& node, FileContent& value, const FieldInfo&,
                      const std::string& pointer) {
  if (node.as_string() == nullptr) return wrong_kind(node, "the path of a file", pointer);
  const std::string& text = *node.as_string();
  if (text.starts_with(kInline)) {
    auto bytes = decode_base64(std::string_view(text).substr(kInline.size()));
    if (!bytes) return problems_.add(pointer, "the base64 text is malformed");
    value = {"", std::move(*bytes)};
    return;
  }
  if (!load_file_) return problems_.add(pointer, "a file cannot be read here");
  auto bytes = load_file_(text);
  if (!bytes) return problems_.add(pointer, bytes.message());
  value = {text, std::move(*bytes)};
  if (value.bytes.empty()) problems_.add(pointer, "\"" + text + "\" is an empty file");
}

ConfigNode FieldWriter::put(const FileContent& file) {
  if (file.empty()) return {};
  return ConfigNode(std::string(kInline) + encode_base64(file.bytes));
}

ConfigNode FieldWriter::put_float(float value) { return ConfigNode(shortest_double(value)); }

namespace {

/// The name that a value stands for: the string itself, or the "name" of an object.
const std::string* name_of(const ConfigNode& node) {
  if (node.as_string() != nullptr) return node.as_string();
  const ConfigNode* name = node.find("name");
  return name != nullptr ? name->as_string() : nullptr;
}

/// Lays what a user gives over the value of a preset. Objects are merged key by key, and a bare
/// name counts as the object it is short for. A plugin of another name replaces the preset's plugin
/// together with all its parameters.
ConfigNode laid_over(const ConfigNode& preset, const ConfigNode& given) {
  const bool object = given.as_object() != nullptr;
  if (!object && preset.as_object() == nullptr) return given;
  const std::string* own = name_of(preset);
  const std::string* wanted = name_of(given);
  if (own != nullptr && wanted != nullptr && *own != *wanted) return given;
  if (!object) return own != nullptr && wanted != nullptr ? preset : given;
  ConfigNode joined = preset;
  if (preset.as_object() == nullptr) {
    joined = ConfigNode::object();
    if (own != nullptr) joined.set("name", *own);
  }
  for (const auto& [key, value] : *given.as_object()) {
    const ConfigNode* under = joined.find(key);
    joined.set(key, under != nullptr ? laid_over(*under, value) : value);
  }
  return joined;
}

}  // namespace

bool FieldReader::expand_preset(const Presets& presets, const ConfigNode& node,
                                ConfigNode& expanded, const std::string& pointer) {
  const ConfigNode* named = node.as_string() != nullptr ? &node : node.find("name");
  if (named == nullptr) {
    expanded = node;
    return true;
  }
  std::vector<std::string> names;
  for (const auto& [name, composition] : presets) {
    names.push_back(name);
    if (named->as_string() == nullptr || *named->as_string() != name) continue;
    ConfigNode given = node.as_object() != nullptr ? node : ConfigNode::object();
    given.erase("name");
    expanded = laid_over(composition, given);
    return true;
  }
  wrong_name(*named, names, named == &node ? pointer : pointer + "/name");
  return false;
}

namespace {

/// `a reducer`, `an optimizer`.
std::string with_article(std::string_view noun) {
  const bool vowel = std::string_view("aeiou").find(noun.front()) != std::string_view::npos;
  return (vowel ? "an " : "a ") + std::string(noun);
}

}  // namespace

void FieldReader::get_choice(std::string_view slot, const ConfigNode& node, const Presets* defaults,
                             std::string& name, ConfigNode& parameters,
                             const std::string& pointer) {
  if (node.as_string() != nullptr) {
    return get_named(slot, node, ConfigNode::object(), defaults, name, parameters, pointer,
                     pointer);
  }
  if (node.as_object() == nullptr) {
    return wrong_kind(node, "the name of " + with_article(slot), pointer);
  }
  const ConfigNode* named = node.find("name");
  if (named == nullptr) return problems_.add(pointer, "has no \"name\" of " + with_article(slot));
  ConfigNode given = node;
  given.erase("name");
  get_named(slot, *named, given, defaults, name, parameters, pointer + "/name", pointer);
}

void FieldReader::get_beside(std::string_view slot, std::string_view name_key, std::string& name,
                             ConfigNode& parameters) {
  ConfigNode given = *node_;
  for (const std::string& key : known_) given.erase(key);
  ConfigNode named = name.empty() ? ConfigNode() : ConfigNode(name);
  if (const ConfigNode* chosen = node_->find(name_key)) named = *chosen;
  given.erase(name_key);
  std::vector<std::string> claimed = known_;
  claimed.emplace_back(name_key);
  std::vector<std::string> unclaimed;
  for (const auto& [key, value] : *given.as_object()) unclaimed.push_back(key);
  known_.insert(known_.end(), unclaimed.begin(), unclaimed.end());  // the plugin reports them
  known_.emplace_back(name_key);
  if (named.is_null()) {
    const std::string near = nearest(name_key, unclaimed);
    return error(name_key, "is missing: the name of " + with_article(slot) +
                               (near.empty() ? "" : "; \"" + near + "\" is nearest to it"));
  }
  offered_ = std::move(claimed);
  const std::string at = pointer_;
  get_named(slot, named, given, nullptr, name, parameters, at + "/" + std::string(name_key), at);
}

void FieldReader::get_named(std::string_view slot, const ConfigNode& named, const ConfigNode& given,
                            const Presets* defaults, std::string& name, ConfigNode& parameters,
                            const std::string& name_pointer, const std::string& pointer) {
  if (named.as_string() == nullptr) {
    offered_.clear();
    return wrong_kind(named, "a string", name_pointer);
  }
  const std::string& wanted = *named.as_string();
  const PluginEntry* entry = registry_.find(slot, wanted);
  if (entry == nullptr) {
    problems_.add(name_pointer, "no " + std::string(slot) + " \"" + wanted + "\"" +
                                    choices(wanted, registry_.names(slot)));
    offered_.clear();
    return;
  }
  ConfigNode asked = given;
  const auto unless_said = [&asked](const ConfigNode& others) {
    for (const auto& [key, value] : *others.as_object()) {
      const ConfigNode* said = asked.find(key);
      if (said == nullptr || said->is_null()) asked.set(key, value);
    }
  };
  if (name == wanted) unless_said(parameters);  // those of the default that was chosen here
  for (const auto& [plugin, own] : defaults ? *defaults : Presets{}) {
    if (plugin == wanted) unless_said(own);
  }
  name = wanted;
  entry->resolve(*this, asked, pointer, parameters);
}

}  // namespace skerry
