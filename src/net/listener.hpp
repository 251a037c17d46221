#pragma once

#include "net/address.hpp"
#include "net/file_descriptor.hpp"

#include <span>
#include <string>
#include <vector>

namespace hearth::net {

/// A listening, non-blocking socket of one shard.
struct Listener {
  FileDescriptor fd;
  bool shared = false;  ///< the same socket stands in several epolls (Unix sockets know no SO_REUSEPORT)
};

/// The listening sockets of a server: for each shard one a TCP address, spread by the kernel (SO_REUSEPORT), and a
/// common one for each Unix socket.
class ListenerSet {
 public:
  /// Binds every address `shards` times. Throws std::invalid_argument for text that is no address and
  /// std::system_error, naming the address, if it cannot be had.
  ListenerSet(std::span<const std::string> addresses, unsigned shards);
  /// Removes the files of Unix sockets.
  ~ListenerSet();
  ListenerSet(const ListenerSet&) = delete;
  ListenerSet& operator=(const ListenerSet&) = delete;

  std::vector<Listener> take(unsigned shard) { return std::move(by_shard_.at(shard)); }
  /// What is listened on, with the ports taken.
  std::span<const Address> addresses() const noexcept { return addresses_; }

 private:
  void listen_on(std::span<const Address> candidates, std::string_view text);
  void listen_tcp(Address address, std::string_view text);
  void listen_unix(const Address& address, std::string_view text);

  std::vector<std::vector<Listener>> by_shard_;
  std::vector<Address> addresses_;
  std::vector<std::string> unix_paths_;
};

}  // namespace hearth::net
