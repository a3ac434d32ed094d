#include "scenarios/parts/rounds.hpp"

#include "scenarios/parts/async_rounds.hpp"
#include "scenarios/parts/sync_rounds.hpp"

namespace skerry::parts {

std::unique_ptr<Rounds> make_rounds(const Federation& federation, const CloudParts& parts) {
  if (federation.config().rounds.mode == Mode::kAsync) {
    return std::make_unique<AsyncRounds>(federation, parts);
  }
  return std::make_unique<SyncRounds>(federation, parts);
}

}  // namespace skerry::parts
