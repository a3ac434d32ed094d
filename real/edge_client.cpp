#include "real/edge_client.hpp"

#include <thread>

#include "algorithms/sdk/printable.hpp"
#include "real/dial.hpp"
#include "real/edge_session.hpp"
#include "real/loopback.hpp"
#include "real/run_identity.hpp"
#include "real/watch.hpp"

namespace skerry::real {

namespace {

using Clock = std::chrono::steady_clock;

std::chrono::nanoseconds span_of(Duration duration) {
  return std::chrono::nanoseconds(duration.count());
}

}  // namespace

struct EdgeClient::Impl final : EdgeSessionOwner {
  explicit Impl(Options given) : options(std::move(given)) { incarnation = random_identity(); }
  ~Impl() override { end_driver("the edge leaves"); }

  Status run();
  Status load_state();
  Status start_anew();
  Status take_offer(const std::shared_ptr<EdgeSession>& session, const wire::Offer& offer);
  Status begin_driver();
  void begin_to_watch();
  void run_driver();
  void end_driver(const std::string& why);
  Status serve(wire::Skerry::Stub& stub);
  bool pause(Duration& delay);

  void offered(const std::shared_ptr<EdgeSession>& session, const wire::Offer& offer) override;
  void welcomed(const std::shared_ptr<EdgeSession>& session, const wire::Welcome& welcome) override;
  void arrived(const std::shared_ptr<EdgeSession>& session, ArrivedMessage message) override;
  void acknowledged(const std::shared_ptr<EdgeSession>& session, std::uint64_t number) override;
  void refused(const wire::Refused& refused) override;
  void misled(const std::string& how) override;
  void finished(const std::string& reason) override;
  void closed(const grpc::Status& status) override;
  void take(const std::shared_ptr<EdgeSession>& session, ArrivedMessage& message);
  void enter(const std::shared_ptr<EdgeSession>& session, const wire::Welcome& welcome);
  void say(const std::string& line) const {
    if (options.say) options.say(line);
  }

  Options options;
  RunIdentity identity;
  host::FileHandle folder_lock;  // of the state folder
  std::uint64_t incarnation = 0;
  std::unique_ptr<InferServer> asked;  // outlives the driver
  std::unique_ptr<SampleWatch> watch;  // outlives the driver
  Deployed deployed;
  std::unique_ptr<NodeDriver> driver;
  std::thread thread;
  Status driver_status;

