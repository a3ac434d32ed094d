// Which jobs run at other places, and which of their outputs are brought here.
#include <algorithm>

#include "scenarios/host/executor.hpp"

namespace skerry::host {

using role::PayloadRef;

/// The place that must run a task; nullopt if any may.
std::optional<unsigned> Executor::belongs_to(const Task& task) const {
  if (!places_) return 0;
  for (const PayloadRef& output : task.outputs_) {
    if (output.shape().empty()) return 0;  // it comes with the values, and roles look at it
  }
  const auto anywhere = task.small_ ? std::optional(0u) : std::nullopt;
  if (!task.node_.is_edge()) return anywhere;
  for (const PayloadRef& input : task.job_.inputs) {
    if (input && input.id().origin >> 32 == task.node_.number()) {
      return task.node_.index() % (places_->count() + 1);
    }
  }
  return anywhere;
}

/// Whether a thread here may run a task, now that each input is made or given up. A task with an
/// input that was given up fails here, wherever its other inputs are.
bool Executor::runs_here(const Task& task) const {
  const auto& inputs = task.job_.inputs;
  const auto given_up = [](const PayloadRef& input) { return input && input.given_up(); };
  if (std::any_of(inputs.begin(), inputs.end(), given_up)) return true;
  return task.home_.value_or(0) == 0 &&
         std::all_of(inputs.begin(), inputs.end(),
                     [](const PayloadRef& input) { return !input || input.ready(); });
}

void Executor::look() {
  if (!places_) return;
  while (auto news = places_->news()) take_in(std::move(*news));
  if (unplaced_count_ > 0) place_waiting();
  if (movable_.glance() > 0) give_away();
  elsewhere_->forget();
}

void Executor::take_in(Places::News news) {
  if (auto* finished = std::get_if<Places::Finished>(&news)) {
    const TaskRef task = std::move(sent_off_.extract(finished->task).mapped());
    --load_[task->place_];
    if (!finished->failure) return complete(task, std::move(finished->report));
    for (const PayloadRef& output : task->outputs_) elsewhere_->given_up(output);
    return fail(task, std::move(*finished->failure));
  }
  auto& returned = std::get<Places::Returned>(news);
  const auto waiting = coming_.extract(returned.key);
  elsewhere_->returned(std::move(returned));
  if (waiting.empty()) return;
  const auto lock = locked();
  for (const TaskRef& task : waiting.mapped()) {
    if (--task->unmet_ == 0) make_ready(task);
  }
}

void Executor::place_waiting() {
  std::vector<TaskRef> tasks;
  {
    const auto lock = locked();
    tasks.swap(unplaced_);
    unplaced_count_ = 0;
  }
  for (const TaskRef& task : tasks) place(task);
}

/// Sends off a task whose inputs are made, or waits for the inputs that must come here first.
void Executor::place(const TaskRef& task) {
  const unsigned home = task->home_.value_or(0);
  for (const PayloadRef& input : task->job_.inputs) {
    if (!input || input.ready() || (home > 0 && elsewhere_->has(home, input))) continue;
    coming_[elsewhere_->want(input)].push_back(task);
    ++task->unmet_;
  }
  if (task->unmet_ > 0) return;
  const auto lock = locked();
  if (home > 0) return send_off(task, home);
  make_ready(task);
}

/// Gives jobs that may run anywhere to places with room for them. A place has jobs in advance, so
/// that its threads need not wait for us, but no more than its fair share of all jobs.
void Executor::give_away() {
  const auto lock = locked();
  const std::size_t jobs = movable_.glance() + large_.glance() + running_ + sent_off_.size();
  for (bool given = true; given && !movable_.empty();) {
    given = false;
    for (unsigned place = 1; place < load_.size() && !movable_.empty(); ++place) {
      const std::size_t room = 2 * places_->threads() + 1;
      if (load_[place] >= std::min(room, share(place, jobs))) continue;
      send_off(movable_.pop(), place);
      given = true;
    }
  }
}

/// The fair share of a place: equally many jobs for each thread, and odd jobs to the first places.
std::size_t Executor::share(unsigned place, std::size_t jobs) const {
  const std::size_t threads = places_->threads();
  const std::size_t places = load_.size();
  const std::size_t odd = jobs % (places * threads);
  const std::size_t more = odd > place ? (odd - place + places - 1) / places : 0;
  return jobs / (places * threads) * threads + more;
}

void Executor::send_off(const TaskRef& task, unsigned place) {
  Order order{.task = task->sequence_,
              .wanted = task->wanted_,
              .job = std::move(task->job_),
              .inputs = {},
              .outputs = {}};
  for (const PayloadRef& input : order.job.inputs) {
    order.inputs.push_back(input ? elsewhere_->lend(place, input) : PayloadKey{0});
  }
  order.job.inputs.clear();
  for (const PayloadRef& output : task->outputs_) {
    order.outputs.push_back(elsewhere_->made(place, output));
  }
  task->place_ = place;
  ++load_[place];
  sent_off_.emplace(task->sequence_, task);
  note_begun(*task);
  places_->start(place, std::move(order));
  for (const PayloadRef& output : task->wanted_outputs_) elsewhere_->want(output);
  task->wanted_outputs_.clear();
}

/// The values of a payload are needed here.
void Executor::want(const PayloadRef& payload) {
  const auto lock = locked();
  const auto maker = makers_.find(payload.cell().get());
  if (maker != makers_.end()) return want_from(*maker->second, payload);
  if (!payload.ready()) elsewhere_->want(payload);
}

void Executor::want_from(Task& maker, const PayloadRef& output) {
  if (!places_) return;
  if (maker.place_ > 0) {
    elsewhere_->want(output);
  } else {
    maker.wanted_outputs_.push_back(output);
  }
}

void Executor::bring_all() {
  constexpr std::size_t kAtOnce = 64;
  for (auto away = elsewhere_->away(kAtOnce); !away.empty(); away = elsewhere_->away(kAtOnce)) {
    for (const PayloadRef& payload : away) elsewhere_->want(payload);
    serve([&] {
      return std::all_of(away.begin(), away.end(), [](const auto& one) { return one.ready(); });
    });
  }
}

}  // namespace skerry::host
