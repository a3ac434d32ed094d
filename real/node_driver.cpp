#include "real/node_driver.hpp"

#include <algorithm>

#include "scenarios/host/durable_file.hpp"
#include "scenarios/role/route.hpp"

namespace skerry::real {

using host::Executor;

namespace {

template <class... Fs>
struct Overload : Fs... {
  using Fs::operator()...;
};

constexpr std::size_t kBatch = 256;  // inputs that share one commit
constexpr auto kTick = std::chrono::milliseconds(100);
constexpr std::int64_t kFar = 1'000'000'000'000'000'000;  // ns: about thirty years

}  // namespace

NodeDriver::NodeDriver(const role::Paradigm& paradigm, Options options)
    : paradigm_(paradigm), options_(std::move(options)), role_(paradigm.make_role(options_.self)) {
  executor_ = std::make_unique<Executor>(paradigm,
                                         Executor::InBackground{options_.threads, options_.watch});
  executor_->on_finished(
      [this](const Executor::TaskRef& task) { post([this, task] { finished(task); }); });
}

NodeDriver::~NodeDriver() {
  if (saving_) saving_->thread.join();
}

void NodeDriver::post(std::function<void()> item) {
  {
    const std::lock_guard lock(mutex_);
    inbox_.push_back(std::move(item));
  }
  changed_.notify_one();
}

void NodeDriver::leave() {
  {
    const std::lock_guard lock(mutex_);
    leaving_ = true;
  }
  changed_.notify_one();
}

SimTime NodeDriver::now() {
  const auto passed = std::chrono::steady_clock::now() - clock_base_;
  const SimTime time =
      time_base_ +
      Duration::nanoseconds(std::chrono::duration_cast<std::chrono::nanoseconds>(passed).count());
  return std::max(time, last_now_);
}

void NodeDriver::after_commit(std::function<void()> action) {
  after_commit_.push_back(std::move(action));
}

void NodeDriver::feed(role::Event event, const LinkNote& note) {
  if (outcome_ || !status_) return;
  const role::Input input{now(), std::move(event)};
  if (journal_) {
    status_ = write_down(input, note);
    if (!status_) return;
  }
  apply(input, note);
}

void NodeDriver::command(const std::string& text, std::function<void(const role::Reply&)> replied) {
  const bool over = outcome_.has_value() || !status_;
  reply_.reset();
  feed(role::Command{text});
  role::Reply said = reply_.value_or(role::Reply{
      false, over ? "the run is over" : "nobody in this run knows the command \"" + text + "\""});
  after_commit([reply = std::move(said), told = std::move(replied)] { told(reply); });
}

std::optional<role::LabelsHeard> NodeDriver::label(role::LabelsArrived said) {
  heard_.reset();
  feed(std::move(said));
  return std::exchange(heard_, std::nullopt);
}

/// Enters an input into the journal; durable at the next commit, or at once where the role must not
/// see it otherwise.
Status NodeDriver::write_down(const role::Input& input, const LinkNote& note) {
  const auto* done = std::get_if<role::JobFinished>(&input.event);
  const bool once = done && paradigm_.jobs().of(running_.at(done->number).kind).once;
  const auto appended = journal_->append(
      input, to_bytes(note), once ? std::span(done->outputs) : std::span<const role::PayloadRef>());
  if (!appended) return appended.failure();
  return once ? journal_->commit() : Status();
}

void NodeDriver::apply(const role::Input& input, const LinkNote& note) {
  ++inputs_;
  last_now_ = input.now;
  if (note.kind == LinkNote::Kind::kMessage) {
    links_[note.peer].received = note.number;
    links_[note.peer].answered = true;
  }
  if (note.kind == LinkNote::Kind::kJoined) {
    Link& link = links_[note.peer];
    if (link.incarnation != 0 && link.incarnation != note.incarnation) {
      link.fenced.push_back(link.incarnation);
    }
    link.incarnation = note.incarnation;
    link.site = note.site;
    link.begin(note.number);
  }
  if (note.kind == LinkNote::Kind::kWatched) watched_ = note.place;
  if (std::holds_alternative<role::SamplesArrived>(input.event)) ++samples_;
  if (const auto* lost = std::get_if<role::PeerLost>(&input.event)) {
    ++parity_.lost;
    links_[lost->node].joined = false;
    links_[lost->node].unacknowledged.clear();
  }
  if (const auto* fired = std::get_if<role::TimerFired>(&input.event)) {
    ++parity_.timers;
    timers_.erase(fired->timer);
  }
  if (const auto* done = std::get_if<role::JobFinished>(&input.event)) running_.erase(done->number);
  if (const auto* request = std::get_if<role::Request>(&input.event)) {
    SKERRY_CHECK(request->number > last_request_, "requests from outside are numbered upwards");
    last_request_ = request->number;
    open_requests_.push_back(request->number);
  }
  if (const auto* failed = std::get_if<role::JobFailed>(&input.event)) {
    const auto job = running_.extract(failed->number);
    SKERRY_CHECK(!job.empty(), "a job that fails was started");
    failures_.add(paradigm_.jobs().of(job.mapped().kind).name, failed->failure);
  }
  try {
    role::Effects effects;
    role_->step(input, effects);
    perform(effects);
  } catch (const JobError& error) {
    end_with(host::RunFault::plugin(error.failure()));
  }
}

void NodeDriver::perform(role::Effects& effects) {
  for (role::Effect& effect : effects.list()) {
    if (outcome_ || fault_) return;
    std::visit(Overload{
                   [&](role::Send& e) { send(std::move(e.message)); },
                   [&](role::SetTimer& e) { timers_[e.timer] = e.at; },
                   [&](role::CancelTimer& e) { timers_.erase(e.timer); },
                   [&](role::StartJob& e) { start(std::move(e.job)); },
                   [&](role::CancelJob& e) { running_.erase(e.number); },
                   [&](role::RecordMetric& e) {
                     record({e.name, options_.self, last_now_, e.step.number, e.value});
                   },
                   [&](role::Answer& e) { answer(std::move(e)); },
                   [&](role::Deploy&) {},
                   [&](role::Reply& e) { reply_ = std::move(e); },
                   [&](role::Persist&) {},  // the journal is durable before anything leaves
                   [&](role::Stop& e) { outcome_ = std::move(e); },
                   [&](role::AskLabels& e) { ask(std::move(e)); },
                   [&](role::LabelsHeard& e) { heard_ = std::move(e); },
                   [&](role::Remark& e) {
                     if (on_remark && !reading_) on_remark(e.text);
                   },
               },
               effect);
  }
}

void NodeDriver::send(role::Message message) {
  SKERRY_CHECK(message.from == options_.self, "a node sends in its own name");
  if (const auto why = role::refused_route(options_.self, message.to)) {
    return end_with(host::RunFault::route(*why));
  }
  const NodeId peer = message.to;
  if (!parity_.begun && options_.self.is_cloud()) {
    parity_.begun = true;
    parity_.all_joined = std::count_if(links_.begin(), links_.end(), [](const auto& entry) {
                           return entry.second.joined;
                         }) == options_.edges;
  }
  const auto found = links_.find(peer);
  if (found == links_.end() || !found->second.joined) {
    const bool never = found == links_.end() || found->second.epoch == 0;
    return undelivered_.add(never ? host::Undelivered::kNeverJoined : host::Undelivered::kLeft);
  }
  Link& link = found->second;
  link.answered = false;
  const std::uint64_t number = ++link.sent;
  link.unacknowledged.emplace_back(number, message);
  if (link.channel) {
    after_commit([channel = link.channel, number, sent = std::move(message)]() mutable {
      channel->send(number, std::move(sent));
    });
  }
}

void NodeDriver::answer(role::Answer answer) {
  if ((answer.request & role::kFromOutside) == 0) return;  // the role asked itself
  const std::size_t answered = std::erase(open_requests_, answer.request);
  SKERRY_CHECK(answered == 1, "a request gets one answer");
  if (!on_answer) return;
  after_commit([this, given = std::move(answer)] { on_answer(given); });
}

void NodeDriver::ask(role::AskLabels asked) {
  if (!on_ask) return;
  if (reading_) return on_ask(asked);  // what led to it was durable before
  after_commit([this, questions = std::move(asked)] { on_ask(questions); });
}

role::PayloadId NodeDriver::next_samples() const {
  // No request has such a name: their numbers grow from kFromOutside by one.
  constexpr std::uint64_t kOfSamples = role::kFromOutside | role::kFromOutside >> 1;
  return {std::uint64_t{options_.self.number()} << 32, kOfSamples + samples_};
}

void NodeDriver::start(role::Job job) {
  SKERRY_CHECK(job.node == options_.self, "a role starts jobs of its own node");
  SKERRY_CHECK(!job.detached || !paradigm_.jobs().of(job).once, "a measurement may run again");
  const std::uint64_t number = job.number;
  Running running;
  running.detached = job.detached;
  running.kind = job.kind;
  running.step = job.step;
  running.began = last_now_;
  if (job.detached) running.place = metrics_.reserve();
  if (durable()) running.job = job;
  if (must_wait(running.kind)) {
    running_[number] = std::move(running);
  } else {
    submit(number, running, std::move(job));
  }
}

void NodeDriver::submit(std::uint64_t number, Running& running, role::Job job) {
  running.task = executor_->submit(std::move(job), running.began);
  for (const role::PayloadRef& output : executor_->outputs(running.task)) table_.add(output);
  running_[number] = std::move(running);
}

void NodeDriver::finished(const Executor::TaskRef& task) {
  const auto& failure = executor_->failure(task);
  for (const role::PayloadRef& output : executor_->outputs(task)) {
    if (failure) break;
    largest_payload_ = std::max<std::uint64_t>(largest_payload_, output.encoded_bytes());
  }
  const auto found = running_.find(task->number());
  if (found == running_.end() || found->second.task != task) return;  // cancelled
  if (found->second.detached) {
    if (fill_metrics(found->second)) running_.erase(found);
    return;
  }
  if (failure) return feed(role::JobFailed{task->number(), *failure});
  role::JobFinished done{task->number(), executor_->outputs(task), {}};
  if (paradigm_.jobs().of(found->second.kind).reports) done.report = executor_->await(task);
  feed(std::move(done));
}

/// Records what a detached job measured; waits for it. False if it failed: then the run is over.
bool NodeDriver::fill_metrics(const Running& running) {
  const ByteVector& report = executor_->await(running.task);
  if (const auto& failure = executor_->failure(running.task)) {
    end_with(host::RunFault::measurement(paradigm_.jobs().of(running.kind).name, options_.self,
                                         running.step, *failure));
    return false;
  }
  const auto metrics = from_bytes<role::Metrics>(report);
  SKERRY_CHECK(metrics.has_value(), "a detached job reports metrics");
  std::vector<host::MetricRow> rows;
  for (const auto& [name, value] : *metrics) {
    rows.push_back({name, options_.self, running.began, running.step, value});
    last_metrics_[name] = rows.back();
  }
  metrics_.fill(running.place, std::move(rows));
  return true;
}

/// At the end of the run, in the order in which they were started.
void NodeDriver::fill_all_metrics() {
  for (auto& [number, running] : running_) {
    if (running.detached && !fill_metrics(running)) return;
  }
  running_.clear();
}

/// The first fault is the one that is reported.
void NodeDriver::end_with(host::RunFault fault) {
  if (fault_) return;
  fault_ = std::move(fault);
  if (status_) status_ = Failure{fault_->text};
}

void NodeDriver::record(host::MetricRow row) {
  last_metrics_[row.name] = row;
  metrics_.add(std::move(row));
}

bool NodeDriver::waits() const {
  const auto delivered = [](const auto& entry) { return entry.second.unacknowledged.empty(); };
  return running_.empty() && timers_.empty() &&
         std::all_of(links_.begin(), links_.end(), delivered);
}

void NodeDriver::fire_timers() {
  for (;;) {
    const auto due = std::min_element(timers_.begin(), timers_.end(), [](auto& a, auto& b) {
      return std::pair(a.second, a.first) < std::pair(b.second, b.first);
    });
    if (due == timers_.end() || due->second > now() || outcome_ || !status_) return;
    feed(role::TimerFired{due->first});
  }
}

void NodeDriver::settle() {
  if (journal_ && status_) status_ = journal_->commit();
  if (!status_) {
    after_commit_.clear();
    return;
  }
  std::vector<std::function<void()>> actions;
  std::swap(actions, after_commit_);
  for (auto& action : actions) action();
  if (on_catalogue && role_->catalogue() != nullptr) on_catalogue(*role_->catalogue());
  if (durable() && inputs_ - checkpointed_ >= options_.checkpoint_every) {
    begin_to_save();
  }
}

void NodeDriver::wait(std::unique_lock<std::mutex>& lock) {
  const auto something = [this] { return leaving_ || !inbox_.empty(); };
  std::optional<std::chrono::steady_clock::time_point> until;
  if (on_tick) until = ticked_ + kTick;
  for (const auto& [timer, at] : timers_) {
    const auto due =
        clock_base_ + std::chrono::nanoseconds(std::min((at - time_base_).count(), kFar));
    until = std::min(until.value_or(due), due);
  }
  if (until) {
    changed_.wait_until(lock, *until, something);
  } else {
    changed_.wait(lock, something);
  }
}

void NodeDriver::tick() {
  if (!on_tick || std::chrono::steady_clock::now() - ticked_ < kTick) return;
  on_tick();
  ticked_ = std::chrono::steady_clock::now();
}

Status NodeDriver::run() {
  time_base_ = last_now_;
  clock_base_ = std::chrono::steady_clock::now();
  bool leaving = false;
  while (!leaving && !outcome_ && status_) {
    std::vector<std::function<void()>> items;
    {
      std::unique_lock lock(mutex_);
      wait(lock);
      leaving = leaving_;
      while (!inbox_.empty() && items.size() < kBatch) {
        items.push_back(std::move(inbox_.front()));
        inbox_.pop_front();
      }
    }
    for (auto& item : items) item();
    fire_timers();
    tick();
    settle();
  }
  const bool kept = durable() && status_;
  if (outcome_ && !fault_ && !status_) {
    // The end of the run could not be kept; its result is here all the same.
    if (on_trouble) on_trouble(status_.message());
    status_ = Status();
  }
  if (outcome_ && status_) fill_all_metrics();
  end_saving();
  if (kept && status_) save_at_end();
  return status_;
}

}  // namespace skerry::real
