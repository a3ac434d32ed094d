#include "real/edge_session.hpp"

#include <future>

#include "real/dial.hpp"
#include "tests/catch.hpp"
#include "tests/real/arena.hpp"

namespace skerry {
namespace {

/// Uses its session within the last call that gRPC makes.
class Owner final : public real::EdgeSessionOwner {
 public:
  using Session = std::shared_ptr<real::EdgeSession>;

  void offered(const Session&, const wire::Offer&) override {}
  void welcomed(const Session&, const wire::Welcome&) override {}
  void arrived(const Session&, real::ArrivedMessage) override {}
  void acknowledged(const Session&, std::uint64_t) override {}
  void refused(const wire::Refused&) override {}
  void misled(const std::string&) override {}
  void finished(const std::string&) override {}
  void closed(const grpc::Status& status) override {
    handles_.set_value({session.use_count(), status.error_code()});
  }
  std::pair<long, grpc::StatusCode> at_the_end() { return handles_.get_future().get(); }

  Session session;

 private:
  std::promise<std::pair<long, grpc::StatusCode>> handles_;
};

TEST_CASE("when a stream has ended its owner alone holds it, so that no channel ends in gRPC") {
  Arena arena(arena_scenario(2, 5));
  arena.start_cloud();
  const auto stub = wire::Skerry::NewStub(real::dial(arena.address(), std::nullopt));
  Owner owner;
  owner.session = std::make_shared<real::EdgeSession>(owner, "");
  wire::Hello hello;
  hello.set_node("edge-0");
  SECTION("refused by the cloud") {
    owner.session->start(*stub, hello);
    CHECK(owner.at_the_end() == std::pair(1L, grpc::StatusCode::FAILED_PRECONDITION));
  }
  SECTION("cancelled from this side") {
    hello.set_version(real::kProtocolVersion);
    owner.session->start(*stub, hello);
    owner.session->cancel();
    CHECK(owner.at_the_end() == std::pair(1L, grpc::StatusCode::CANCELLED));
  }
}

}  // namespace
}  // namespace skerry
