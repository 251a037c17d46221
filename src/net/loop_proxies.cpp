// Proxies in front of the server, and where their clients come from.

#include "http/proxy_header.hpp"
#include "net/loop.hpp"
#include "websocket/close_code.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace hearth::net {

void Loop::trust(http::Origins origins, http::Proxies proxies) {
  origins_ = std::move(origins);
  proxies_ = std::move(proxies);
}

// False: it is nobody's from whom connections come here.
bool Loop::may_announce(const FileDescriptor& fd) {
  const std::string peer = peer_address(fd.get());
  if (proxies_.trusts(peer)) return true;
  counters_.refuse(Refusal::proxy);
  options_.log(LogLevel::warning, "proxy_unknown",
               "a connection was cut off: it does not come from a proxy; if it does, add it to trusted_proxies",
               {{"address", peer}});
  return false;
}

// What comes after the header stays in the socket, for whoever is to read it: TLS or HTTP.
void Loop::read_announcement(Connection& connection) {
  const Stream::Received seen = connection.stream_.look({buffer_.get(), http::kMaxProxyHeader});
  if (seen.status == Stream::Status::nothing) return;
  const std::string_view received(buffer_.get(), seen.size);
  const bool is_there = seen.status == Stream::Status::received;
  const http::ProxyHeader header = is_there ? http::read_proxy_header(received) : http::ProxyHeader();
  switch (header.outcome) {
    case http::ProxyHeader::Outcome::need_more:
      if (!is_there || connection.peer_ended_) lose(connection, websocket::close_code::kAbnormal, "Connection lost");
      return;
    case http::ProxyHeader::Outcome::malformed:
      counters_.refuse(Refusal::proxy);
      options_.log(
          LogLevel::warning, "proxy_header_malformed",
          "a connection was cut off: it does not begin with a header of the PROXY protocol, which proxy_protocol "
          "asks for",
          {{"address", connection.remote_address()}});
      return lose(connection, websocket::close_code::kAbnormal, "No PROXY header");
    case http::ProxyHeader::Outcome::read:
      break;
  }
  if (receive(connection, {buffer_.get(), header.consumed}) != header.consumed) return;
  connection.is_announced_ = true;
  if (!header.address.empty()) came_from(connection, header.address);
  mark_readable(connection);
}

bool Loop::is_proxy(const Connection& connection) const {
  return proxies_.any() && proxies_.trusts(connection.remote_address());
}

// Only of proxies that are trusted; who else says so is told how to become one, once.
void Loop::note_forwarded(Connection& connection, std::string_view head) {
  const std::string peer = connection.remote_address();
  if (!proxies_.trusts(peer)) {
    if (std::exchange(told_of_forwarding_, true)) return;
    return options_.log(LogLevel::warning, "forwarding_ignored",
                        "a request says that it was forwarded, and is not believed; if it comes from a proxy of yours, "
                        "add its address to trusted_proxies",
                        {{"address", peer}});
  }
  if (const std::string client = proxies_.client_of(head); !client.empty()) came_from(connection, client);
}

void Loop::came_from(Connection& connection, std::string_view address) {
  if (!connection.layers_) connection.layers_ = std::make_unique<Connection::Layers>();
  connection.layers_->origin = address;
}

}  // namespace hearth::net
