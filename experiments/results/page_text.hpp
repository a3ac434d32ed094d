#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "algorithms/sdk/config_node.hpp"

namespace skerry::experiments {

/// Escapes text for HTML, between tags or in a quoted attribute.
std::string html_text(std::string_view text);

/// JSON for the inside of a script element, without `<`, `>` and `&`: nothing in it can end the
/// element.
std::string script_json(const ConfigNode& node);

/// Replaces each `{{name}}` of a template by its value, in one pass: values are not searched for
/// placeholders. A placeholder without a value is a bug and stops the program.
std::string fill_template(std::string_view text,
                          const std::vector<std::pair<std::string_view, std::string>>& values);

/// `sha256-…`, which names a script in a content security policy.
std::string policy_hash(std::string_view script);

}  // namespace skerry::experiments
