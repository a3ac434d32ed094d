#pragma once

#include <algorithm>
#include <concepts>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "algorithms/sdk/config_node.hpp"
#include "algorithms/sdk/problems.hpp"
#include "algorithms/sdk/quantity.hpp"
#include "algorithms/sdk/result.hpp"

namespace skerry {

class Registry;

// A configuration struct has ONE list of its fields:
//
//   struct Config {
//     double mu = 0.01;
//     template <class V> void fields(V& v) {
//       v("mu", mu, {.meaning = "weight of the proximal term", .min = 0});
//     }
//   };
//
// It drives reading with errors, `skerry describe` and the echo of the resolved configuration. The
// values of a default-constructed struct are the defaults.

/// Familiar compositions of a struct, by name: a struct with `static const Presets& presets()` may
/// be given as a bare name, or as an object: its "name" is a composition, its other keys change it.
using Presets = std::vector<std::pair<std::string, ConfigNode>>;

struct FieldInfo {
  std::string_view meaning;
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool above_min = false;  // min itself is excluded
  bool below_max = false;  // max itself is excluded
  bool required = false;   // no default: the key must be given
  /// Of a plugin's place: defaults of its own for some plugins' parameters, by the plugin's name.
  const Presets* defaults = nullptr;
};

template <class T, class V>
concept HasFields = requires(T& value, V& visitor) {
  value.fields(visitor);
};

/// Names of an enum's values, by specialisation: `static constexpr std::pair<E, std::string_view>
/// names[]`.
template <class E>
struct EnumNames;

/// Bytes of a file that a user names by a path (relative to the document); plugins see only the
/// bytes.
struct FileContent {
  std::string path;
  std::vector<std::byte> bytes;
  bool empty() const { return path.empty() && bytes.empty(); }
};

/// A place for a plugin: its name and the resolved parameters. `{"name": "adam", "beta1": 0.9}` or
/// `"adam"`.
template <class Slot>
struct Choice {
  std::string name;  // empty = none chosen (allowed where not required)
  ConfigNode parameters =
      ConfigNode::object();  // resolved: every field of the plugin, without "name"

  bool chosen() const { return !name.empty(); }
};

/// Reads a document into a struct. Collects all problems instead of stopping at the first.
class FieldReader {
 public:
  using LoadFile = std::function<Result<std::vector<std::byte>>(const std::string& path)>;

  FieldReader(const Registry& registry, Problems& problems, LoadFile load_file = {})
      : registry_(registry), problems_(problems), load_file_(std::move(load_file)) {}

  /// Reads `node` into `value`; `pointer` is where it stands. Keys of the object that no field
  /// claims are errors, each with the nearest valid key.
  template <class T>
  void read(const ConfigNode& node, T& value, const std::string& pointer) {
    Frame frame(*this, node, pointer);
    if (!expect_object(node, pointer)) return;
    value.fields(*this);
    from_reading_ = problems_.size();
    if constexpr (requires { value.check(*this); }) value.check(*this);
    report_unknown_keys();
  }

  /// One field, called from fields().
  template <class T>
  void operator()(std::string_view key, T& value, const FieldInfo& info = {}) {
    known_.emplace_back(key);
    const ConfigNode* node = node_->find(key);
    if (node == nullptr || node->is_null()) {
      if (info.required) {
        error(key, "is missing: " + std::string(info.meaning));
      } else {
        resolve_default(value, info, pointer_ + "/" + std::string(key));
      }
      return;
    }
    get(*node, value, info, pointer_ + "/" + std::string(key));
  }

  /// A plugin whose keys stand beside the fields listed before it: `{"name": "uniform", "fraction":
  /// 0.1}`. Must come last.
  template <class Slot>
  void beside(std::string_view name_key, Choice<Slot>& choice) {
    get_beside(Slot::kSlot, name_key, choice.name, choice.parameters);
  }

  /// For Config::check(): reports values that do not fit each other. A value that could not be read
  /// holds another one by then, so nothing more is said of it.
  void error(std::string_view key, std::string message);

  const Registry& registry() const { return registry_; }

