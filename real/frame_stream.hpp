#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "real/channel.hpp"
#include "real/message_frames.hpp"
#include "real/skerry.grpc.pb.h"

namespace skerry::real {

/// One end of a stream of frames: writes what waits, one frame at a time, and assembles messages
/// from what comes. It stops reading after each message until listen(). `Reactor` is gRPC's server
/// or client end; gRPC calls it from its own threads.
template <class Reactor>
class FrameStream : public Reactor, public Channel {
 public:
  void send(std::uint64_t number, role::Message message) override {
    const std::lock_guard lock(mutex_);
    if (ended_ || closing_) return;
    queue_.push(number, std::move(message));
    pump();
  }
  void acknowledge(std::uint64_t number) override {
    wire::Frame frame;
    frame.mutable_acknowledge()->set_number(number);
    control(std::move(frame));
  }
  void refuse(std::uint64_t number, host::RefusalReason reason, const std::string& text) override {
    wire::Frame frame;
    frame.mutable_refused()->set_number(number);
    frame.mutable_refused()->set_reason(std::string(host::to_string(reason)));
    frame.mutable_refused()->set_text(text);
    control(std::move(frame));
  }
  void listen() override {
    const std::lock_guard lock(mutex_);
    if (paused_ && !ended_) {
      paused_ = false;
      this->StartRead(&incoming_);
    }
  }
  /// Writes a frame before any message.
  void control(wire::Frame frame) {
    const std::lock_guard lock(mutex_);
    if (ended_ || closing_) return;
    queue_.push(std::move(frame));
    pump();
  }

 protected:
  using Fault = MessageAssembler::Fault;

  /// A frame that is not part of a message.
  virtual std::optional<Fault> on_control(const wire::Frame& frame) = 0;
  virtual void on_message(ArrivedMessage message) = 0;
  virtual MessageAssembler::Limits limits() const = 0;
  /// Whether messages may come.
  virtual bool joined() const = 0;
  /// The peer broke the rules.
  virtual void on_fault(const Fault& fault) = 0;
  /// Nothing more will come.
  virtual void on_end() = 0;
  /// Everything is written and nothing more will be. With mutex() held.
  virtual void on_drained() = 0;

  std::mutex& mutex() { return mutex_; }

  /// With mutex() held: writes out the control frames and then calls on_drained().
  void drain() {
    closing_ = true;
    queue_.drop_messages();
    pump();
  }

  void begin_reading() { this->StartRead(&incoming_); }

  void pump() {
    if (writing_ || ended_) return;
    if (queue_.next(outgoing_)) {
      writing_ = true;
      this->StartWrite(&outgoing_);
    } else if (closing_) {
      ended_ = true;
      on_drained();
    }
  }

  /// With mutex() held: nothing may be started any more. False if that was so already.
  bool end() { return !std::exchange(ended_, true); }
  bool ended() const { return ended_; }
  std::chrono::steady_clock::time_point last_frame() const { return last_frame_.load(); }
  bool in_message() const { return in_message_.load(); }

 private:
  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    writing_ = false;
    if (ok)
      pump();  // otherwise reading ends too, and says so
    else if (closing_ && !ended_) {
      ended_ = true;
      on_drained();
    }
  }

  void OnReadDone(bool ok) override {
    if (!ok) return on_end();
    last_frame_ = std::chrono::steady_clock::now();
    const std::optional<Fault> fault = take();
    in_message_ = assembler_.open();
    if (fault) return on_fault(*fault);
    const bool whole = incoming_.kind_case() == wire::Frame::kEnd;
    {
      const std::lock_guard lock(mutex_);
      if (ended_) return;
      paused_ = whole;
      if (!whole) this->StartRead(&incoming_);
    }
    if (whole) on_message(assembler_.take());
  }

  std::optional<Fault> take() {
    const bool of_message = incoming_.kind_case() == wire::Frame::kBegin ||
                            incoming_.kind_case() == wire::Frame::kChunk ||
                            incoming_.kind_case() == wire::Frame::kEnd;
    if (of_message && !joined()) {
      return Fault{host::RefusalReason::kNoSession, "a message came before the session was joined"};
    }
    switch (incoming_.kind_case()) {
      case wire::Frame::kBegin:
        return assembler_.begin(incoming_.begin(), limits());
      case wire::Frame::kChunk:
        return assembler_.chunk(incoming_.chunk());
      case wire::Frame::kEnd:
        return assembler_.end(incoming_.end());
      default:
        return on_control(incoming_);
    }
  }

  std::mutex mutex_;
  FrameQueue queue_;
  wire::Frame outgoing_;
  bool writing_ = false;
  bool closing_ = false;  // only control frames that wait are still written
  bool ended_ = false;
  bool paused_ = false;

  wire::Frame incoming_;  // of the one read that is on its way
  MessageAssembler assembler_;
  std::atomic<std::chrono::steady_clock::time_point> last_frame_{std::chrono::steady_clock::now()};
  std::atomic<bool> in_message_ = false;
};

}  // namespace skerry::real
