#pragma once

#include "hearth/deflate_options.hpp"
#include "websocket/deflate.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace hearth::websocket {

/// What a server makes of the first bytes of a connection.
struct RequestHead {
  enum class Outcome : std::uint8_t {
    need_more,  ///< the head is not complete yet
    upgrade,    ///< a valid upgrade: send `response`, then speak WebSocket
    plain,      ///< a well-formed request for something else than the WebSocket path: `method` and `target` say what
    refused,    ///< send `response`, which says what was wrong, and close
  };

  Outcome outcome = Outcome::need_more;
  std::size_t consumed = 0;  ///< bytes of the head; what follows it is the first frames
  std::string response;
  std::optional<DeflateAgreement> deflate;
  std::string host{};    ///< when `upgrade`: the field `Host`
  std::string origin{};  ///< then: the field `Origin`, as it came; empty when there is none
  bool repeats_origin = false;
  bool is_forwarded = false;  ///< when `upgrade`: it says that it has come through a proxy
  std::string method;  ///< when `plain`, or refused for asking for no upgrade: it may be a page that is asked for
  std::string target;  ///< then, and when `upgrade`: the path, without the query
  std::size_t body_size = 0;    ///< then: bytes that follow the head
  bool has_coded_body = false;  ///< then: it is followed by a body whose length the head does not tell
  bool is_tls = false;          ///< refused: it is the first record of a TLS client
};

/// Reads an HTTP/1.1 request from everything received so far (RFC 6455, 4.2.1). `path` is the WebSocket path, empty
/// for every one; the request's is compared percent-decoded and without its query. An empty line before it is ignored.
/// `scanned` is how many of the bytes an earlier call saw end without a complete head. Refuses with 400, 405 (`Allow`),
/// 426 (`Upgrade`, `Sec-WebSocket-Version: 13`) or 431; what cannot become a request, with its first byte.
RequestHead read_request_head(std::string_view received, std::size_t scanned, std::string_view path,
                              const DeflateOptions& deflate);

/// `Sec-WebSocket-Accept` for a key (RFC 6455, 4.2.2).
std::string accept_token(std::string_view key);

/// The client's request (RFC 6455, 4.1). `extensions` is sent as it is, if not empty.
std::string upgrade_request(std::string_view host, std::string_view target, std::string_view key,
                            std::string_view extensions = {});

/// What a client makes of the server's answer.
struct ResponseHead {
  bool complete = false;
  std::size_t consumed = 0;
  unsigned status = 0;
  std::error_code error;  ///< set when the answer is no valid upgrade
  std::optional<DeflateAgreement> deflate;
};

ResponseHead read_response_head(std::string_view received, std::string_view key);

/// A fresh random `Sec-WebSocket-Key`.
std::string random_key();

}  // namespace hearth::websocket
