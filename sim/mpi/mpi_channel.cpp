#include <mpi.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <list>
#include <optional>
#include <vector>

#include "scenarios/host/payload_table.hpp"
#include "sim/mpi/join.hpp"

namespace skerry::mpi {

namespace {

constexpr int kHead = 1;                                // bytes, and what records follow
constexpr int kRecords = 2;                             // the bytes of records
constexpr std::size_t kLargest = std::size_t{1} << 30;  // MPI counts in int

/// Where a rank runs, by which a rank on the same machine can see that it has died.
struct Seat {
  std::array<char, 64> host{};
  std::array<char, 64> process_space{};  // process numbers mean the same within one
  pid_t process = 0;

  static Seat own() {
    Seat seat;
    gethostname(seat.host.data(), seat.host.size() - 1);
    const auto size =
        readlink("/proc/self/ns/pid", seat.process_space.data(), seat.process_space.size() - 1);
    if (size < 0) seat.process_space.front() = '\0';
    seat.process = getpid();
    return seat;
  }
  bool is_beside(const Seat& other) const {
    return host == other.host && process_space == other.process_space;
  }
};

/// Requests that end together.
class Requests {
 public:
  MPI_Request* add() { return &requests_.emplace_back(MPI_REQUEST_NULL); }
  bool done() {
    int all = 0;
    MPI_Testall(static_cast<int>(requests_.size()), requests_.data(), &all, MPI_STATUSES_IGNORE);
    if (all != 0) requests_.clear();
    return all != 0;
  }

 private:
  std::vector<MPI_Request> requests_;
};

class MpiChannel final : public Channel {
 public:
  explicit MpiChannel(std::function<void(const std::string&)> lost) : lost_(std::move(lost)) {
    int rank = 0, ranks = 1;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    rank_ = static_cast<unsigned>(rank);
    seats_.resize(static_cast<std::size_t>(ranks));
    arriving_.resize(seats_.size());
    const Seat seat = Seat::own();
    MPI_Allgather(&seat, sizeof seat, MPI_BYTE, seats_.data(), sizeof seat, MPI_BYTE,
                  MPI_COMM_WORLD);
  }
  ~MpiChannel() override {
    while (!leaving_.empty()) {
      sweep();
      watch();
    }
    MPI_Finalize();
  }

  unsigned rank() const override { return rank_; }
  unsigned ranks() const override { return static_cast<unsigned>(seats_.size()); }
  std::string name(unsigned rank) const override {
    return "rank " + std::to_string(rank) + " (on " + seats_[rank].host.data() + ")";
  }

  void send(unsigned to, Parcel parcel) override {
    Leaving& leaving = leaving_.emplace_back();
    leaving.payload = std::move(parcel.payload);
    std::vector<RecordSpec> shape;
    for (const auto& record : leaving.payload.records()) shape.push_back(record->spec());
    ByteWriter head;
    host::write_shape(head, shape);
    head(parcel.bytes);
    leaving.head = head.take();
    SKERRY_CHECK(leaving.head.size() < kLargest, "what is not a record is small");
    const int rank = static_cast<int>(to);
    MPI_Isend(leaving.head.data(), static_cast<int>(leaving.head.size()), MPI_BYTE, rank, kHead,
              MPI_COMM_WORLD, leaving.requests.add());
    // Ranks that wait for a model need our help to get it, unless they can read our memory.
    constexpr double kPace = 1e9;  // bytes a second
    const double pace = static_cast<double>(leaving.payload.tensor_bytes()) / kPace;
    if (rank_ == 0) linger_until_ = std::max(linger_until_, MPI_Wtime() + pace);
    for (const auto& record : leaving.payload.records()) {
      for (auto rest = record->bytes(); !rest.empty();) {
        const auto part = rest.first(std::min(rest.size(), kLargest));
        MPI_Isend(part.data(), static_cast<int>(part.size()), MPI_BYTE, rank, kRecords,
                  MPI_COMM_WORLD, leaving.requests.add());
        rest = rest.subspan(part.size());
      }
    }
  }

  std::optional<Received> receive() override {
    do {
      sweep();
      if (auto received = next_whole()) return received;
    } while (!leaving_.empty() && MPI_Wtime() < linger_until_);
    constexpr unsigned kOften = 1024;
    if (++silent_ % kOften == 0) watch();
    return std::nullopt;
  }

