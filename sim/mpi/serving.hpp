#pragma once

#include <functional>
#include <memory>
#include <span>

#include "scenarios/role/paradigm.hpp"
#include "sim/mpi/channel.hpp"

namespace skerry::mpi {

/// What a rank has prepared for one run.
struct Prepared {
  ByteVector answer;                               // for rank 0
  std::shared_ptr<const role::Paradigm> paradigm;  // null where it failed
  unsigned threads = 1;
};

/// The work of every rank but 0: runs the jobs that rank 0 sends, for one run after another, until
/// it is told to quit.
/// @param prepare  prepares the run that RemoteRanks::begin() named.
void serve(Channel& channel, const std::function<Prepared(std::span<const std::byte>)>& prepare);

}  // namespace skerry::mpi
