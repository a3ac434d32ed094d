#include "experiments/run_monitor.hpp"

#include <cstdio>

#include "experiments/results/build_info.hpp"
#include "experiments/results/manifest.hpp"
#include "experiments/results/readable.hpp"

namespace skerry::experiments {

namespace {

constexpr auto kBetweenWrites = std::chrono::seconds(1);

std::string in_words(const role::MetricInfo& info, double value) {
  if (info.unit != "share") return info.label + " " + readable_value(value, info.unit);
  char text[32];
  std::snprintf(text, sizeof text, " %.3f", value);
  return info.label + text;
}

}  // namespace

RunMonitor::RunMonitor(const Setup& setup, ProgressLine& line, Options options)
    : setup_(setup), options_(std::move(options)), line_(line) {
  const std::filesystem::path& folder = options_.folder;
  if (folder.empty()) return;
  std::error_code error;  // not looked at: writing the log's first line fails, too
  std::filesystem::create_directories(folder, error);
  RunLog log(folder / kLogFile);
  const Status written = log.add("started: " + options_.started);
  complain(written);
  if (!written) return;  // without a log the folder would not count as an unfinished run's
  log_.emplace(std::move(log));
  metrics_.emplace(folder / (options_.finished_before ? kMetricsSoFar : kMetricsFile));
  models_.emplace(folder / kModelsName, [this](const std::string& line) { say(line); });
}

std::string started_words(const std::vector<std::string>& command, std::uint64_t seed) {
  return "skerry " + program_version() + ", source " + source_commit() + ", seed " +
         std::to_string(seed) + ": " + shell_line(command);
}

void RunMonitor::begin(const Moment& moment, bool goes_on) {
  const auto now = Clock::now();
  read_ = 0;
  last_.clear();
  if (metrics_) complain(metrics_->begin());
  if (models_) models_->begin(!goes_on && !options_.finished_before);
  take(moment, now);
  const role::Headway come = headway(moment);
  left_.begin(come.share, now);
  if (goes_on) note("goes on from " + come.words);
}

void RunMonitor::look(const Moment& moment) {
  const auto now = Clock::now();
  const bool shows = line_.due(now);
  if (!shows && now < next_write_) return;
  take(moment, now);
  if (!shows) return;
  const role::Headway come = headway(moment);
  line_.show({.step = come.words,
              .seed = options_.seed,
              .headline = headline(),
              .seconds_left = left_.seconds(come.share, now)},
             now);
}

void RunMonitor::take(const Moment& moment, Clock::time_point now) {
  for (const std::size_t settled = moment.metrics.settled(); read_ < settled; ++read_) {
    for (const host::MetricRow& row : moment.metrics.at(read_)) {
      if (row.node.is_cloud()) last_[row.name] = row.value;
    }
  }
  if (!metrics_ || now < next_write_) return;
  next_write_ = now + kBetweenWrites;
  complain(metrics_->take(moment.metrics));
}

void RunMonitor::show(const role::Catalogue& models) {
  if (models_) models_->look(models);
}

void RunMonitor::saved(const Moment& moment) { note("checkpoint at " + headway(moment).words); }

void RunMonitor::stop(const Moment& moment) {
  next_write_ = {};
  take(moment, Clock::now());
  if (models_ && moment.models != nullptr) models_->finish(*moment.models);
  line_.hide();
}

void RunMonitor::say(const std::string& line) {
  line_.hide();
  std::fprintf(stderr, "skerry: %s\n", line.c_str());
  note(line);
}

void RunMonitor::note(const std::string& line) {
  if (log_) complain(log_->add(line));
}

void RunMonitor::end(const host::RunRecord& record) {
  line_.hide();
  if (models_) models_->end(record);
  std::map<std::string, double> counted;  // names that the run made up, as `refused/duplicate`
  for (const host::MetricRow& row : record.metrics) {
    const role::MetricInfo* info = record.declared.find(row.name);
    if (row.node.is_cloud() && info != nullptr && info->name != row.name) {
      counted[row.name] = row.value;
    }
  }
  std::string outcomes;
  for (const auto& [name, value] : counted) {
    outcomes += (outcomes.empty() ? "" : ", ") + name + " " + readable_value(value, "1");
  }
  if (!outcomes.empty()) note("outcomes: " + outcomes);
  for (const host::FailedJobs& failed : record.failed_jobs) {
    note("jobs that failed: " + host::in_words(failed));
  }
  for (const auto& [cause, count] : record.undelivered) {
    note("messages undelivered: " + std::to_string(count) + " " + cause);
  }
  if (record.corrupted > 0) note("messages corrupted: " + std::to_string(record.corrupted));
  if (!record.nothing_learnt.empty()) note("nothing was learnt: " + record.nothing_learnt);
  note("ended: " + record.stop_reason + "; after " + to_string(record.ended) + " of its time and " +
       readable_seconds(record.wall_seconds) + " of work");
}

role::Headway RunMonitor::headway(const Moment& moment) const {
  return setup_.paradigm->headway(standing(moment));
}

/// The first declared headline that was measured.
std::string RunMonitor::headline() const {
  for (const role::MetricInfo& info : setup_.results.metrics) {
    const auto value = info.headline ? last_.find(info.name) : last_.end();
    if (value != last_.end()) return in_words(info, value->second);
  }
  return "";
}

role::Standing RunMonitor::standing(const Moment& moment) const {
  return {.step = moment.step,
          .now = moment.now,
          .last = [this](std::string_view metric) -> std::optional<double> {
            const auto found = last_.find(metric);
            if (found == last_.end()) return std::nullopt;
            return found->second;
          }};
}

void RunMonitor::complain(const Status& status) {
  if (status || complained_) return;
  complained_ = true;
  line_.hide();
  std::fprintf(stderr, "skerry: %s; the run goes on without it\n", status.message().c_str());
}

}  // namespace skerry::experiments
