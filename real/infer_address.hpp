#pragma once

#include <filesystem>
#include <string>

#include "algorithms/sdk/result.hpp"
#include "scenarios/host/durable_file.hpp"

namespace skerry::real {

/// Where an edge lets programs of its owner ask it: a Unix socket, or a port that only this machine
/// reaches. There is no way to write down an address that another machine could reach.
struct InferAddress {
  std::filesystem::path socket;    // absolute; empty: a port
  std::string host = "127.0.0.1";  // or [::1]
  int port = 0;                    // 0: any free one, for a server

  /// Reads `unix:PATH`, `unix:///PATH`, `PORT`, `127.0.0.1:PORT`, `localhost:PORT`, `[::1]:PORT`.
  /// Errors: anything else, with what may be written; a path that is too long for a socket.
  static Result<InferAddress> parse(const std::string& text);

  bool is_socket() const { return !socket.empty(); }
  /// As people write it, and as parse() reads it.
  std::string text() const;
  /// As gRPC wants it, server and client: the path of a socket as in a URI.
  std::string target() const;
};

/// Makes room for a socket: removes one on which no process listens any more. While the handle
/// lives, no other process that calls this makes a socket in the same folder.
/// Errors: a process listens there; something other than a socket has that name; the folder is
/// missing or not ours.
Result<host::FileHandle> make_room_for_socket(const std::filesystem::path& socket);

}  // namespace skerry::real
