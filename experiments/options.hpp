#pragma once

#include <boost/program_options.hpp>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <span>
#include <sstream>
#include <string>
#include <typeinfo>
#include <vector>

#include "algorithms/sdk/problems.hpp"
#include "datasets/user_path.hpp"
#include "experiments/command.hpp"

namespace skerry::experiments {

/// The options of one command: parses them, answers --help, and says in one line what is wrong.
/// Every option must be added before parse(); values may be read only after it.
class Options {
 public:
  /// @param usage    what follows `usage: skerry `.
  /// @param purpose  what the command does, for --help.
  Options(std::string usage, std::string purpose)
      : usage_(std::move(usage)), purpose_(std::move(purpose)), named_("options") {
    named_.add_options()("help,h", "this text");
  }
  boost::program_options::options_description_easy_init add() { return named_.add_options(); }
  /// Adds a positional argument that takes up to `count` words, or with -1 all that follow.
  void positional(const char* name, int count) {
    places_.add(name, count);
    hidden_.add_options()(name,
                          boost::program_options::value<std::vector<std::string>>()->composing());
  }

  /// `--format text|json`, for commands whose output a script may want to read.
  void add_format() {
    add()("format", boost::program_options::value<std::string>()->default_value("text"),
          "text or json");
  }
  /// `--threads N`, between 1 and 1024.
  void add_threads(unsigned unless_told,
                   const char* purpose = "threads that compute; results do not depend on them") {
    add()("threads", boost::program_options::value<unsigned>()->default_value(unless_told),
          purpose);
  }
  bool json() const { return get<std::string>("format") == "json"; }

  /// Returns nothing if the command may go on, and its exit code if it is over: after --help, or
  /// after the line that says which option is wrong.
  std::optional<int> parse(std::span<const std::string> arguments) {
    namespace po = boost::program_options;
    po::options_description all;
    all.add(named_).add(hidden_);
    try {
      const std::vector<std::string> words(arguments.begin(), arguments.end());
      auto parsed = po::command_line_parser(words).options(all).positional(places_).run();
      for (po::option& option : parsed.options) {
        const std::string why = why_not(option, all);
        if (!why.empty()) return complain(why);
        // A shell leaves the ~ of --out=~/runs to the program.
        for (std::string& value : option.value) value = datasets::user_path(value);
      }
      po::store(parsed, values_);
      if (values_.count("help") > 0) {
        std::printf("usage: skerry %s\n\n%s\n\n", usage_.c_str(), purpose_.c_str());
        std::ostringstream text;
        text << named_;
        std::fputs(text.str().c_str(), stdout);
        return kDone;
      }
      po::notify(values_);
    } catch (const po::unknown_option& unknown) {
      return complain(unknown.what() + near_option(unknown.get_option_name()));
    } catch (const po::error& error) {
      return complain(error.what());
    }
    if (values_.count("format") > 0 && !json() && get<std::string>("format") != "text") {
      return complain("no format \"" + get<std::string>("format") +
                      "\"; all: \"text\" and \"json\"");
    }
    if (values_.count("threads") > 0) {
      constexpr unsigned kMost = 1024;
      const auto threads = get<unsigned>("threads");
      if (threads < 1 || threads > kMost) return complain("--threads is between 1 and 1024");
    }
    return std::nullopt;
  }

  bool has(const char* name) const { return values_.count(name) > 0; }
  /// Whether the user said it, and it is no default.
  bool given(const char* name) const { return has(name) && !values_[name].defaulted(); }
  template <class T>
  T get(const char* name) const {
    return values_[name].as<T>();
  }
  std::vector<std::string> list(const char* name) const {
    return has(name) ? get<std::vector<std::string>>(name) : std::vector<std::string>();
  }
  /// Prints `why` and the usage on one line of standard error. @return kUserError.
  int complain(const std::string& why) const {
    std::fprintf(stderr, "skerry: %s; usage: skerry %s\n", why.c_str(), usage_.c_str());
    return kUserError;
  }

 private:
  /// Refuses values that the library would accept: an empty one, and a negative number for an
  /// unsigned option. Empty if there is nothing to refuse.
  static std::string why_not(const boost::program_options::option& option,
                             const boost::program_options::options_description& all) {
    namespace po = boost::program_options;
    const bool named = option.position_key < 0;
    const std::string who = named ? "--" + option.string_key : "an argument";
    const auto semantic = all.find(option.string_key, /*approx=*/true).semantic();
    const auto* typed = dynamic_cast<const po::typed_value_base*>(semantic.get());
    const auto is = [typed](const std::type_info& type) {
      return typed != nullptr && typed->value_type() == type;
    };
    const bool counts = is(typeid(unsigned)) || is(typeid(std::uint64_t));
    for (const std::string& value : option.value) {
      if (value.empty()) return who + " is empty";
      if (counts && value.starts_with('-')) return who + " is " + value + ", which is less than 0";
    }
    return "";
  }
  std::string near_option(const std::string& unknown) const {
    std::vector<std::string> names;
    for (const auto& option : named_.options()) names.push_back("--" + option->long_name());
    const std::string near = nearest(unknown, names);
    return near.empty() ? "" : "; nearest \"" + near + "\"";
  }

  std::string usage_;
  std::string purpose_;
  boost::program_options::options_description named_;
  boost::program_options::options_description hidden_;
  boost::program_options::positional_options_description places_;
  boost::program_options::variables_map values_;
};

}  // namespace skerry::experiments
