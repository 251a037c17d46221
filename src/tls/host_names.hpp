#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace hearth::tls {

/// Which certificate is for which host, by the names in them (RFC 6125, 6.4): exact ones, and `*.example.com`, which
/// stands for one label. Letters of either case are the same.
class HostNames {
 public:
  /// A name that is there already stays with the certificate it has.
  void add(std::string_view name, std::size_t certificate);
  /// An exact name goes before a wildcard. Nothing if no certificate is for this host.
  std::optional<std::size_t> find(std::string_view host) const;

 private:
  std::map<std::string, std::size_t, std::less<>> exact_;
  std::map<std::string, std::size_t, std::less<>> wildcards_;  // without the `*`: `.example.com`
};

}  // namespace hearth::tls
