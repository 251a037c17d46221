#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>

#include <memory>
#include <string>
#include <vector>

namespace hearth::redis {

/// Finds the addresses of a host. The system's lookup of a name cannot be interrupted, and with a name server that does
/// not answer it takes longer than anybody wants to wait; so it has a thread that nobody waits for. Of one name there
/// is one lookup at a time in the process, whoever asks for it. For one thread.
class HostLookup {
 public:
  using Addresses = std::vector<boost::asio::ip::address>;

  explicit HostLookup(boost::asio::any_io_executor executor);
  ~HostLookup();
  HostLookup(const HostLookup&) = delete;
  HostLookup& operator=(const HostLookup&) = delete;

  /// One at a time. What goes wrong is thrown as boost::system::system_error.
  boost::asio::awaitable<Addresses> find(std::string host);
  /// Ends a `find` that waits with asio::error::operation_aborted; what it waited for is dropped when it comes.
  void cancel();

 private:
  struct Waiting;
  class Running;

  static Running& running();

  const boost::asio::any_io_executor executor_;
  std::shared_ptr<Waiting> waiting_;
};

}  // namespace hearth::redis