 private:
  // The object being read; restored when its struct is done.
  class Frame {
   public:
    Frame(FieldReader& reader, const ConfigNode& node, const std::string& pointer)
        : reader_(reader),
          node_(std::exchange(reader.node_, &node)),
          pointer_(std::exchange(reader.pointer_, pointer)),
          known_(std::exchange(reader.known_, {})),
          beside_(std::exchange(reader.beside_, std::exchange(reader.offered_, {}))) {}
    ~Frame() {
      reader_.node_ = node_;
      reader_.pointer_ = std::move(pointer_);
      reader_.known_ = std::move(known_);
      reader_.beside_ = std::move(beside_);
    }

   private:
    FieldReader& reader_;
    const ConfigNode* node_;
    std::string pointer_;
    std::vector<std::string> known_;
    std::vector<std::string> beside_;
  };

  template <class T>
  void get(const ConfigNode& node, T& value, const FieldInfo& info, const std::string& pointer) {
    if constexpr (std::is_enum_v<T>) {
      get_enum(node, value, pointer);
    } else if constexpr (std::integral<T> && !std::same_as<T, bool>) {
      std::int64_t number = 0;
      const double low = std::max(info.min, static_cast<double>(std::numeric_limits<T>::min()));
      // A document's whole numbers are signed and have 64 bits.
      constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
      constexpr auto kOwn = static_cast<std::uint64_t>(std::numeric_limits<T>::max());
      FieldInfo limits = info;
      limits.min = low;
      limits.max = std::min(info.max, static_cast<double>(std::min(kOwn, kMost)));
      if (get_integer(node, number, limits, pointer)) value = static_cast<T>(number);
    } else if constexpr (std::floating_point<T>) {
      double number = 0;
      if (!get_number(node, number, info, pointer)) return;
      if (std::same_as<T, float> && !keeps_range_as_float(number, info, pointer)) return;
      value = static_cast<T>(number);
    } else {
      if constexpr (requires { T::presets(); }) {
        ConfigNode expanded;
        if (expand_preset(T::presets(), node, expanded, pointer)) read(expanded, value, pointer);
      } else {
        read(node, value, pointer);  // a nested struct
      }
    }
  }
  void get(const ConfigNode& node, bool& value, const FieldInfo&, const std::string& pointer);
  void get(const ConfigNode& node, std::string& value, const FieldInfo&, const std::string&);
  void get(const ConfigNode& node, Duration& value, const FieldInfo&, const std::string&);
  void get(const ConfigNode& node, Bytes& value, const FieldInfo&, const std::string& pointer);
  void get(const ConfigNode& node, DataRate& value, const FieldInfo&, const std::string& pointer);
  void get(const ConfigNode& node, ComputeRate& value, const FieldInfo&, const std::string&);
  void get(const ConfigNode& node, Power& value, const FieldInfo&, const std::string& pointer);
  void get(const ConfigNode& node, FileContent& value, const FieldInfo&, const std::string&);
  void get(const ConfigNode& node, ConfigNode& value, const FieldInfo&, const std::string&) {
    value = node;
  }
  template <class T>
  void get(const ConfigNode& node, std::optional<T>& value, const FieldInfo& info,
           const std::string& pointer) {
    T held{};
    get(node, held, info, pointer);
    value = std::move(held);
  }
  template <class T>
  void get(const ConfigNode& node, std::vector<T>& value, const FieldInfo& info,
           const std::string& pointer) {
    const ConfigNode::Array* items = node.as_array();
    if (items == nullptr) return wrong_kind(node, "a list", pointer);
    value.clear();
    for (std::size_t i = 0; i < items->size(); ++i) {
      T item{};
      get((*items)[i], item, info, pointer + "/" + std::to_string(i));
      value.push_back(std::move(item));
    }
  }
  template <class Slot>
  void get(const ConfigNode& node, Choice<Slot>& value, const FieldInfo& info,
           const std::string& pointer) {
    get_choice(Slot::kSlot, node, info.defaults, value.name, value.parameters, pointer);
  }
  /// A default that is a plugin gets its parameters filled in, as if it had been named; so do the
  /// plugins inside a struct that was left out.
  template <class Slot>
  void resolve_default(Choice<Slot>& value, const FieldInfo& info, const std::string& pointer) {
    if (value.chosen()) get(ConfigNode(value.name), value, info, pointer);
  }
  template <class T>
  void resolve_default(T& value, const FieldInfo&, const std::string& pointer) {
    if constexpr (HasFields<T, FieldReader>) {
      read(ConfigNode::object(), value, pointer);
    }
  }
  template <class E>
  void get_enum(const ConfigNode& node, E& value, const std::string& pointer) {
    std::vector<std::string> names;
    for (const auto& [candidate, name] : EnumNames<E>::names) {
      if (node.as_string() != nullptr && *node.as_string() == name) {
        value = candidate;
        return;
      }
      names.emplace_back(name);
    }
    wrong_name(node, names, pointer);
  }

