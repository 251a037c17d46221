#include "tls/host_names.hpp"

#include <algorithm>
#include <utility>

namespace hearth::tls {

namespace {

std::string in_lower_case(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

}  // namespace

void HostNames::add(std::string_view name, std::size_t certificate) {
  std::string lower = in_lower_case(name);
  if (lower.starts_with("*.")) {
    wildcards_.emplace(lower.substr(1), certificate);
  } else {
    exact_.emplace(std::move(lower), certificate);
  }
}

std::optional<std::size_t> HostNames::find(std::string_view host) const {
  const std::string lower = in_lower_case(host.ends_with('.') ? host.substr(0, host.size() - 1) : host);
  if (const auto exact = exact_.find(lower); exact != exact_.end()) return exact->second;
  const std::size_t dot = lower.find('.');
  if (dot == std::string::npos || dot == 0) return std::nullopt;
  const auto wildcard = wildcards_.find(std::string_view(lower).substr(dot));
  return wildcard != wildcards_.end() ? std::optional(wildcard->second) : std::nullopt;
}

}  // namespace hearth::tls
