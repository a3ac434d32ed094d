// Programs of an edge's owner ask the edge, as real processes on this machine.
#include <grpcpp/grpcpp.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <future>
#include <limits>

#include "real/access_token.hpp"
#include "real/infer.grpc.pb.h"
#include "tests/catch.hpp"
#include "tests/real/asked_edge.hpp"
#include "tests/same_bits.hpp"

namespace skerry {
namespace {

using real::InferClient;
using real::InferReply;
using real::Question;

constexpr Duration kPatience = Duration::seconds(30);

std::vector<std::string> on_socket(const LiveRun& live, std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"--serve", "unix:" + live.folder("edge.sock").string()});
  return more;
}

mode_t mode_of(const std::filesystem::path& file) {
  struct stat found {};
  REQUIRE(::lstat(file.c_str(), &found) == 0);
  return found.st_mode & 0777;
}

std::uintmax_t bytes_below(const std::filesystem::path& folder) {
  std::uintmax_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) bytes += entry.file_size();
  }
  return bytes;
}

TEST_CASE("over a socket or a port, easy examples get the edge's label, hard ones the cloud's") {
  const AskedScenario scenario{.edges = 2};
  const Oracle oracle(scenario);
  const auto hard = std::count_if(oracle.said().begin(), oracle.said().end(),
                                  [](const Oracle::Said& said) { return said.hard; });
  REQUIRE(hard > 10);
  REQUIRE(hard + 10 < static_cast<std::ptrdiff_t>(oracle.said().size()));
  LiveRun live(scenario.text(), 2);
  live.start_cloud();
  live.start_edge(0, on_socket(live));
  live.start_edge(1, {"--serve", "0", "--serve-token", live.folder("token").string()});
  const WayToAsk socket = WayToAsk::to(live.edge(0)), port = WayToAsk::to(live.edge(1));
  CHECK(socket.token_file.empty());
  CHECK(mode_of(live.folder("edge.sock")) == 0600);
  CHECK(mode_of(port.token_file) == 0600);
  for (const WayToAsk& way : {socket, port}) {
    const InferClient client = way.client();
    CHECK(wait_until_it_answers(client).shape == oracle.questions()[0].shape);
    std::size_t asked = 0;
    client.ask_all(oracle.questions(), {.at_once = 4, .patience = kPatience},
                   [&](std::size_t i, const InferReply& reply) {
                     INFO(way.address << " example " << i << ": " << reply.text);
                     CHECK(i == asked++);
                     CHECK(reply.status == "OK");
                     CHECK(reply.from_cloud == oracle.said()[i].hard);
                     CHECK(reply.label == oracle.said()[i].joint());
                     CHECK(bits(reply.scores) == bits(oracle.said()[i].scores));
                   });
    CHECK(asked == oracle.questions().size());
  }
}

TEST_CASE("strangers and examples that do not fit are refused at once, in words") {
  LiveRun live(AskedScenario{}.text(), 1);
  live.start_cloud();
  live.start_edge(0, {"--serve", "0"});
  const WayToAsk way = WayToAsk::to(live.edge(0));
  const InferClient client = way.client();
  const Question good = wait_until_it_answers(client);

  const auto address = real::InferAddress::parse(way.address).value();
  for (const std::string token : {"", "0123456789abcdef0123456789abcdef"}) {
    const InferClient stranger(address, token);
    CHECK(stranger.ask(good, kPatience).status == "UNAUTHENTICATED");
    CHECK(stranger.describe(kPatience).message() ==
          way.address +
              ": UNAUTHENTICATED: send the metadata \"authorization: Bearer TOKEN\" with the token "
              "of this edge");
  }
  const auto refused = [&](const Question& question) {
    const InferReply reply = client.ask(question, kPatience);
    CHECK(reply.status == "INVALID_ARGUMENT");
    return reply.text;
  };
  const std::string size = std::to_string(good.values.size());
  CHECK(refused({.shape = {2, 3}, .bytes = {}, .values = std::vector<float>(6)}) ==
        "the example has the shape [2, 3], not [" + size + "]");
  CHECK(refused({.shape = {}, .bytes = {}, .values = {1, 2}}) ==
        "the example has 2 values, not the " + size + " of [" + size + "]");
  Question infinite = good;
  infinite.values[3] = std::numeric_limits<float>::infinity();
  CHECK(refused(infinite) == "value 3 is not finite");
  CHECK(refused(
            {.shape = {}, .bytes = std::vector<std::uint8_t>(good.values.size()), .values = {}}) ==
        "this edge's examples are not bytes; send float32, normalised");
  const Question huge{.shape = {}, .bytes = {}, .values = std::vector<float>(5 << 20)};
  CHECK(client.ask(huge, kPatience).status == "RESOURCE_EXHAUSTED");
  CHECK(client.ask(good, kPatience).status == "OK");
}

