#include "real/label_desk.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

#include "algorithms/sdk/printable.hpp"
#include "algorithms/sdk/problems.hpp"
#include "datasets/csv.hpp"
#include "datasets/npz.hpp"

namespace skerry::real {

namespace fs = std::filesystem;

namespace {

constexpr const char* kExamples = "examples";

/// Takes the first line off a text; without its end.
std::string next_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return std::string(line);
}

/// How many channels an image has that a portable any-map can hold; 0: it is none.
std::size_t channels_of(const Shape& shape) {
  if (shape.size() == 2) return 1;
  return shape.size() == 3 && (shape[0] == 1 || shape[0] == 3) ? shape[0] : 0;
}

/// A portable any-map: netpbm.sourceforge.net/doc/pnm.html
Status write_image(const fs::path& path, const Shape& shape, std::span<const std::byte> pixels) {
  const std::size_t channels = channels_of(shape), area = pixels.size() / channels;
  std::string text = channels == 1 ? "P5\n" : "P6\n";
  text += std::to_string(shape.back()) + " " + std::to_string(shape[shape.size() - 2]) + "\n255\n";
  for (std::size_t i = 0; i < area; ++i) {
    for (std::size_t c = 0; c < channels; ++c) {
      text += static_cast<char>(pixels[c * area + i]);
    }
  }
  std::ofstream file(path, std::ios::binary);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  return file ? Status() : Status(Failure{path.string() + ": cannot be written"});
}

}  // namespace

Result<std::unique_ptr<LabelDesk>> LabelDesk::open(Options options) {
  std::unique_ptr<LabelDesk> desk(new LabelDesk(std::move(options)));
  const fs::path& labels = desk->options_.labels;
  auto watch = LabelWatch::open(labels, kQuestions, desk->options_.classes, desk->options_.say);
  if (!watch) return watch.failure();
  desk->watch_ = std::move(*watch);
  std::error_code ignored;
  desk->folder_ = fs::is_directory(labels, ignored) ? labels : labels.parent_path();
  if (labels.filename() == kQuestions) {
    return wrong_input(labels.string() + ": is where questions are written; name another file");
  }
  const Status opened = desk->open_questions();
  if (!opened) return opened.failure();
  return desk;
}

std::string LabelDesk::header() const {
  std::string line = "id,answered";
  if (!is_table()) return line + ",file\n";
  for (std::size_t i = 0; i < options_.schema.input_size(); ++i) {
    line += "," + datasets::csv_field(i < options_.features.size() ? options_.features[i]
                                                                   : "value_" + std::to_string(i));
  }
  return line + "\n";
}

Status LabelDesk::open_questions() {
  const fs::path path = folder_ / kQuestions;
  std::error_code error;
  std::string whole;
  was_there_ = fs::exists(path, error);
  if (was_there_) {
    const auto bytes = host::read_file(path);
    if (!bytes) return bytes.failure();
    whole.assign(reinterpret_cast<const char*>(bytes->data()), bytes->size());
    whole.resize(whole.rfind('\n') + 1);  // a process was killed while it wrote the rest
  }
  auto file = host::open_file(path, O_WRONLY | O_APPEND | O_CREAT);
  if (!file) return wrong_input(file.message());
  file_ = std::move(*file);
  if (::ftruncate(file_.descriptor(), static_cast<off_t>(whole.size())) != 0) {
    return Failure{path.string() + ": " + std::generic_category().message(errno)};
  }
  if (whole.empty()) {
    const std::string line = header();
    return host::write_all(file_, std::as_bytes(std::span(line)), path);
  }
  for (std::size_t at = whole.find('\n') + 1; at < whole.size(); at = whole.find('\n', at) + 1) {
    written_.insert(whole.substr(at, whole.find_first_of(",\n", at) - at));
  }
  return {};
}

std::string LabelDesk::class_name(std::int32_t label) const {
  const auto place = static_cast<std::size_t>(label);
  if (label < 0) return "";
  return place < options_.classes.size() ? options_.classes[place] : std::to_string(label);
}

/// The values as the source's files hold them.
std::vector<float> LabelDesk::values_of(const Record& inputs, std::uint32_t place) const {
  const std::size_t size = options_.schema.input_size(), first = place * size;
  std::vector<float> values(size);
  if (inputs.layout().type() == DType::kUint8) {
    for (std::size_t i = 0; i < size; ++i) {
      values[i] = static_cast<float>(std::to_integer<int>(inputs.bytes()[first + i]));
    }
    return values;
  }
  const DataSchema& schema = options_.schema;
  std::ranges::copy(inputs.f32().subspan(first, size), values.begin());
  if (options_.table.scale) options_.table.scale->undo(values);
  for (float& value : values) {
    value = static_cast<float>((value * schema.deviation + schema.mean) * schema.scale);
  }
  return values;
}

/// Writes the example into a file of its own. Returns its name in the folder.
Result<std::string> LabelDesk::write_example(const std::string& stem, const Record& inputs,
                                             std::uint32_t place) const {
  std::error_code error;
  fs::create_directory(folder_ / kExamples, error);
  const Shape& shape = options_.schema.input;
  const std::size_t channels = channels_of(shape), size = options_.schema.input_size();
  std::string name = std::string(kExamples) + "/" + stem;
  if (inputs.layout().type() == DType::kUint8 && channels > 0) {
    name += channels == 1 ? ".pgm" : ".ppm";
    const Status written =
        write_image(folder_ / name, shape, inputs.bytes().subspan(place * size, size));
    return written ? Result<std::string>(name) : Result<std::string>(written.failure());
  }
  const std::vector<float> values = values_of(inputs, place);
  name += ".npz";
  const Status written = datasets::write_npz(
      folder_ / name,
      {{.name = "input", .shape = shape, .bytes = std::as_bytes(std::span(values))}});
  return written ? Result<std::string>(name) : Result<std::string>(written.failure());
}

