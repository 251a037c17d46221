#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hearth::app {

/// Whose certificates are good, and which one is shown; all PEM files. Empty: the system's, and none.
struct HttpCertificates {
  std::string ca{};
  std::string cert{};
  std::string key{};
};

struct HttpRequest {
  std::string url{};                  ///< `http` or `https`
  std::vector<std::string> fields{};  ///< of the head, `name: value`
  std::optional<std::string> body{};  ///< with one it is a POST, without one a GET
  std::chrono::milliseconds timeout{2'000};
  std::size_t most_answer = std::size_t{64} << 10;  ///< longest body of an answer that is taken, in bytes
  HttpCertificates certificates{};
};

enum class HttpFailure : std::uint8_t {
  none,
  connection,  ///< it could not be made, is not to be trusted, or broke
  timeout,
  too_long,
};

/// What has come of a request. Of an answer that did not come whole, nothing is there.
struct HttpAnswer {
  HttpFailure failure = HttpFailure::none;
  std::string error{};  ///< of a failure, for a log
  /// The connection failed before a byte of the answer had come, and the request has been sent once at most.
  bool may_be_repeated = false;
  unsigned status = 0;
  std::string body{};
  std::optional<std::chrono::seconds> max_age{};  ///< of `Cache-Control`
};

}  // namespace hearth::app
