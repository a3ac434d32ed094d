#include "algorithms/sdk/config_node.hpp"

#include <charconv>
#include <cstdio>

namespace skerry {

const ConfigNode* ConfigNode::find(std::string_view key) const {
  if (const Object* object = as_object()) {
    for (const auto& [name, value] : *object) {
      if (name == key) return &value;
    }
  }
  return nullptr;
}

ConfigNode* ConfigNode::find(std::string_view key) {
  return const_cast<ConfigNode*>(std::as_const(*this).find(key));
}

ConfigNode& ConfigNode::set(std::string key, ConfigNode value) {
  if (as_object() == nullptr) value_ = Object{};
  if (ConfigNode* old = find(key)) {
    *old = std::move(value);
    return *old;
  }
  return as_object()->emplace_back(std::move(key), std::move(value)).second;
}

void ConfigNode::erase(std::string_view key) {
  if (Object* object = as_object()) {
    std::erase_if(*object, [key](const auto& member) { return member.first == key; });
  }
}

void ConfigNode::merge(const ConfigNode& patch) {
  const Object* changes = patch.as_object();
  if (changes == nullptr) {
    *this = patch;
    return;
  }
  if (as_object() == nullptr) value_ = Object{};
  for (const auto& [key, change] : *changes) {
    if (change.is_null()) {
      erase(key);
    } else if (ConfigNode* mine = find(key)) {
      mine->merge(change);
    } else {
      set(key, ConfigNode()).merge(change);
    }
  }
}

std::string_view ConfigNode::kind() const {
  static constexpr std::string_view names[] = {
      "null", "true or false", "a whole number", "a number", "a string", "a list", "an object"};
  return names[value_.index()];
}

namespace {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
      out += escape;
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string shortest(double value) {
  char text[40];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  std::string out(text, end);
  if (out.find_first_of(".einf") == std::string::npos) out += ".0";
  return out;
}

}  // namespace

std::string ConfigNode::text() const {
  if (const bool* b = as_bool()) return *b ? "true" : "false";
  if (const std::int64_t* i = as_integer()) return std::to_string(*i);
  if (const double* d = as_double()) return shortest(*d);
  if (const std::string* s = as_string()) return quoted(*s);
  std::string out;
  if (const Array* array = as_array()) {
    for (const ConfigNode& item : *array) out += (out.empty() ? "" : ", ") + item.text();
    return "[" + out + "]";
  }
  if (const Object* object = as_object()) {
    for (const auto& [key, value] : *object) {
      out += (out.empty() ? "" : ", ") + quoted(key) + ": " + value.text();
    }
    return "{" + out + "}";
  }
  return "null";
}

}  // namespace skerry