  bool expand_preset(const Presets& presets, const ConfigNode& node, ConfigNode& expanded,
                     const std::string& pointer);
  bool get_integer(const ConfigNode&, std::int64_t& value, const FieldInfo&, const std::string&);
  bool get_number(const ConfigNode&, double& value, const FieldInfo&, const std::string& pointer);
  bool in_range(double value, const FieldInfo& info, const std::string& pointer);
  bool keeps_range_as_float(double value, const FieldInfo& info, const std::string& pointer);
  void get_beside(std::string_view slot, std::string_view name_key, std::string& name,
                  ConfigNode& parameters);
  void get_named(std::string_view slot, const ConfigNode& named, const ConfigNode& given,
                 const Presets* defaults, std::string& name, ConfigNode& parameters,
                 const std::string& name_pointer, const std::string& pointer);
  void get_choice(std::string_view slot, const ConfigNode& node, const Presets* defaults,
                  std::string& name, ConfigNode& parameters, const std::string& pointer);
  void wrong_kind(const ConfigNode& node, std::string_view wanted, const std::string& pointer);
  void wrong_name(const ConfigNode& node, const std::vector<std::string>& names,
                  const std::string& pointer);
  bool expect_object(const ConfigNode& node, const std::string& pointer);
  void report_unknown_keys();

  const Registry& registry_;
  Problems& problems_;
  std::size_t from_reading_ = 0;  // how many problems there were before the check in progress
  LoadFile load_file_;
  const ConfigNode* node_ = nullptr;
  std::string pointer_;
  std::vector<std::string> known_;
  std::vector<std::string> beside_;   // keys of the same object that another struct has read
  std::vector<std::string> offered_;  // the next struct's `beside_`
};

/// Writes a struct back as a document with every field present: the echo of the resolved
/// configuration.
class FieldWriter {
 public:
  template <class T>
  static ConfigNode write(const T& value) {
    FieldWriter writer;
    const_cast<T&>(value).fields(writer);  // a writer only looks
    return std::move(writer.node_);
  }

  template <class T>
  void operator()(std::string_view key, T& value, const FieldInfo& = {}) {
    ConfigNode node = put(value);
    if (!node.is_null()) node_.set(std::string(key), std::move(node));
  }
  template <class Slot>
  void beside(std::string_view name_key, const Choice<Slot>& choice) {
    if (!choice.chosen()) return;
    node_.set(std::string(name_key), choice.name);
    node_.merge(choice.parameters);
  }

 private:
  template <class T>
  static ConfigNode put(const T& value) {
    if constexpr (std::same_as<T, bool> || std::same_as<T, std::string> ||
                  std::same_as<T, ConfigNode>) {
      return ConfigNode(value);
    } else if constexpr (std::is_enum_v<T>) {
      for (const auto& [candidate, name] : EnumNames<T>::names) {
        if (candidate == value) return ConfigNode(std::string(name));
      }
      return {};
    } else if constexpr (std::integral<T>) {
      return ConfigNode(static_cast<std::int64_t>(value));
    } else if constexpr (std::same_as<T, float>) {
      return put_float(value);
    } else if constexpr (std::floating_point<T>) {
      return ConfigNode(static_cast<double>(value));
    } else if constexpr (requires { quantity_text(value); }) {
      return ConfigNode(quantity_text(value));
    } else {
      return write(value);
    }
  }
  template <class T>
  static ConfigNode put(const std::optional<T>& value) {
    return value ? put(*value) : ConfigNode();
  }
  template <class T>
  static ConfigNode put(const std::vector<T>& values) {
    ConfigNode::Array items;
    for (const T& value : values) items.push_back(put(value));
    return ConfigNode(std::move(items));
  }
  template <class Slot>
  static ConfigNode put(const Choice<Slot>& choice) {
    if (!choice.chosen()) return {};
    ConfigNode node = ConfigNode::object();
    node.set("name", choice.name);
    node.merge(choice.parameters);
    return node;
  }
  static ConfigNode put(const FileContent& file);
  static ConfigNode put_float(float value);  // shortest decimal that reads back as the same float

