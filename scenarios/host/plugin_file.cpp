#include "scenarios/host/plugin_file.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <optional>

#include "algorithms/sdk/learner.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry::host {

namespace {

using Exports = PluginExports (*)();
constexpr int kPatienceMs = 20'000;  // LibTorch on a busy machine takes seconds

/// What the author of a plugin of that version has to know; empty if nothing has changed since.
std::string changes_after(std::uint32_t version) {
  std::string text;
  for (const InterfaceChange& change : kInterfaceChanges) {
    if (change.version <= version) continue;
    text += "; new in version " + std::to_string(change.version) + ": " + change.what;
  }
  return text;
}

std::string stamp_difference(const AbiStamp& theirs) {
  const AbiStamp ours = our_stamp();
  if (theirs.magic != ours.magic || theirs.size != ours.size) return "is not a Skerry plugin";
  const auto differs = [](const std::string& what, std::uint32_t its, std::uint32_t mine) {
    return "was built with " + what + " " + std::to_string(its) + ", this program with " +
           std::to_string(mine) + ": build it again";
  };
  if (theirs.interface_version != ours.interface_version) {
    return differs("interface version", theirs.interface_version, ours.interface_version) +
           changes_after(theirs.interface_version);
  }
  if (theirs.compiler != ours.compiler) {
    return differs("g++", theirs.compiler, ours.compiler);
  }
  if (theirs.cxx11_abi != ours.cxx11_abi) {
    return differs("_GLIBCXX_USE_CXX11_ABI", theirs.cxx11_abi, ours.cxx11_abi);
  }
  if (theirs.sanitizers != ours.sanitizers) {
    return differs("sanitizers", theirs.sanitizers, ours.sanitizers);
  }
  return "";
}

Status open_plugin(const std::string& path, Registry& registry) {
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    std::string why = dlerror();
    if (why.starts_with(path + ": ")) why.erase(0, path.size() + 2);
    return Failure{why};
  }
  const auto exports = reinterpret_cast<Exports>(dlsym(library, "skerry_plugin_exports"));
  if (exports == nullptr) return Failure{"is not a Skerry plugin"};
  const PluginExports plugin = exports();
  if (const std::string why = stamp_difference(plugin.stamp); !why.empty()) return Failure{why};
  plugin.loaded();
  return registry.add(*plugin.first);
}

/// The child's half of a trial: writes a plus sign, and then what is wrong, if anything is.
[[noreturn]] void try_in_child(const std::string& path, Registry& registry, int answer) {
  const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(nowhere, stream);
  std::string text = "+throws while it is loaded";
  try {
    text = "+" + open_plugin(path, registry).message();
  } catch (...) {
  }
  (void)!write(answer, text.data(), text.size());
  _exit(0);
}

/// All that the child writes until it ends; nullopt if it takes too long.
std::optional<std::string> answer_of(int answer) {
  std::string text;
  for (;;) {
    pollfd waiting{answer, POLLIN, 0};
    const int ready = poll(&waiting, 1, kPatienceMs);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return std::nullopt;
    char buffer[4096];
    const ssize_t size = read(answer, buffer, sizeof buffer);
    if (size <= 0) return text;
    text.append(buffer, static_cast<std::size_t>(size));
  }
}

/// Adds the file's plugins in a child process. Returns what is wrong; empty if all went well.
std::string trial(const std::string& path, Registry registry) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return "cannot be tried: no pipe is left";
  const pid_t child = fork();
  if (child == 0) try_in_child(path, registry, ends[1]);
  close(ends[1]);
  const auto answer = child > 0 ? answer_of(ends[0]) : std::nullopt;
  close(ends[0]);
  if (child < 0) return "cannot be tried: no process is left";
  if (!answer) kill(child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  if (!answer) return "does not finish loading";
  if (!answer->empty()) return answer->substr(1);
  return WIFSIGNALED(status) ? "crashes while it is loaded" : "ends the program while it is loaded";
}

Failure plugin_failure(const std::string& path, const std::string& why) {
  return Failure{"plugin \"" + path + "\": " + why};
}

constexpr std::string_view kTorchNames = "torch_";
constexpr const char* kTorchFile = "skerry-torch.so";

/// Where LibTorch's learners may lie: beside the program, or where they are installed.
std::pair<std::filesystem::path, std::filesystem::path> torch_places() {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  return {program / kTorchFile, (program / "../lib/skerry").lexically_normal() / kTorchFile};
}

/// The first name of a LibTorch learner that the registry lacks, with its JSON pointer.
struct Place {
  std::string pointer;
  std::string name;
};
std::optional<Place> missing_torch(const ConfigNode& node, const Registry& registry,
                                   const std::string& pointer) {
  if (const auto* object = node.as_object()) {
    for (const auto& [key, value] : *object) {
      const std::string* text = value.as_string();
      const std::string at = pointer + "/" + key;
      if (text != nullptr && (key == "name" || key == "model") && text->starts_with(kTorchNames) &&
          registry.find(LearnerFactory::kSlot, *text) == nullptr) {
        return Place{at, *text};
      }
      if (auto found = missing_torch(value, registry, at)) return found;
    }
  } else if (const auto* array = node.as_array()) {
    for (std::size_t i = 0; i < array->size(); ++i) {
      const std::string at = pointer + "/" + std::to_string(i);
      if (auto found = missing_torch((*array)[i], registry, at)) return found;
    }
  }
  return std::nullopt;
}

}  // namespace

Registry built_in_plugins() {
  Registry registry;
  const Status added = registry.add(binary_local::head);
  SKERRY_CHECK(added.ok(), added.message());
  return registry;
}

Status load_plugin_file(const std::string& path, Registry& registry) {
  std::error_code error;
  const auto full = std::filesystem::canonical(path, error);
  if (error) return plugin_failure(path, error.message());
  if (!std::filesystem::is_regular_file(full, error)) return plugin_failure(path, "is not a file");
  char magic[4] = {};
  std::ifstream(full, std::ios::binary).read(magic, sizeof magic);
  if (std::string_view(magic, 4) !=
      "\x7f"
      "ELF") {
    return plugin_failure(path, "is not a shared library");
  }
  if (const std::string why = trial(full, registry); !why.empty()) {
    return plugin_failure(path, why);
  }
  const Status opened = open_plugin(full, registry);
  return opened ? opened : plugin_failure(path, opened.message());
}

std::optional<std::string> torch_file() {
  std::error_code error;
  const auto [beside, installed] = torch_places();
  for (const auto& file : {beside, installed}) {
    if (std::filesystem::is_regular_file(file, error)) return file.string();
  }
  return std::nullopt;
}

Result<std::vector<std::string>> load_named_plugins(const ConfigNode& document,
                                                    Registry& registry) {
  const auto missing = missing_torch(document, registry, "");
  if (!missing) return std::vector<std::string>{};
  if (const auto file = torch_file()) {
    // Our own build needs no trial in a child.
    const Status opened = open_plugin(*file, registry);
    if (!opened) return plugin_failure(*file, opened.message());
    return std::vector<std::string>{*file};
  }
  const auto [beside, installed] = torch_places();
  return Failure{
      missing->pointer + ": \"" + missing->name +
      "\" is a LibTorch learner, and they were not built with this program: there is neither " +
      beside.string() + " nor " + installed.string()};
}

}  // namespace skerry::host
