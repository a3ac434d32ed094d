#include <regex>

#include "tests/tidy/rules.hpp"

namespace skerry::tidy {

namespace {

/// The text of a class, from its head to its last brace; empty if there is no such class.
std::string class_in(const std::string& code, const std::smatch& head) {
  const auto begin = static_cast<std::size_t>(head.position(0));
  return code.substr(begin, code.find("\n};", begin) - begin);
}

/// The class of that name, from the header in `sources` that defines it.
std::string defined(const std::vector<Source>& sources, const std::string& name) {
  const std::regex head("\nclass " + name + " \\{");
  std::smatch found;
  for (const Source& source : sources) {
    if (!source.header() || source.in("tests")) continue;
    if (std::regex_search(source.code, found, head)) return class_in(source.code, found);
  }
  return "";
}

}  // namespace

Findings checked_findings(const std::vector<Source>& sources) {
  static const std::regex kChecked(R"(class (Checked\w+) final : public (?:Checked<)?(\w+))");
  static const std::regex kVirtual(R"(virtual [^;{}()]*\b(\w+)\()");
  Findings findings;
  for (const Source& source : sources) {
    if (source.in("tests")) continue;
    using Each = std::sregex_iterator;
    for (Each one(source.code.begin(), source.code.end(), kChecked); one != Each(); ++one) {
      const std::string own = class_in(source.code, *one), slot = defined(sources, (*one)[2]);
      for (Each call(slot.begin(), slot.end(), kVirtual); call != Each(); ++call) {
        const std::regex overrides("\\b" + (*call)[1].str() + "\\([^;{}]*override");
        if (call->str().find('~') != std::string::npos || std::regex_search(own, overrides)) {
          continue;
        }
        findings.push_back(
            {source.path, line_at(source.code, static_cast<std::size_t>(one->position(0))),
             (*one)[1].str() + " does not pass on " + (*one)[2].str() + "::" + (*call)[1].str() +
                 "(): its plugins' would never be called"});
      }
    }
  }
  return findings;
}

}  // namespace skerry::tidy
