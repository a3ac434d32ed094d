#include "scenarios/schema/json.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "algorithms/sdk/printable.hpp"
#include "algorithms/sdk/problems.hpp"

namespace skerry::schema {

namespace {

/// Builds nodes from the parser's events. The library's tree would drop duplicate keys silently.
class Builder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Builder(std::string_view text) : text_(text) {}

  ConfigNode take() { return std::move(root_); }
  const std::string& error() const { return error_; }

  bool null() override { return place({}); }
  bool boolean(bool value) override { return place(value); }
  bool number_integer(number_integer_t value) override { return place(std::int64_t{value}); }
  bool number_unsigned(number_unsigned_t value) override {
    if (value > static_cast<number_unsigned_t>(INT64_MAX)) return place(static_cast<double>(value));
    return place(static_cast<std::int64_t>(value));
  }
  bool number_float(number_float_t value, const string_t&) override { return place(value); }
  bool string(string_t& value) override { return place(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(ConfigNode::Object{}); }
  bool start_array(std::size_t) override { return open(ConfigNode::Array{}); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& value) override {
    if (stack_.back().find(value) != nullptr) {
      error_ = "the key \"" + printable(value) + "\" is given twice in one object";
      return false;
    }
    keys_.back() = value;
    return true;
  }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& exception) override {
    const std::string_view before = text_.substr(0, std::min(position, text_.size()));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const auto column = before.size() - (before.rfind('\n') + 1);
    std::string what = exception.what();
    const auto reason = what.find("syntax error");
    const auto prefix = what.find("] ");  // "[json.exception.out_of_range.406] "
    if (reason != std::string::npos) {
      what = what.substr(reason);
    } else if (prefix != std::string::npos) {
      what = what.substr(prefix + 2);
    }
    error_ = "line " + std::to_string(line) + ", column " + std::to_string(column) + ": " + what;
    return false;
  }

 private:
  bool place(ConfigNode node) {
    if (stack_.empty()) {
      root_ = std::move(node);
    } else if (ConfigNode::Array* array = stack_.back().as_array()) {
      array->push_back(std::move(node));
    } else {
      stack_.back().set(keys_.back(), std::move(node));
    }
    return true;
  }
  bool open(ConfigNode node) {
    if (stack_.size() > 200) {
      error_ = "nested more than 200 deep";
      return false;
    }
    stack_.push_back(std::move(node));
    keys_.emplace_back();
    return true;
  }
  bool close() {
    ConfigNode node = std::move(stack_.back());
    stack_.pop_back();
    keys_.pop_back();
    return place(std::move(node));
  }

  std::string_view text_;
  ConfigNode root_;
  std::vector<ConfigNode> stack_;
  std::vector<std::string> keys_;
  std::string error_;
};

void write(const ConfigNode& node, int depth, std::string& out) {
  constexpr std::size_t kLine = 88;
  const std::string flat = node.text();
  const bool container = node.as_object() != nullptr || node.as_array() != nullptr;
  if (!container || flat.size() + static_cast<std::size_t>(depth) * 2 < kLine / (depth ? 1 : 8)) {
    out += flat;
    return;
  }
  const std::string indent(static_cast<std::size_t>(depth + 1) * 2, ' ');
  const std::string end = "\n" + std::string(static_cast<std::size_t>(depth) * 2, ' ');
  if (const ConfigNode::Object* object = node.as_object()) {
    out += "{";
    for (std::size_t i = 0; i < object->size(); ++i) {
      out += (i ? ",\n" : "\n") + indent + ConfigNode((*object)[i].first).text() + ": ";
      write((*object)[i].second, depth + 1, out);
    }
    out += end + "}";
  } else {
    const ConfigNode::Array& array = *node.as_array();
    out += "[";
    for (std::size_t i = 0; i < array.size(); ++i) {
      out += (i ? ",\n" : "\n") + indent;
      write(array[i], depth + 1, out);
    }
    out += end + "]";
  }
}

}  // namespace

Result<ConfigNode> parse_json(std::string_view text) {
  Builder builder(text);
  const bool parsed = nlohmann::json::sax_parse(text.begin(), text.end(), &builder,
                                                nlohmann::json::input_format_t::json,
                                                /*strict=*/true, /*ignore_comments=*/true);
  if (!parsed) return Failure{builder.error()};
  return builder.take();
}

std::string write_json(const ConfigNode& node) {
  std::string out;
  write(node, 0, out);
  return out + "\n";
}

}  // namespace skerry::schema
