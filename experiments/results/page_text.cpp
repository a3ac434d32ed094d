#include "experiments/results/page_text.hpp"

#include <openssl/sha.h>

#include <algorithm>

#include "algorithms/sdk/base64.hpp"
#include "algorithms/sdk/check.hpp"
#include "algorithms/sdk/printable.hpp"
#include "algorithms/sdk/problems.hpp"

namespace skerry::experiments {

std::string html_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const bool space = c == '\n' || c == '\r' || c == '\t';
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += space ? std::string(1, c) : printable(std::string_view(&c, 1));
    }
  }
  return out;
}

std::string script_json(const ConfigNode& node) {
  std::string out;
  for (const char c : node.text()) {
    switch (c) {
      case '<':
        out += "\\u003c";
        break;
      case '>':
        out += "\\u003e";
        break;
      case '&':
        out += "\\u0026";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string fill_template(std::string_view text,
                          const std::vector<std::pair<std::string_view, std::string>>& values) {
  std::string out;
  for (;;) {
    const auto open = text.find("{{");
    out += text.substr(0, open);
    if (open == std::string_view::npos) return out;
    const auto close = text.find("}}", open);
    SKERRY_CHECK(close != std::string_view::npos, "a place in the page is not closed");
    const std::string_view name = text.substr(open + 2, close - open - 2);
    const auto value = std::find_if(values.begin(), values.end(),
                                    [name](const auto& each) { return each.first == name; });
    SKERRY_CHECK(value != values.end(), "a place in the page has no value: " + std::string(name));
    out += value->second;
    text.remove_prefix(close + 2);
  }
}

std::string policy_hash(std::string_view script) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(script.data()), script.size(), digest);
  return "sha256-" + encode_base64(std::as_bytes(std::span(digest)));
}

}  // namespace skerry::experiments
