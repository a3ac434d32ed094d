#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "algorithms/sdk/archive.hpp"
#include "algorithms/sdk/result.hpp"
#include "real/skerry.pb.h"
#include "real/spool.hpp"
#include "scenarios/host/refusal.hpp"
#include "scenarios/role/encoding.hpp"
#include "scenarios/role/message.hpp"

namespace skerry::real {

/// Frames that wait to be written to one peer: control frames first, then messages in order, each
/// cut into chunks of role::kChunkBytes only when its turn comes. Nothing of a waiting message is
/// encoded, and only a chunk of the one being sent. Not thread-safe.
class FrameQueue {
 public:
  void push(wire::Frame control) { control_.push_back(std::move(control)); }
  void push(std::uint64_t number, role::Message message);
  /// Messages not yet sent whole are dropped; control frames stay.
  void drop_messages();
  /// The next frame to write, or false where there is none.
  bool next(wire::Frame& frame);

 private:
  struct Outgoing {
    std::uint64_t number;
    role::Message message;
  };
  void begin(wire::Frame& frame);

  std::deque<wire::Frame> control_;
  std::deque<Outgoing> messages_;
  // Of the message at the front, once it has begun.
  bool begun_ = false;
  std::deque<role::Encoding> payloads_;  // the first is being sent
  std::uint64_t offset_ = 0;             // in it
  RunningHash hash_;
};

/// A message that has arrived whole, its payloads still encoded.
struct ArrivedMessage {
  std::uint64_t number = 0;
  role::Message message;  // without payloads
  std::vector<role::PayloadId> ids;
  std::vector<std::uint64_t> sizes;
  Spool spool;

  /// Puts the payloads into the message: small ones decoded, large ones checked and left in their
  /// file until their values are needed. Errors: bytes that are not a payload.
  Result<role::Message> load();
};

/// Assembles messages from frames. Bytes come from a peer: no size is believed before it is
/// checked, and what is large waits in a file. Not thread-safe.
class MessageAssembler {
 public:
  struct Limits {
    std::uint64_t body = 1 << 20;
    std::uint64_t payloads = 64 << 20;  // bytes of all of them
    std::filesystem::path folder;       // of spooled messages
  };
  struct Fault {
    host::RefusalReason reason;
    std::string text;
  };

  std::optional<Fault> begin(const wire::Begin& begin, const Limits& limits);
  std::optional<Fault> chunk(const std::string& bytes);
  /// Then the message can be taken.
  std::optional<Fault> end(const wire::End& end);
  ArrivedMessage take();
  /// In the middle of a message.
  bool open() const { return open_; }

 private:
  bool open_ = false;
  ArrivedMessage arrived_;
  std::size_t payload_ = 0;      // being filled
  std::uint64_t remaining_ = 0;  // of that payload
  RunningHash hash_;
};

}  // namespace skerry::real
