#include "experiments/live_record.hpp"

#include <cstdio>

#include "experiments/command.hpp"
#include "experiments/results/manifest.hpp"

namespace skerry::experiments {

host::RunRecord live_record(const real::NodeDriver& driver, const Setup& setup,
                            const ConfigNode& scenario) {
  host::RunRecord record;
  record.scenario = scenario;
  record.declared = setup.results;
  record.ended = driver.ended();
  record.wall_seconds = record.ended.in_seconds();
  record.metrics = driver.metrics().rows();
  record.failed_jobs = driver.failures().rows();
  record.undelivered = driver.undelivered().met();
  record.numerics = setup.paradigm->numerics();
  record.data_hash = setup.data->data_set().content_hash;
  record.data_origin = setup.data->data_set().origin;
  if (driver.outcome()) {
    record.take_end(*driver.outcome());
    if (driver.outcome()->model) record.result = driver.outcome()->model.payload();
  }
  return record;
}

void print_failed_jobs(const std::vector<host::FailedJobs>& rows) {
  for (const host::FailedJobs& failed : rows) {
    std::printf("  jobs that failed: %s\n", host::in_words(failed).c_str());
  }
}

int exit_code_of(const std::optional<host::RunFault>& fault) {
  return fault && fault->kind == host::RunFault::Kind::kContract ? kBug : kWorldFailed;
}

std::string model_sha256(const Payload& result) {
  const Record* model = result.find("model");
  return model == nullptr ? "" : sha256(model->bytes());
}

}  // namespace skerry::experiments
