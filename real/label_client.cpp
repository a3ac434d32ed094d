#include "real/label_client.hpp"

#include <algorithm>
#include <string_view>

#include "algorithms/sdk/printable.hpp"
#include "real/operator_rpc.hpp"

namespace skerry::real {

namespace {

constexpr std::size_t kRows = 2000, kBytes = 1 << 20;  // of a request

/// Cuts off the front of `text` what fits one request: whole lines. Returns how many lines.
std::uint64_t cut_request(std::string_view& text, std::string& rows) {
  std::uint64_t lines = 0;
  while (!text.empty() && lines < kRows && rows.size() < kBytes) {
    const std::size_t size = std::min(text.find('\n'), text.size() - 1) + 1;
    rows += text.substr(0, size);
    text.remove_prefix(size);
    ++lines;
  }
  return lines;
}

/// @param before  lines of the text before those of the reply, other than the header.
void add(const wire::LabelReply& reply, std::uint64_t before, LabelsSaid& said) {
  said.heard.taken += reply.taken();
  said.heard.again += reply.again();
  said.unlabelled += reply.unlabelled();
  for (const wire::RefusedLabel& row : reply.refused()) {
    said.heard.objections.push_back({row.line() + before, row.text()});
  }
}

bool is_example(const std::string& name) {
  constexpr std::string_view kFolder = "examples/";
  if (!name.starts_with(kFolder)) return false;
  const std::string_view file = std::string_view(name).substr(kFolder.size());
  return !file.empty() && file.front() != '.' && file.find('/') == file.npos;
}

}  // namespace

Result<LabelsSaid> send_labels(const std::string& server, const std::optional<NodeKeys>& keys,
                               const std::string& text) {
  LabelsSaid said;
  std::string_view rest = text;
  std::string header(rest.substr(0, rest.find('\n')));
  rest.remove_prefix(std::min(header.size() + 1, rest.size()));
  std::uint64_t before = 0;
  do {
    wire::LabelRequest request;
    std::string rows = header + "\n";
    const std::uint64_t lines = cut_request(rest, rows);
    request.set_rows(std::move(rows));
    wire::LabelReply reply;
    const Status called = call_cloud(server, keys, &wire::Skerry::Stub::Label, request, reply);
    if (!called) return called.failure();
    if (!reply.refusal().empty()) return wrong_input(reply.refusal());
    add(reply, before, said);
    before += lines;
  } while (!rest.empty());
  return said;
}

Result<OpenQuestions> ask_questions(const std::string& server,
                                    const std::optional<NodeKeys>& keys) {
  OpenQuestions questions;
  wire::QuestionsRequest request;
  do {
    wire::QuestionsReply reply;
    const Status called = call_cloud(server, keys, &wire::Skerry::Stub::Questions, request, reply);
    if (!called) return called.failure();
    if (!reply.refusal().empty()) return wrong_input(reply.refusal());
    if (request.from() == 0) questions.csv = reply.header();
    questions.csv += reply.rows();
    questions.classes = {reply.classes().begin(), reply.classes().end()};
    for (const wire::ExampleFile& file : reply.files()) {
      if (!is_example(file.name())) {
        return Failure{server + ": " + in_quotes(file.name()) + " is no file of an example"};
      }
      questions.files.emplace_back(file.name(), file.content());
    }
    if (reply.next() != 0 && reply.next() <= request.from()) {
      return Failure{server + ": its list of questions has no end"};
    }
    request.set_from(reply.next());
  } while (request.from() != 0);
  return questions;
}

}  // namespace skerry::real
