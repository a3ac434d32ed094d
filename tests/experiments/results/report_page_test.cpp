#include "experiments/results/report_page.hpp"

#include <cstdio>
#include <cstdlib>
#include <regex>

#include "experiments/results/page_text.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/scratch_folder.hpp"
#include "tests/experiments/results/made_up_run.hpp"

namespace skerry::experiments {

using datasets::ScratchFolder;
namespace fs = std::filesystem;

namespace {

std::vector<RunGroup> made_up_groups(const ScratchFolder& scratch, const MadeUpRun& like,
                                     std::size_t methods, std::uint64_t seeds) {
  std::vector<fs::path> folders;
  for (std::size_t method = 0; method < methods; ++method) {
    MadeUpRun run = like;
    if (method > 0) run.name += "-" + std::to_string(method);
    run.final_accuracy = 0.95 - 0.03 * static_cast<double>(method);
    folders.push_back(scratch / ("method-" + std::to_string(method)));
    for (run.seed = 1; run.seed <= seeds; ++run.seed) {
      run.write(folders.back() / ("seed-" + std::to_string(run.seed)));
    }
  }
  return read_groups(folders).value();
}

std::string output_of(const std::string& command) {
  std::FILE* pipe = ::popen(command.c_str(), "r");
  SKERRY_CHECK(pipe != nullptr, "a pipe opens");
  std::string out;
  char part[4096];
  while (const std::size_t size = std::fread(part, 1, sizeof part, pipe)) out.append(part, size);
  ::pclose(pipe);
  return out;
}

/// The page in a browser after its scripts ran, and the browser's complaints.
std::string opened_in_browser(const ScratchFolder& scratch, const std::string& page) {
  const fs::path file = scratch.put("page.html", page);
  return output_of(
      "timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-background-networking "
      "--disable-component-update --disable-sync --no-first-run --enable-logging=stderr --v=0 "
      "--virtual-time-budget=5000 --user-data-dir=" +
      (scratch / "browser").string() + " --dump-dom file://" + file.string() +
      " 2>&1 | grep -v -i -e dbus -e 'gpu' -e 'vaapi'");
}

bool has_browser() {
  if (std::system("command -v chromium > /dev/null 2>&1") == 0) return true;
  WARN("skipped: there is no chromium");
  return false;
}

}  // namespace

TEST_CASE("a page loads nothing from anywhere") {
  const ScratchFolder scratch;
  const std::string page = report_page(made_up_groups(scratch, {.thresholds = 6}, 2, 3));
  CHECK(page.find("default-src 'none'") != std::string::npos);
  const std::regex loads(R"((src|href|srcset|action|data)\s*=\s*["'])", std::regex::icase);
  CHECK_FALSE(std::regex_search(page, loads));
  for (const char* word : {"http://", "https://", "url(", "@import", "fetch(", "XMLHttpRequest",
                           "WebSocket", "<link", "<iframe", "<img", "import("}) {
    INFO(word);
    CHECK(page.find(word) == std::string::npos);
  }
}

TEST_CASE("names from a scenario cannot become markup") {
  const ScratchFolder scratch;
  const std::string evil = "</script><script>alert('x')</script>\"&{{data}}";
  const std::string page = report_page(made_up_groups(scratch, {.name = evil}, 2, 2));
  CHECK(page.find("<script>alert") == std::string::npos);
  CHECK(page.find("alert('x')</script>") == std::string::npos);
  CHECK(page.find("&lt;/script&gt;&lt;script&gt;alert(&#39;x&#39;)") != std::string::npos);
  CHECK(page.find("\\u003c/script\\u003e\\u003cscript\\u003ealert('x')") != std::string::npos);
  std::size_t scripts = 0;
  for (auto at = page.find("<script"); at != std::string::npos; at = page.find("<script", at + 1)) {
    ++scripts;
  }
  CHECK(scripts == 2);  // the data and the page's own
}

TEST_CASE("the page allows only its own script") {
  const ScratchFolder scratch;
  const std::string page = report_page(made_up_groups(scratch, {}, 1, 1));
  const auto begin = page.rfind("<script>") + 8;
  const std::string script = page.substr(begin, page.rfind("</script>") - begin);
  CHECK(page.find("script-src '" + policy_hash(script) + "'") != std::string::npos);
  // RFC 6234's "abc", in base 64
  CHECK(policy_hash("abc") == "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
}

TEST_CASE("a page of many long runs stays below two megabytes") {
  const ScratchFolder scratch;
  const std::string page =
      report_page(made_up_groups(scratch, {.rounds = 1500, .edges = 60, .loop = true}, 8, 4));
  CHECK(page.size() < 2'000'000);
  CHECK(page.size() > 200'000);
}

TEST_CASE("a page holds summary, paired differences and provenance as text") {
  const ScratchFolder scratch;
  const std::string page = report_page(made_up_groups(scratch, {}, 2, 3));
  for (const char* text : {"<h2 id=\"summary-head\">", "energy (modelled)", "84.00 MB",
                           "higher / lower", "0 / 3", "0123456789abcdef",
                           "skerry run &#39;made up.json&#39;", "&quot;learning_rate&quot;: 0.1"}) {
    INFO(text);
    CHECK(page.find(text) != std::string::npos);
  }
}

TEST_CASE("a tile says the unit of its value, and not only that of its interval") {
  const ScratchFolder scratch;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    MadeUpRun run{.seed = seed, .joules = 12.5 * static_cast<double>(seed)};
    run.write(scratch / "runs" / std::to_string(seed));
  }
  const std::string page = report_page(read_groups({scratch / "runs"}).value());
  const std::regex tile(
      "class=\"value\">([^<]*)</span><span class=\"interval\">± ([^< ]*)( [^<]*)?</span>");
  int with_unit = 0;
  for (std::sregex_iterator at(page.begin(), page.end(), tile), end; at != end; ++at) {
    INFO(at->str());
    const std::string value = (*at)[1], unit = (*at)[3];
    CHECK(value.ends_with(unit));
    with_unit += unit.empty() ? 0 : 1;
  }
  CHECK(with_unit > 0);
}

TEST_CASE("a template is filled once, and what fills it is left alone") {
  CHECK(fill_template("a{{x}}b{{y}}{{x}}", {{"x", "{{y}}"}, {"y", "2"}}) == "a{{y}}b2{{y}}");
}

TEST_CASE("a browser draws every section without a complaint") {
  if (!has_browser()) return;
  const ScratchFolder scratch;
  const std::string page = opened_in_browser(
      scratch, report_page(made_up_groups(scratch, {.thresholds = 6, .loop = true}, 3, 3)));
  CHECK(page.find("CONSOLE") == std::string::npos);
  CHECK(page.find("data-drawn=\"yes\"") != std::string::npos);
  for (const char* section :
       {"<section aria-labelledby=\"section-0\"", "<section aria-labelledby=\"section-1\"",
        "<section aria-labelledby=\"section-2\"", "<section aria-labelledby=\"section-3\"",
        "<section id=\"paired\"", "<section id=\"timeline\"", "<section id=\"explorer\""}) {
    INFO(section);
    const auto begin = page.find(section);
    REQUIRE(begin != std::string::npos);
    const std::string text = page.substr(begin, page.find("</section>", begin) - begin);
    CHECK(text.substr(0, text.find('>')).find("hidden") == std::string::npos);
    CHECK(text.find("<svg class=\"chart\"") != std::string::npos);
    CHECK(text.find("NaN") == std::string::npos);
  }
}

TEST_CASE("a browser draws intervals inside the plot, however wide they are") {
  if (!has_browser()) return;
  // Answers of the edge take 1 ms and those of the cloud 80 ms: an axis of logarithms, and a mean
  // whose interval reaches below zero.
  const ScratchFolder scratch;
  for (const std::uint64_t seed : {1, 2}) {
    const MadeUpRun made{.seed = seed, .thresholds = 3};
    host::RunRecord record = made.record();
    for (host::MetricRow& row : record.metrics) {
      if (row.name == "joint/latency_p50_s") row.value = seed == 1 ? 0.001 : 0.08;
      if (row.name == "joint/latency_mean_s") row.value = seed == 1 ? 0.01 : 0.07;
      if (row.name == "joint/accuracy") row.value = seed == 1 ? 0.2 : 0.99;
    }
    const auto folder = scratch / "runs" / ("seed" + std::to_string(seed));
    REQUIRE(write_run(folder, record, made.manifest(record)).ok());
  }
  const std::string page =
      opened_in_browser(scratch, report_page(read_groups({scratch / "runs"}).value()));
  const auto begin = page.find("Accuracy against offloading</h2>");
  REQUIRE(begin != std::string::npos);
  const std::string text = page.substr(begin, page.find("</section>", begin) - begin);
  CHECK(text.find("NaN") == std::string::npos);
  const std::regex chart("viewBox=\"0 0 [0-9.]+ ([0-9.]+)\"");
  const std::regex whisker("class=\"whisker\"[^>]* y1=\"([^\"]+)\" y2=\"([^\"]+)\"");
  int whiskers = 0;
  for (auto one = text.find("<svg class=\"chart\""); one != std::string::npos;) {
    const auto next = text.find("<svg class=\"chart\"", one + 1);
    const std::string drawn = text.substr(one, next - one);
    one = next;
    std::smatch size;
    REQUIRE(std::regex_search(drawn, size, chart));
    const double bottom = std::stod(size[1]) - 44;
    for (std::sregex_iterator line(drawn.begin(), drawn.end(), whisker), end; line != end; ++line) {
      ++whiskers;
      for (const int end_of_line : {1, 2}) {
        const double y = std::stod((*line)[end_of_line]);
        CHECK(y >= 12);
        CHECK(y <= bottom);
      }
    }
  }
  CHECK(whiskers == 3 + 3 * 3);
}

TEST_CASE("a browser marks what happened, stacks layers, and draws phases and parts of totals") {
  if (!has_browser()) return;
  const auto drawn = [](std::uint64_t seeds) {
    const ScratchFolder scratch;
    const std::string page =
        opened_in_browser(scratch, report_page(made_up_groups(scratch, {.loop = true}, 1, seeds)));
    const auto begin = page.find("The loop</h2>");
    REQUIRE(begin != std::string::npos);
    return page.substr(begin, page.find("</section>", begin) - begin);
  };
  const auto count = [](const std::string& text, const std::string& pattern) {
    const std::regex found(pattern);
    return std::distance(std::sregex_iterator(text.begin(), text.end(), found), {});
  };
  // Seed 1: changes in rounds 5, 10, 15 and 20; models in 7, 12 and 17.
  const std::string one = drawn(1);
  CHECK(count(one, "<g class=\"event e0\">") == 1);
  CHECK(count(one, "translate\\(") == 4 + 3);
  CHECK(count(one, "data-kind=") == 2);  // there is no third kind of event
  CHECK(one.find("change<span class=\"count\"> (4)") != std::string::npos);
  CHECK(count(one, "class=\"layer s") == 5);
  CHECK(count(one, "class=\"bar s") == 2 + 4);  // two phases; labels up to 7, 12, 17 and the end
  CHECK(one.find("number <select>") != std::string::npos);
  CHECK(one.find("150 ms") == std::string::npos);
  CHECK(one.find(">250 ms<") != std::string::npos);
  CHECK(one.find(">500 ms<") != std::string::npos);
  CHECK(one.find("NaN") == std::string::npos);
  // Of the mean over seeds, what all of them have in the same round; totals are not cut.
  const std::string three = drawn(3);
  CHECK(count(three, "translate\\(") == 4);
  CHECK(three.find("choose a seed") != std::string::npos);
  CHECK(count(three, "class=\"bar s") == 2 + 1);
  CHECK(three.find("NaN") == std::string::npos);
}

TEST_CASE("sections without anything to show stay hidden") {
  if (!has_browser()) return;
  const ScratchFolder scratch;
  host::RunRecord record = MadeUpRun().record();
  record.metrics.clear();
  record.spans.clear();
  REQUIRE(write_run(scratch / "bare", record, MadeUpRun().manifest(record)).ok());
  const std::string page =
      opened_in_browser(scratch, report_page(read_groups({scratch / "bare"}).value()));
  CHECK(page.find("CONSOLE") == std::string::npos);
  CHECK(page.find("data-drawn=\"yes\"") != std::string::npos);
  CHECK(page.find("<svg class=\"chart\"") == std::string::npos);
}

TEST_CASE("everything that a reader can press works") {
  if (!has_browser()) return;
  const ScratchFolder scratch;
  std::string page = report_page(made_up_groups(scratch, {.thresholds = 6, .loop = true}, 2, 3));
  page = std::regex_replace(page, std::regex("<meta http-equiv=[^>]*>"), "");
  page += R"(<script>
    const faults = [];
    window.onerror = (message, source, line, column, error) => { faults.push(error.stack); };
    const press = node => node.dispatchEvent(new MouseEvent('click', {bubbles: true}));
    for (const node of document.querySelectorAll('button:not(.copy), input, summary')) { press(node); press(node); }
    for (const node of document.querySelectorAll('[role=radio], figcaption input, #seeds, #later')) press(node);
    for (const node of document.querySelectorAll('details')) node.open = true;
    let options = 0;
    for (const select of document.querySelectorAll('select')) {
      for (const option of [...select.options]) {
        select.value = option.value;
        select.dispatchEvent(new Event('change'));
        ++options;
      }
    }
    let tips = 0;
    for (const chart of document.querySelectorAll('svg.chart')) {
      const box = chart.getBoundingClientRect();
      for (const target of [chart, ...chart.querySelectorAll('rect, circle, path.mark')]) {
        target.dispatchEvent(new PointerEvent('pointermove', {bubbles: true, clientX: box.left + box.width / 2, clientY: box.top + 40}));
      }
      tips += document.getElementById('tip').hidden ? 0 : 1;
      if (chart.tabIndex === 0) chart.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight'}));
    }
    setTimeout(() => document.body.append(`faults: ${faults.length} ${faults.join()}, charts without a tip: ${document.querySelectorAll('svg.chart').length - tips}, options: ${options > 20}`), 50);
  </script>)";
  const std::string after = opened_in_browser(scratch, page);
  INFO(after.substr(after.rfind("faults: "), 400) << after.substr(0, 600));
  CHECK(after.find("faults: 0 , charts without a tip: 0, options: true") != std::string::npos);
  CHECK(after.find("CONSOLE") == std::string::npos);
  CHECK(after.substr(0, after.find("<script")).find("NaN") == std::string::npos);
}

}  // namespace skerry::experiments
