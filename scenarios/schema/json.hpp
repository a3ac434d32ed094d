#pragma once

#include <string>
#include <string_view>

#include "algorithms/sdk/config_node.hpp"
#include "algorithms/sdk/result.hpp"

namespace skerry::schema {

/// Reads a JSON document and keeps the order of its keys. Comments (// and /* */) are allowed.
/// Errors: text that is no JSON, with its line and column; a key that is given twice in one object;
/// values nested more than 200 deep. From any thread.
Result<ConfigNode> parse_json(std::string_view text);
/// Writes indented JSON that ends with a newline; short lists and objects stay on one line.
std::string write_json(const ConfigNode& node);

}  // namespace skerry::schema
