#pragma once

#include "auth/pattern.hpp"
#include "hearth/client_view.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace hearth::auth {

/// What placeholders stand for with one client. A view of it.
class ClientValues final : public PlaceholderValues {
 public:
  explicit ClientValues(const ClientView& client) noexcept : client_(client) {}

  bool has(const Placeholder& placeholder, std::string_view value) const noexcept override;
  /// All that has() says yes to.
  std::vector<std::string> all(const Placeholder& placeholder) const;

 private:
  const boost::json::value* claim(const Placeholder& placeholder) const noexcept;

  const ClientView& client_;
};

}  // namespace hearth::auth
