#include "commands/server_call.hpp"

#include "commands/config_flags.hpp"
#include "usage_error.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>

#include <iostream>

namespace hearth::app {

namespace {

int complain(std::string_view command, std::string_view what, int code) {
  std::cerr << "hearth " << command << ": " << what << '\n';
  return code;
}

/// A member of a JSON object that is a text; empty if there is none.
std::string text_of(const boost::json::value& value, std::string_view member) {
  const auto* object = value.if_object();
  const auto* found = object != nullptr ? object->if_contains(member) : nullptr;
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

boost::json::value parsed(const std::string& body) {
  boost::system::error_code error;
  boost::json::value value = boost::json::parse(body, error);
  return error ? boost::json::value() : value;
}

std::string hint_for(unsigned status) {
  return status == 401 ? "; HEARTH_API_KEY, or the first of [[api.keys]] that is allowed this, is sent" : "";
}

}  // namespace

void add_server_flags(CLI::App& command, ServerFlags& flags) {
  command.add_option(
      "--api", flags.api,
      "Where the API of the server is: host:port, https://host:port or unix:/path; otherwise HEARTH_API, "
      "or the configuration says it");
  command.add_option(
      "--api-ca", flags.api_authorities,
      "PEM file of who may have signed the certificate of an https API; otherwise that of HEARTH_API_CA, "
      "or whom the system trusts");
  command.add_option("--api-cert", flags.api_certificate,
                     "PEM file with a certificate and its key for an API that asks for one; otherwise that of "
                     "HEARTH_API_CERT");
  add_config_flag(command, flags.config);
}

int run_against_server(std::string_view command, const std::function<int()>& run) {
  try {
    return run();
  } catch (const UsageError& error) {
    return complain(command, error.what(), 2);
  }
}

int exit_code_of(std::string_view command, const ApiReply& reply) {
  constexpr int kFailed = 1;
  constexpr int kWrong = 2;
  const boost::json::value body = parsed(reply.body);
  if (reply.status >= 300) {
    const std::string detail = text_of(body, "detail");
    const std::string why = detail.empty() ? "the server answered with status " + std::to_string(reply.status) : detail;
    return complain(command, why + hint_for(reply.status), reply.status == 422 ? kWrong : kFailed);
  }
  const std::string broker = text_of(body, "broker");
  if (broker == "degraded") {
    return complain(command, "done on this instance; the others are told when Redis is back", 0);
  }
  if (broker == "unable") {
    return complain(command, "done on this instance alone: Redis forbids the channel for the others", kFailed);
  }
  return 0;
}

boost::json::array json_of(const std::vector<std::string>& names) {
  boost::json::array array;
  for (const std::string& name : names) array.emplace_back(name);
  return array;
}

}  // namespace hearth::app
