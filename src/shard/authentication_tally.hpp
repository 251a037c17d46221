#pragma once

#include "hearth/metrics.hpp"
#include "hearth/requests.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace hearth::shard {

/// What has become of all that wanted to authenticate, by the method that the application names. The shard's thread
/// alone.
class AuthenticationTally {
 public:
  /// Of the application's names, those that are kept apart.
  static constexpr std::size_t kMostMethods = 16;

  using NameMethod = std::function<std::string_view(const AuthenticateRequest&)>;

  /// Without a function all are `handler`. It outlives this.
  explicit AuthenticationTally(const NameMethod& name_method);

  /// Where such a request is to be counted; stays where it is.
  AuthenticationCounts& of(const AuthenticateRequest& request);
  const std::map<std::string, AuthenticationCounts>& counts() const noexcept { return counts_; }

 private:
  std::string method_of(const AuthenticateRequest& request) const;

  const NameMethod& name_method_;
  std::map<std::string, AuthenticationCounts> counts_;
  AuthenticationCounts* of_handler_ = nullptr;  // of all, if nobody names them
};

}  // namespace hearth::shard
