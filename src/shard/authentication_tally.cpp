#include "shard/authentication_tally.hpp"

namespace hearth::shard {

namespace {

constexpr const char* kOther = "other";

}  // namespace

AuthenticationTally::AuthenticationTally(const NameMethod& name_method) : name_method_(name_method) {
  if (!name_method_) of_handler_ = &counts_["handler"];
}

std::string AuthenticationTally::method_of(const AuthenticateRequest& request) const {
  try {
    return std::string(name_method_(request));
  } catch (...) {  // whatever it was, the client can do nothing about it
  }
  return kOther;
}

AuthenticationCounts& AuthenticationTally::of(const AuthenticateRequest& request) {
  if (of_handler_ != nullptr) return *of_handler_;
  const std::string method = method_of(request);
  if (const auto known = counts_.find(method); known != counts_.end()) return known->second;
  const bool is_one_too_many = counts_.size() - counts_.count(kOther) >= kMostMethods;
  return counts_[method.empty() || is_one_too_many ? kOther : method];
}

}  // namespace hearth::shard
