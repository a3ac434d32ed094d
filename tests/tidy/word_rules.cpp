#include <algorithm>
#include <cctype>

#include "tests/tidy/rules.hpp"

namespace skerry::tidy {

namespace {

struct Word {
  std::vector<std::string_view> words;
  std::vector<std::string_view> only_in;  // folders to which the rule applies; empty = all
  std::vector<std::string_view> but_in;   // folders or path prefixes that are exempt
  std::string_view instead;
  bool in_comments = false;
  bool headers_only = false;
};

const std::vector<Word>& words() {
  static const std::vector<Word> all{
      {{"std::rand", "srand", "std::random_device", "std::mt19937", "std::mt19937_64",
        "std::minstd_rand", "std::default_random_engine", "std::uniform_int_distribution",
        "std::uniform_real_distribution", "std::normal_distribution", "std::shuffle", "drand48"},
       {},
       {"tests/", "bench/", "real/keys"},
       "draw from RandomStream (algorithms/sdk/random.hpp); keys and privacy noise live in "
       "real/keys"},
      {{"system_clock", "steady_clock", "high_resolution_clock", "gettimeofday", "clock_gettime"},
       {},
       {"real/", "experiments/", "bench/", "tests/"},
       "take `now` from the input (SimTime); clocks belong to real/, experiments/ and bench/"},
      {{"std::exp",  "std::expf",  "std::exp2",  "std::expm1", "std::log",   "std::logf",
        "std::log2", "std::log10", "std::log1p", "std::tanh",  "std::tanhf", "std::pow",
        "std::powf", "std::sin",   "std::cos",   "std::tan",   "std::atan",  "std::erf",
        "std::cbrt", "expf",       "logf",       "tanhf",      "powf"},
       {"algorithms"},
       {"algorithms/learners/torch_"},
       "libm differs between machines; use algorithms/sdk/elementary.hpp"},
      {{"using namespace"},
       {},
       {},
       "name what you use; a header must not open a namespace for its reader",
       false,
       true},
      {{"assert"},
       {},
       {},
       "use SKERRY_CHECK (algorithms/sdk/check.hpp), which stays on in releases"},
      {{"std::cout", "std::cerr", "std::endl", "printf"},
       {"algorithms", "datasets", "scenarios", "sim"},
       {"algorithms/sdk/check.cpp"},
       "return a value or a Failure; talking to people belongs to experiments/"},
      {{"getenv"},
       {"algorithms", "scenarios", "sim"},
       {},
       "what a run depends on stands in its scenario"},
      {{"TODO", "FIXME", "XXX", "HACK"},
       {},
       {"tests/tidy/"},
       "finish it, or describe the limit in the contract",
       true},
  };
  return all;
}

bool word_character(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// First place of a whole word at or after `from`.
std::size_t find_word(std::string_view text, std::string_view word, std::size_t from) {
  for (std::size_t at = text.find(word, from); at != std::string_view::npos;
       at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool begins = at == 0 || !word_character(text[at - 1]);
    if (begins && (end == text.size() || !word_character(text[end]))) return at;
  }
  return std::string_view::npos;
}

bool applies(const Word& rule, const Source& source) {
  const auto within = [&](std::string_view folder) { return source.in(folder); };
  const auto begins = [&](std::string_view start) { return source.path.starts_with(start); };
  if (rule.headers_only && !source.header()) return false;
  if (std::any_of(rule.but_in.begin(), rule.but_in.end(), begins)) return false;
  return rule.only_in.empty() || std::any_of(rule.only_in.begin(), rule.only_in.end(), within);
}

}  // namespace

Findings word_findings(const Source& source) {
  Findings findings;
  for (const Word& rule : words()) {
    if (!applies(rule, source)) continue;
    const std::string& text = rule.in_comments ? source.text : source.code;
    for (std::string_view word : rule.words) {
      for (std::size_t at = find_word(text, word, 0); at != std::string::npos;
           at = find_word(text, word, at + 1)) {
        findings.push_back({source.path, line_at(text, at),
                            "`" + std::string(word) + "`: " + std::string(rule.instead)});
      }
    }
  }
  return findings;
}

}  // namespace skerry::tidy