  ConfigNode node_ = ConfigNode::object();
};

/// What `skerry describe` says about a struct.
class FieldDescriber {
 public:
  struct Field {
    std::string key;
    std::string type;      // `number`, `duration`, `reducer`, `one of "a" and "b"`
    std::string fallback;  // the default as JSON, or `required`
    std::string range;     // `[0, 1)`, or empty
    std::string meaning;
    std::vector<Field> nested;
    const Presets* presets = nullptr;  // names that may stand in its place; null: none
  };

  template <class T>
  static std::vector<Field> describe() {
    T value{};
    FieldDescriber describer;
    const bool outer = std::exchange(is_described<T>, true);
    value.fields(describer);
    is_described<T> = outer;
    return std::move(describer.fields_);
  }

  template <class T>
  void operator()(std::string_view key, T& value, const FieldInfo& info = {}) {
    Field field{
        std::string(key), type_name<T>(), "", range_text(info), std::string(info.meaning), {}};
    if constexpr (requires { Held<T>::presets(); }) field.presets = &Held<T>::presets();
    if constexpr (HasFields<Held<T>, FieldDescriber>) {
      // The keys of a struct that holds itself (a tree) are told once.
      if (!is_described<Held<T>>) field.nested = describe<Held<T>>();
    }
    if constexpr (!HasFields<T, FieldDescriber>) {
      Echo echo{value};
      const ConfigNode node = FieldWriter::write(echo);
      const ConfigNode* written = node.find("value");
      field.fallback = written ? written->text() : "";
    }
    if (info.required) field.fallback = "required";
    fields_.push_back(std::move(field));
  }
  template <class Slot>
  void beside(std::string_view name_key, const Choice<Slot>& choice) {
    fields_.push_back({std::string(name_key),
                       Slot::kSlot,
                       "\"" + choice.name + "\"",
                       "",
                       "which one; its own keys are given next to this one",
                       {}});
  }

 private:
  template <class T>
  static inline thread_local bool is_described = false;  // right now

  template <class T>
  struct Echo {
    T& value;
    template <class V>
    void fields(V& v) {
      v("value", value);
    }
  };
  template <class T>
  struct Tag {};
  template <class T>
  struct Inner {
    using type = T;
  };
  template <class T>
  struct Inner<std::optional<T>> : Inner<T> {};
  template <class T>
  struct Inner<std::vector<T>> : Inner<T> {};
  template <class T>
  using Held = typename Inner<T>::type;  // what an optional or a list holds

  template <class T>
  static std::string type_name() {
    if constexpr (std::is_enum_v<T>) {
      std::vector<std::string> names;
      for (const auto& entry : EnumNames<T>::names) names.emplace_back(entry.second);
      return "one of " + listed(names);
    } else if constexpr (std::same_as<T, bool>) {
      return "true or false";
    } else if constexpr (std::integral<T>) {
      return "whole number";
    } else if constexpr (std::floating_point<T>) {
      return "number";
    } else {
      return type_name(Tag<T>{});
    }
  }
  static std::string type_name(Tag<std::string>) { return "string"; }
  static std::string type_name(Tag<Duration>) { return "duration"; }
  static std::string type_name(Tag<Bytes>) { return "bytes"; }
  static std::string type_name(Tag<DataRate>) { return "data rate"; }
  static std::string type_name(Tag<ComputeRate>) { return "computing rate"; }
  static std::string type_name(Tag<Power>) { return "power"; }
  static std::string type_name(Tag<FileContent>) { return "file"; }
  static std::string type_name(Tag<ConfigNode>) { return "any"; }
  template <class T>
  static std::string type_name(Tag<std::optional<T>>) {
    return type_name<T>();
  }
  template <class T>
  static std::string type_name(Tag<std::vector<T>>) {
    return "list of " + type_name<T>();
  }
  template <class Slot>
  static std::string type_name(Tag<Choice<Slot>>) {
    return Slot::kSlot;
  }
  template <class T>
  static std::string type_name(Tag<T>) {
    if constexpr (requires { T::presets(); }) {
      std::vector<std::string> names;
      for (const auto& preset : T::presets()) names.push_back(preset.first);
      return "object, or one of " + listed(names);
    }
    return "object";
  }
  static std::string range_text(const FieldInfo& info);

  std::vector<Field> fields_;
};

}  // namespace skerry