  void rest() override {
    constexpr useconds_t kMoment = 100;
    usleep(kMoment);
  }

 private:
  struct Leaving {
    ByteVector head;
    Payload payload;
    Requests requests;
  };
  struct Arriving {
    ByteVector head;
    bool head_read = false;
    Parcel parcel;
    Requests requests;
  };

  std::optional<Received> next_whole() {
    for (std::size_t i = 0; i < arriving_.size(); ++i) {
      next_ = (next_ + 1) % arriving_.size();
      if (!advance(next_)) continue;
      silent_ = 0;
      Received received{static_cast<unsigned>(next_), std::move(arriving_[next_]->parcel)};
      arriving_[next_].reset();
      return received;
    }
    return std::nullopt;
  }

  /// Frees what has been sent.
  void sweep() {
    std::erase_if(leaving_, [](Leaving& leaving) { return leaving.requests.done(); });
  }

  /// Whether a parcel of that rank has arrived whole.
  bool advance(std::size_t from) {
    auto& arriving = arriving_[from];
    if (!arriving && !begin(from)) return false;
    if (!arriving->requests.done()) return false;
    if (arriving->head_read) return true;
    read_head(from, *arriving);
    return arriving->requests.done();
  }

  bool begin(std::size_t from) {
    int there = 0;
    MPI_Message message = MPI_MESSAGE_NULL;
    MPI_Status status;
    MPI_Improbe(static_cast<int>(from), kHead, MPI_COMM_WORLD, &there, &message, &status);
    if (there == 0) return false;
    int size = 0;
    MPI_Get_count(&status, MPI_BYTE, &size);
    Arriving& arriving = arriving_[from].emplace();
    arriving.head.resize(static_cast<std::size_t>(size));
    MPI_Imrecv(arriving.head.data(), size, MPI_BYTE, &message, arriving.requests.add());
    return true;
  }

  void read_head(std::size_t from, Arriving& arriving) {
    ByteReader reader(arriving.head);
    std::vector<RecordSpec> shape = host::read_shape(reader);
    reader(arriving.parcel.bytes);
    SKERRY_CHECK(reader.finished(), "ranks of one program understand each other");
    for (RecordSpec& spec : shape) {
      for (auto rest = arriving.parcel.payload.add(std::move(spec)).overwrite(); !rest.empty();) {
        const auto part = rest.first(std::min(rest.size(), kLargest));
        MPI_Irecv(part.data(), static_cast<int>(part.size()), MPI_BYTE, static_cast<int>(from),
                  kRecords, MPI_COMM_WORLD, arriving.requests.add());
        rest = rest.subspan(part.size());
      }
    }
    arriving.head_read = true;
  }

  /// Looks for ranks that have died among those this one needs. (Most launchers end the whole
  /// program then, but not all, and not at once.)
  void watch() {
    for (std::size_t other = 0; other < seats_.size(); ++other) {
      const bool needed = rank_ == 0 || other == 0;
      if (!needed || other == rank_ || !seats_[other].is_beside(seats_[rank_])) continue;
      if (kill(seats_[other].process, 0) == 0 || errno != ESRCH) continue;
      lost_(name(static_cast<unsigned>(other)));
      MPI_Abort(MPI_COMM_WORLD, 3);
    }
  }

  std::function<void(const std::string&)> lost_;
  unsigned rank_ = 0;
  std::vector<Seat> seats_;
  std::list<Leaving> leaving_;
  std::vector<std::optional<Arriving>> arriving_;  // one from each rank
  std::size_t next_ = 0;
  unsigned silent_ = 0;
  double linger_until_ = 0;
};

}  // namespace

std::string library() {
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
  int size = 0;
  MPI_Get_library_version(text.data(), &size);
  const std::string all(text.data(), static_cast<std::size_t>(size));
  return all.substr(0, all.find_first_of(",\n"));
}

Result<std::unique_ptr<Channel>> join(std::function<void(const std::string& name)> lost) {
  int provided = 0;
  if (MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS ||
      provided < MPI_THREAD_FUNNELED) {
    return Failure{"MPI does not start here in a program with more than one thread"};
  }
  return std::unique_ptr<Channel>(std::make_unique<MpiChannel>(std::move(lost)));
}

}  // namespace skerry::mpi