/// A waiting request in a thread of its own; the edge keeps it in its state folder.
std::future<InferReply> open_request(const InferClient& client, const Question& question,
                                     const std::filesystem::path& state) {
  const auto before = bytes_below(state);
  auto reply = std::async(std::launch::async,
                          [&client, &question] { return client.ask(question, kPatience); });
  REQUIRE(wait_for([&] { return bytes_below(state) > before; }));
  return reply;
}

TEST_CASE("infer.proto is all that a client needs") {
  LiveRun live(AskedScenario{}.text(), 1);
  live.start_cloud();
  live.start_edge(0, {"--serve", "[::1]:0"});
  const WayToAsk way = WayToAsk::to(live.edge(0));
  const Question question = wait_until_it_answers(way.client());
  const auto stub = infer::Infer::NewStub(grpc::CreateChannel(
      real::InferAddress::parse(way.address)->target(), grpc::InsecureChannelCredentials()));
  infer::AskRequest request;
  request.set_id("mine");
  request.mutable_values()->mutable_value()->Add(question.values.begin(), question.values.end());
  const std::string token = real::read_token(way.token_file).value();
  const auto ask = [&](const std::vector<std::string>& authorizations, infer::AskReply& reply) {
    grpc::ClientContext context;
    for (const std::string& one : authorizations) context.AddMetadata("authorization", one);
    return stub->Ask(&context, request, &reply).error_code();
  };
  infer::AskReply reply;
  CHECK(ask({"Bearer " + token}, reply) == grpc::StatusCode::OK);
  CHECK(reply.id() == "mine");
  CHECK(reply.has_answer());
  for (const std::vector<std::string>& wrong : std::vector<std::vector<std::string>>{
           {token}, {"Basic " + token}, {"Bearer " + token, "Bearer " + token}, {}}) {
    CHECK(ask(wrong, reply) == grpc::StatusCode::UNAUTHENTICATED);
  }
}

TEST_CASE("open requests are bounded, deadlines are kept, and no caller is left without a word") {
  LiveRun live(AskedScenario{.threshold = 0}.text(), 1);
  const auto state = live.folder("edge-state");
  live.start_cloud();
  live.start_edge(0, on_socket(live, {"--serve-limit", "2", "--state", state.string()}));
  const InferClient client = WayToAsk::to(live.edge(0)).client();
  const Question question = wait_until_it_answers(client);
  REQUIRE(client.ask(question, kPatience).from_cloud);

  live.cloud().pause();
  InferReply reply;
  std::size_t given_up = 0;
  REQUIRE(wait_for([&] {  // each takes a place, and keeps it until the role has answered
    reply = client.ask(question, Duration::milliseconds(200));
    given_up += reply.status == "DEADLINE_EXCEEDED" ? 1 : 0;
    return reply.status == "RESOURCE_EXHAUSTED";
  }));
  CHECK(given_up >= 2);
  CHECK(reply.text == "2 requests are open, the most there may be; ask again later");
  std::size_t refused = 0;
  client.ask_all(std::vector<Question>(500, question), {.at_once = 64, .patience = kPatience},
                 [&](std::size_t, const InferReply& one) {
                   refused += one.status == "RESOURCE_EXHAUSTED" ? 1 : 0;
                 });
  CHECK(refused == 500);

  live.cloud().resume();
  CHECK(wait_for([&] {  // the places are free again
    reply = client.ask(question, kPatience);
    return reply.ok();
  }));
  client.ask_all(std::vector<Question>(100, question), {.at_once = 2, .patience = kPatience},
                 [&](std::size_t, const InferReply& one) { CHECK(one.status == "OK"); });

  live.cloud().pause();
  auto open = open_request(client, question, state);
  live.edge(0).terminate();
  const InferReply last = open.get();
  CHECK(last.status == "UNAVAILABLE");
  CHECK(last.text == "the edge leaves");
  CHECK(live.edge(0).wait() == 130);
  CHECK_FALSE(std::filesystem::exists(live.folder("edge.sock")));
}