std::string LabelDesk::row_of(const role::AskLabels::Question& question,
                              const Record& inputs) const {
  const std::string id = datasets::example_name(question.node, question.position);
  std::string row = id + "," + datasets::csv_field(class_name(question.answered));
  if (is_table()) {
    for (const float value : values_of(inputs, question.place)) row += "," + number_text(value);
    return row + "\n";
  }
  std::string stem = id;
  std::ranges::replace(stem, ':', '-');
  const auto name = write_example(stem, inputs, question.place);
  if (!name && options_.say) options_.say(name.message());
  return row + "," + (name ? *name : "") + "\n";
}

void LabelDesk::write(const role::AskLabels& asked) {
  const Payload held = asked.inputs.payload();
  std::string rows;
  for (const auto& question : asked.questions) {
    if (written_.contains(datasets::example_name(question.node, question.position))) continue;
    rows += row_of(question, held.at("input"));
  }
  const fs::path path = folder_ / kQuestions;
  Status written = host::write_all(file_, std::as_bytes(std::span(rows)), path);
  if (written) written = host::sync_file(file_, path);
  if (!written && options_.say) options_.say(written.message() + "; people do not see a question");
}

LabelDesk::Taken LabelDesk::take(NodeDriver& driver, const std::string& text) const {
  Taken taken;
  datasets::LabelRows form(options_.classes);
  role::LabelsArrived said{.labels = {}, .source = "labels of an operator", .faulty = 0};
  std::vector<role::LabelsHeard::Objection> faults;
  std::string_view rest = text;
  const Status fits = form.take_header(next_line(rest));
  taken.refusal = fits.message();
  for (std::uint64_t number = 2, rows = 0; !rest.empty() && taken.refusal.empty(); ++number) {
    const std::string line = next_line(rest);
    if (line.empty()) continue;
    if (++rows > kMostRows) {
      taken.refusal = "more than " + std::to_string(kMostRows) + " rows at a time";
    }
    const auto given = form.read(line);
    if (!given) faults.push_back({number, given.message()});
    if (given && !given->has_value()) ++taken.unlabelled;
    if (!given || !given->has_value()) continue;
    said.labels.push_back({(*given)->node, (*given)->position, (*given)->label, number});
  }
  if (!taken.refusal.empty()) return taken;
  said.faulty = static_cast<std::uint32_t>(faults.size());
  auto heard = driver.label(std::move(said));
  if (!heard) {
    taken.refusal = "the run is over";
    return taken;
  }
  taken.heard = std::move(*heard);
  auto& objections = taken.heard.objections;
  objections.insert(objections.end(), faults.begin(), faults.end());
  std::ranges::stable_sort(objections, {}, &role::LabelsHeard::Objection::line);
  return taken;
}

Result<LabelDesk::Page> LabelDesk::waiting(const NodeDriver& driver, std::uint64_t from) const {
  constexpr std::size_t kMost = 500, kBytes = 1 << 20;  // of rows; of the file, or of examples
  const fs::path path = folder_ / kQuestions;
  std::ifstream file(path, std::ios::binary);
  std::string text(kBytes, '\0');
  file.seekg(static_cast<std::streamoff>(from));
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || !file.gcount()) text.clear();
  text.resize(text.empty() ? 0 : static_cast<std::size_t>(file.gcount()));
  const bool more = text.size() == kBytes;
  text.resize(text.rfind('\n') + 1);
  Page page{.header = header(), .rows = {}, .files = {}, .classes = options_.classes};
  std::string_view rest = text;
  std::size_t rows = 0, bytes = 0;
  while (!rest.empty() && rows < kMost && bytes < kBytes) {
    const std::string line = next_line(rest);
    const auto asked = datasets::example_called(line.substr(0, line.find(',')));
    if (!asked || !driver.awaits_label(asked->node, asked->position)) continue;
    ++rows;
    page.rows += line + "\n";
    if (is_table()) continue;
    const std::string name = line.substr(line.rfind(',') + 1);
    const auto content = host::read_file(folder_ / name);
    if (!content) return content.failure();
    bytes += content->size();
    page.files.emplace_back(
        name, std::string(reinterpret_cast<const char*>(content->data()), content->size()));
  }
  if (more || !rest.empty()) page.next = from + text.size() - rest.size();
  return page;
}

Status LabelDesk::attach(NodeDriver& driver) {
  const fs::path path = folder_ / kQuestions;
  if (was_there_ && driver.inputs() <= 1) {
    return wrong_input(path.string() +
                       ": holds the questions of another run; remove it, and the labels beside it");
  }
  written_.clear();
  watch_->attach(driver);
  if (options_.say) {
    options_.say(
        "people label: " + path.string() + " has the questions, " + options_.labels.string() +
        " takes rows, the first one is \"id,label\"; classes: " + listed(options_.classes));
  }
  return {};
}

}  // namespace skerry::real
