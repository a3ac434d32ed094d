#include "scenarios/role/role.hpp"

namespace skerry::role {

namespace {
template <class... Fs>
struct Overload : Fs... {
  using Fs::operator()...;
};
}  // namespace

void Role::step(const Input& input, Effects& effects) {
  const SimTime now = input.now;
  see(input.presence);
  std::visit(Overload{
                 [&](const Start& e) { on_start(e, now, effects); },
                 [&](const MessageArrived& e) { on_message(e.message, now, effects); },
                 [&](const TimerFired& e) { on_timer(e.timer, now, effects); },
                 [&](const JobFinished& e) { on_job(e, now, effects); },
                 [&](const JobFailed& e) { on_job_failed(e, now, effects); },
                 [&](const PeerJoined& e) { on_peer_joined(e, now, effects); },
                 [&](const PeerLost& e) { on_peer_lost(e.node, now, effects); },
                 [&](const Request& e) { on_request(e, now, effects); },
                 [&](const Command& e) { on_command(e, now, effects); },
                 [&](const SamplesArrived& e) { on_samples(e, now, effects); },
                 [&](const LabelsArrived& e) { on_labels(e, now, effects); },
             },
             input.event);
}

void Role::on_request(const Request& request, SimTime, Effects& effects) {
  effects.answer({.request = request.number, .refusal = "this paradigm answers no requests"});
}

}  // namespace skerry::role
