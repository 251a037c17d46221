#include "serve/exposure.hpp"

namespace hearth::app {

namespace {

bool is_loopback(std::string_view host) { return host.starts_with("127.") || host == "[::1]"; }

bool is_every_interface(std::string_view host) { return host == "0.0.0.0" || host == "[::]"; }

}  // namespace

std::string danger_of(std::string_view address) {
  if (address.starts_with("unix")) return {};
  const auto colon = address.rfind(':');
  const std::string_view host = address.substr(0, colon);
  const std::string_view port = address.substr(colon + 1);
  if (is_loopback(host)) return {};
  const std::string at(address);
  const std::string instead = (host.starts_with('[') ? "[::1]:" : "127.0.0.1:") + std::string(port);
  const std::string open = is_every_interface(host)
                               ? at + " is every network interface of this machine, not this machine alone"
                               : at + " is an address that other machines can reach";
  return open + ": whoever gets there can act as any user and read and write in every room. Listen on " + instead +
         ", and let other machines in through a tunnel (ssh -L " + std::string(port) + ":" + instead + ").";
}

}  // namespace hearth::app