  // Between gRPC's threads, the driver's and run()'s.
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<wire::Offer> offer;
  std::optional<grpc::Status> ended;
  std::optional<std::string> over;
  bool welcome_came = false;
  bool stopping = false;
  bool driver_failed = false;
  bool cloud_is_behind = false;
};

/// The run goes on from before what this edge has seen of it, so its state is worthless: sets it
/// aside.
Status EdgeClient::Impl::start_anew() {
  say("the cloud knows less than this edge, as if its state had been restored from an older copy: "
      "the edge starts anew");
  end_driver("the cloud's state is older; the edge starts anew");
  driver.reset();
  incarnation = identity.incarnation = random_identity();
  cloud_is_behind = false;
  if (!options.state.empty()) {
    for (const char* part : {"journal", "checkpoints"}) {
      const auto place = options.state / part, aside = options.state / (std::string(part) + ".old");
      std::error_code error;
      std::filesystem::remove_all(aside, error);
      std::filesystem::rename(place, aside, error);
      if (error) return Failure{place.string() + ": " + error.message()};
    }
    if (auto saved = save_identity(options.state, identity); !saved) return saved;
  }
  return begin_driver();
}

Status EdgeClient::Impl::load_state() {
  if (options.state.empty()) return {};
  auto locked = lock_folder(options.state);
  if (!locked) return locked.failure();
  folder_lock = std::move(*locked);
  auto stored = load_identity(options.state, options.self);
  if (!stored) return stored.failure();
  if (!stored->has_value()) return {};
  identity = std::move(**stored);
  incarnation = identity.incarnation;
  return begin_driver();
}

Status EdgeClient::Impl::begin_driver() {
  auto made = options.deploy(identity.scenario);
  if (!made) return made.failure();
  deployed = std::move(*made);
  for (const std::string& remark : deployed.remarks) say("warning: " + remark);
  if (watch) {
    std::string why = deployed.paradigm->why_no_samples();
    if (why.empty() && !deployed.rows) why = "the edge has no form for them";
    if (!why.empty()) return wrong_input("rows cannot be watched: " + why);
  }
  const std::string data = "the data of hash " + hex16(deployed.site.data_hash);
  if (identity.origin.empty()) {
    identity.origin = data;
    if (!options.state.empty()) {
      if (auto saved = save_identity(options.state, identity); !saved) return saved;
    }
  } else if (identity.origin != data) {
    return wrong_input(options.state.string() + ": was made on " + identity.origin + ", not on " +
                       data + "; choose another folder or remove it");
  }
  driver = std::make_unique<NodeDriver>(*deployed.paradigm,
                                        NodeDriver::Options{.self = options.self,
                                                            .edges = identity.edges,
                                                            .threads = options.threads,
                                                            .state = options.state,
                                                            .run = identity.run,
                                                            .record = options.record,
                                                            .watch = options.watch});
  driver->on_trouble = options.say;
  driver->on_remark = options.say;
  if (auto recovered = driver->recover(); !recovered) return recovered;
  for (const std::string& remark : driver->remarks()) say(remark);
  if (asked) {
    asked->attach(*driver, {.shape = deployed.schema.input,
                            .classes = deployed.schema.classes,
                            .bytes = deployed.bytes,
                            .features = deployed.features});
  }
  if (watch) begin_to_watch();
  thread = std::thread([this] { run_driver(); });
  return {};
}

/// From now on rows that come enter the driver.
void EdgeClient::Impl::begin_to_watch() {
  watch->set_form(std::move(*deployed.rows));
  watch->attach(*driver);
  driver->on_tick = [this, before = std::move(driver->on_tick)] {
    if (before) before();
    watch->look();
  };
}

void EdgeClient::Impl::run_driver() {
  driver_status = driver->run();
  if (asked) asked->detach(driver_status ? "the run is over" : driver_status.message());
  const std::lock_guard lock(mutex);
  driver_failed = !driver_status.ok();
  changed.notify_all();
}

void EdgeClient::Impl::end_driver(const std::string& why) {
  if (asked) asked->detach(why);
  if (driver) driver->leave();
  if (thread.joinable()) thread.join();
}

Status EdgeClient::Impl::take_offer(const std::shared_ptr<EdgeSession>& session,
                                    const wire::Offer& got) {
  if (!driver || got.run() != identity.run) {
    if (driver && !options.state.empty()) {
      return wrong_input(options.state.string() +
                         ": holds the state of another run; choose another folder or remove it");
    }
    end_driver("the run is over; another one begins");
    driver.reset();
    if (identity.run != 0) incarnation = random_identity();
    identity = {options.self, got.run(), incarnation, got.edges(), got.scenario(), ""};
    if (!options.state.empty()) {
      if (auto saved = save_identity(options.state, identity); !saved) return saved;
    }
    if (auto begun = begin_driver(); !begun) return begun;
  }
  driver->post([this, session] {
    const Link& link = driver->links()[NodeId::cloud()];
    wire::Join join;
    const ByteVector schema = to_bytes(deployed.schema);
    join.set_numerics(std::string(deployed.paradigm->numerics()));
    join.set_schema(schema.data(), schema.size());
    join.set_samples(deployed.samples);
    join.set_epoch(link.joined ? link.epoch : 0);
    const Counted counted = link.counted();
    join.set_received(counted.received);
    join.set_first(counted.first);
    join.set_sent(counted.sent);
    join.set_data(deployed.site.data_hash);
    join.set_own_data(deployed.site.own);
    session->join(join);
  });
  return {};
}

void EdgeClient::Impl::offered(const std::shared_ptr<EdgeSession>&, const wire::Offer& got) {
  const std::lock_guard lock(mutex);
  offer = got;
  changed.notify_all();
}

void EdgeClient::Impl::welcomed(const std::shared_ptr<EdgeSession>& session,
                                const wire::Welcome& welcome) {
  driver->post([this, session, welcome] { enter(session, welcome); });
  const std::lock_guard lock(mutex);
  welcome_came = true;
  changed.notify_all();
}

void EdgeClient::Impl::enter(const std::shared_ptr<EdgeSession>& session,
                             const wire::Welcome& welcome) {
  const NodeId cloud = NodeId::cloud();
  Link& link = driver->links()[cloud];
  if (welcome.behind()) {
    const std::lock_guard lock(mutex);
    cloud_is_behind = true;
    changed.notify_all();
    return;
  }
  if (link.joined && link.epoch == welcome.epoch()) {
    link.acknowledged(welcome.received());
    link.channel = session;
    for (const auto& [number, message] : link.unacknowledged) session->send(number, message);
    return;
  }
  if (link.joined) driver->feed(role::PeerLost{cloud});
  link.channel = session;
  driver->feed(role::PeerJoined{cloud, 0}, {.kind = LinkNote::Kind::kJoined,
                                            .peer = cloud,
                                            .number = welcome.epoch(),
                                            .incarnation = identity.run});
}

void EdgeClient::Impl::arrived(const std::shared_ptr<EdgeSession>& session,
                               ArrivedMessage message) {
  auto held = std::make_shared<ArrivedMessage>(std::move(message));
  driver->post([this, session, held] { take(session, *held); });
}

void EdgeClient::Impl::take(const std::shared_ptr<EdgeSession>& session, ArrivedMessage& arrived) {
  Link& link = driver->links()[NodeId::cloud()];
  const std::uint64_t number = arrived.number;
  if (link.channel != session) return session->cancel();
  if (number != link.received + 1 || arrived.message.to != options.self) {
    say("the cloud sent message " + std::to_string(number) + " out of turn");
    return session->cancel();
  }
  auto message = arrived.load();
  if (!message) {
    say("a message of the cloud cannot be read: " + message.message());
    return session->cancel();
  }
  driver->feed(role::MessageArrived{std::move(*message)},
               {.kind = LinkNote::Kind::kMessage, .peer = NodeId::cloud(), .number = number});
  driver->after_commit([session, number] {
    session->acknowledge(number);
    session->listen();
  });
}

void EdgeClient::Impl::acknowledged(const std::shared_ptr<EdgeSession>& session,
                                    std::uint64_t number) {
  driver->post([this, session, number] {
    Link& link = driver->links()[NodeId::cloud()];
    if (link.channel == session) link.acknowledged(number);
  });
}

void EdgeClient::Impl::refused(const wire::Refused& refused) {
  say("the cloud refused message " + std::to_string(refused.number()) + " (" + refused.reason() +
      "): " + refused.text());
}

void EdgeClient::Impl::misled(const std::string& how) {
  say("the cloud breaks the protocol: " + how);
}

void EdgeClient::Impl::finished(const std::string& reason) {
  const std::lock_guard lock(mutex);
  over = reason;
  changed.notify_all();
}

void EdgeClient::Impl::closed(const grpc::Status& status) {
  const std::lock_guard lock(mutex);
  ended = status;
  changed.notify_all();
}

Status EdgeClient::Impl::serve(wire::Skerry::Stub& stub) {
  wire::Hello hello;
  hello.set_version(kProtocolVersion);
  hello.set_node(to_string(options.self));
  hello.set_incarnation(incarnation);
  hello.set_run(identity.run);
  std::unique_lock lock(mutex);
  offer.reset();
  ended.reset();
  welcome_came = false;
  lock.unlock();
  const auto session = std::make_shared<EdgeSession>(*this, options.state);
  session->start(stub, hello);
  Status status;
  bool cancelled = false;
  const auto give_up = Clock::now() + std::chrono::seconds(30);
  bool offer_came = false;
  lock.lock();
  const auto leaves = [this] { return stopping || driver_failed || cloud_is_behind; };
  while (!ended) {
    const auto due = [&] { return ended || offer || (!cancelled && leaves()); };
    if (offer_came || cancelled) {
      changed.wait(lock, due);
    } else if (!changed.wait_until(lock, give_up, due)) {
      cancelled = true;  // connected to something that does not answer
      lock.unlock();
      session->cancel();
      lock.lock();
      continue;
    }
    if (offer && !cancelled) {
      offer_came = true;
      const wire::Offer got = std::move(*std::exchange(offer, std::nullopt));
      lock.unlock();
      status = take_offer(session, got);
      lock.lock();
    }
    offer.reset();
    if (!ended && !cancelled && (leaves() || !status)) {
      cancelled = true;
      lock.unlock();
      session->cancel();
      lock.lock();
    }
  }
  if (driver_failed) status = driver_status;
  if (driver) {
    driver->post([this, session] {
      Link& link = driver->links()[NodeId::cloud()];
      if (link.channel == session) link.channel = nullptr;
    });
  }
  return status;
}

bool EdgeClient::Impl::pause(Duration& delay) {
  const double jitter = 0.8 + 0.4 * static_cast<double>(random_identity()) * 0x1p-64;
  const auto wait = std::chrono::duration_cast<std::chrono::nanoseconds>(span_of(delay) * jitter);
  delay = std::min(options.retry_most, Duration::nanoseconds(delay.count() * 8 / 5));
  std::unique_lock lock(mutex);
  changed.wait_for(lock, wait, [this] { return stopping || driver_failed; });
  return !stopping;
}

Status EdgeClient::Impl::run() {
  if (!options.keys && !options.plaintext) {
    return wrong_input(
        "no keys were given; make some with skerry keys, or say --plaintext on a loopback address");
  }
  if (!options.keys && !is_loopback(options.server)) {
    return wrong_input("without keys only a loopback address may be dialled, not " +
                       options.server);
  }
  if (!options.watch_rows.empty()) {
    if (options.state.empty()) {
      return wrong_input(
          "rows are watched with a state folder only: there stands which were taken");
    }
    auto opened = SampleWatch::open(options.watch_rows, options.say);
    if (!opened) return opened.failure();
    watch = std::move(*opened);
  }
  if (options.serve) {
    auto started = InferServer::start(*options.serve);
    if (!started) return started.failure();
    asked = std::move(*started);
    say(asked->how_to_ask());
  }
  if (auto loaded = load_state(); !loaded) return loaded;
  Duration delay = options.retry_least;
  auto last_contact = Clock::now();
  for (;;) {
    const auto stub = wire::Skerry::NewStub(dial(options.server, options.keys));
    const Status served = serve(*stub);
    if (!served) return served;
    if (stopping) return {};
    if (cloud_is_behind) {
      if (auto begun = start_anew(); !begun) return begun;
      continue;
    }
    if (over) {
      const std::string text = "the run is over";
      say(*over == text ? text : text + ": " + *over);
      return {};
    }
    const std::string text =
        std::string(name_of(ended->error_code())) + ": " + ended->error_message();
    if (!may_retry(*ended)) {
      const std::string& details = ended->error_details();
      // Other data than the cloud's, or another node's keys, are for whoever started the edge.
      const bool of_input = details == to_string(host::RefusalReason::kSchema) ||
                            details == to_string(host::RefusalReason::kIdentity);
      return Failure{options.server + ": " + text + (details.empty() ? "" : " [" + details + "]"),
                     of_input};
    }
    if (welcome_came) {
      last_contact = Clock::now();
      delay = options.retry_least;
    }
    if (Clock::now() - last_contact > span_of(options.give_up_after)) {
      return Failure{options.server + ": not reached for " + to_string(options.give_up_after) +
                     "; the last attempt: " + text};
    }
    say("no connection (" + text + "); dialling again");
    if (!pause(delay)) return {};
  }
}

EdgeClient::EdgeClient(Options options) : impl_(std::make_unique<Impl>(std::move(options))) {}

EdgeClient::~EdgeClient() = default;

Status EdgeClient::run() {
  const Status status = impl_->run();
  impl_->end_driver(impl_->over ? "the run is over: " + *impl_->over : "the edge leaves");
  impl_->asked.reset();
  return status;
}

std::vector<host::FailedJobs> EdgeClient::failed_jobs() const {
  return impl_->driver ? impl_->driver->failures().rows() : std::vector<host::FailedJobs>();
}

std::optional<host::RunFault> EdgeClient::fault() const {
  return impl_->driver ? impl_->driver->fault() : std::nullopt;
}

void EdgeClient::stop() {
  const std::lock_guard lock(impl_->mutex);
  impl_->stopping = true;
  impl_->changed.notify_all();
}

}  // namespace skerry::real
