#pragma once

#include "net/address.hpp"
#include "net/file_descriptor.hpp"

#include <sys/types.h>

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::net {

/// A listening, non-blocking socket of one shard.
struct Listener {
  FileDescriptor fd;
  bool shared = false;  ///< the same socket stands in several epolls: a Unix socket, or one that was handed in
};

/// The file of a bound Unix socket, removed with this object if it is still the same file.
class SocketFile {
 public:
  /// Just after binding.
  explicit SocketFile(std::string path);
  ~SocketFile();
  SocketFile(SocketFile&& other) noexcept
      : path_(std::exchange(other.path_, {})), device_(other.device_), inode_(other.inode_) {}
  SocketFile& operator=(SocketFile&&) = delete;

 private:
  std::string path_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

/// The listening sockets of a server: for each shard one a TCP address, spread by the kernel (SO_REUSEPORT), and a
/// common one for each Unix socket and each that was handed in.
class ListenerSet {
 public:
  /// Binds every address `shards` times. Throws std::invalid_argument for text that is no
  /// address and std::system_error, naming the address, if it cannot be had.
  ListenerSet(std::span<const std::string> addresses, unsigned shards);

  /// From now on connections are taken, at first by the kernel; those to Unix sockets were before. Throws
  /// std::system_error.
  void listen();
  std::vector<Listener> take(unsigned shard) { return std::move(by_shard_.at(shard)); }
  /// Removes the files of Unix sockets, so that nobody finds them any more.
  void remove_files() noexcept { socket_files_.clear(); }
  /// What is listened on, with the ports taken.
  std::span<const Address> addresses() const noexcept { return addresses_; }

 private:
  void listen_on(std::span<const Address> candidates, std::string_view text);
  void listen_tcp(Address address, std::string_view text);
  void listen_unix(const Address& address, std::string_view text);
  void listen_handed_in(int fd, std::string_view text);
  void share(int fd, std::string_view text);

  std::vector<std::vector<Listener>> by_shard_;
  std::vector<Address> addresses_;
  std::vector<SocketFile> socket_files_;
};

}  // namespace hearth::net