TEST_CASE("an edge killed while a request is open goes on, and drops the answer nobody waits for") {
  LiveRun live(AskedScenario{.threshold = 0}.text(), 1);
  const auto state = live.folder("edge-state");
  const auto options = on_socket(live, {"--serve-limit", "1", "--state", state.string()});
  live.start_cloud();
  live.start_edge(0, options);
  const InferClient client = WayToAsk::to(live.edge(0)).client();
  const Question question = wait_until_it_answers(client);

  live.cloud().pause();
  auto open = open_request(client, question, state);
  live.edge(0).kill();
  CHECK(open.get().status == "UNAVAILABLE");
  REQUIRE(std::filesystem::exists(live.folder("edge.sock")));  // stale: it is replaced

  live.start_edge(0, options);
  const InferClient again = WayToAsk::to(live.edge(0)).client();
  wait_for_form(again);
  CHECK(again.ask(question, kPatience).status == "RESOURCE_EXHAUSTED");  // the role still owes it
  live.cloud().resume();
  InferReply reply;
  CHECK(wait_for([&] {
    reply = again.ask(question, kPatience);
    return reply.ok();
  }));
  CHECK(reply.from_cloud);
  live.edge(0).terminate();
  CHECK(live.edge(0).wait() == 130);
}

TEST_CASE("a request that is open when the run ends is told so") {
  LiveRun live(
      AskedScenario{.threshold = 0, .cloud = R"({"batch_size": 2, "max_wait": "1000 s"})"}.text(),
      1);
  const auto state = live.folder("edge-state");
  live.start_cloud();
  live.start_edge(0, on_socket(live, {"--state", state.string()}));
  const InferClient client = WayToAsk::to(live.edge(0)).client();
  const Question question = wait_until_it_answers(client, 2);  // a batch
  auto open = open_request(client, question, state);
  Process stop =
      live.command({"status", live.address(), "--keys", live.folder("keys").string(), "--stop"});
  CHECK(stop.wait() == 0);
  const InferReply reply = open.get();
  CHECK(reply.status == "UNAVAILABLE");
  CHECK(reply.text == "the run is over: an operator");
  CHECK(live.edge(0).wait() == 0);
}

TEST_CASE("a socket somebody listens on, and what is no socket, are left alone") {
  LiveRun live(AskedScenario{}.text(), 1);
  live.start_edge(0, on_socket(live));  // there is no cloud
  const WayToAsk way = WayToAsk::to(live.edge(0));
  CHECK(way.client().describe(kPatience).message() ==
        way.address + ": UNAVAILABLE: no scenario has come from the cloud yet; ask again later");
  const std::string keys = live.folder("keys").string();
  const auto edge = [&](const std::string& serve) {
    return live.command(
        {"edge", "--cloud", live.address(), "--node", "edge-0", "--keys", keys, "--serve", serve});
  };
  Process second = edge(way.address);
  CHECK(second.wait() == 3);
  CHECK(second.output() ==
        "skerry: " + live.folder("edge.sock").string() + ": another process answers there\n");
  CHECK(way.client().describe(kPatience).message().find("no scenario") != std::string::npos);
  std::ofstream(live.folder("precious")) << "text";
  Process third = edge("unix:" + live.folder("precious").string());
  CHECK(third.wait() == 2);
  CHECK(third.output().find("precious: exists and is not a socket; it is not replaced") !=
        std::string::npos);
  CHECK(std::filesystem::file_size(live.folder("precious")) == 4);
  Process elsewhere = edge("0.0.0.0:7000");
  CHECK(elsewhere.wait() == 2);
  CHECK(elsewhere.output().find("--serve: \"0.0.0.0:7000\" is neither unix:PATH nor a port of this "
                                "machine (PORT, 127.0.0.1:PORT)") != std::string::npos);
}

TEST_CASE("an edge of a paradigm without requests says so") {
  LiveRun live(R"({"version": 1, "name": "silent", "paradigm": "federated", "seed": 5,
    "data": {"source": {"name": "synthetic_blobs", "samples": 100, "test_samples": 20}},
    "model": "softmax", "local": {"method": "plain", "optimizer": {"name": "sgd", "learning_rate": 0.1},
                                  "batch_size": 10, "epochs": 1},
    "server": {"reduce": "mean", "optimizer": {"name": "sgd", "learning_rate": 1.0}},
    "select": {"name": "uniform", "fraction": 1.0},
    "stop": {"any": [{"rounds": 3}]}, "nodes": {"edges": 2}})",
               2);
  live.start_cloud();
  live.start_edge(0, on_socket(live));  // alone: no round begins
  const InferClient client = WayToAsk::to(live.edge(0)).client();
  const InferReply reply = client.ask(zeros(wait_for_form(client)), kPatience);
  CHECK(reply.status == "REFUSED");
  CHECK(reply.text == "this paradigm answers no requests");
}

}  // namespace
}  // namespace skerry
