#include "http/head.hpp"

#include "http/fields.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/rfc7230.hpp>

#include <algorithm>
#include <cstdint>

namespace hearth::http {
namespace {

namespace beast = boost::beast::http;
using boost::beast::string_view;
using ErrorCode = boost::beast::error_code;

bool lists(string_view field, string_view token) { return beast::token_list{field}.exists(token); }

void note(SingleField& field, string_view value) {
  if (field.count++ == 0) {
    field.value = std::string(value);
  }
}

constexpr bool is_alphanumeric(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// The length of `scheme://` if the target begins with it (RFC 3986, 3.1), otherwise 0.
std::size_t scheme_length(std::string_view target) noexcept {
  constexpr std::string_view kAuthority = "://";
  const auto is_of_scheme = [](char c) { return is_alphanumeric(c) || c == '+' || c == '-' || c == '.'; };
  const auto end = std::find_if_not(target.begin(), target.end(), is_of_scheme);
  const auto length = static_cast<std::size_t>(end - target.begin());
  return length > 0 && target.substr(length).starts_with(kAuthority) ? length + kAuthority.size() : 0;
}

/// A hexadecimal digit's value, or nothing.
constexpr std::optional<unsigned> digit_of(char c) noexcept {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

/// Takes the first byte, or the one that `%` and two digits stand for, from the front of a path that is not empty.
char take_decoded(std::string_view& path) noexcept {
  if (path.front() == '%' && path.size() >= 3) {
    const auto high = digit_of(path[1]);
    const auto low = digit_of(path[2]);
    if (high && low) {
      path.remove_prefix(3);
      return static_cast<char>(*high * 16 + *low);
    }
  }
  const char plain = path.front();
  path.remove_prefix(1);
  return plain;
}

/// Beast's parser with storage for what the handshake needs alone.
template <bool is_request>
class HeadParser final : public beast::basic_parser<is_request> {
 public:
  HeadParser() {
    this->header_limit(static_cast<std::uint32_t>(kMaxRequestHead));
    this->body_limit(boost::none);
    this->eager(false);
  }

  HeadResult parse(std::string_view bytes) {
    ErrorCode error;
    this->put(boost::asio::buffer(bytes.data(), bytes.size()), error);
    if (error) {
      return {{}, error};
    }
    head_.has_coded_body = this->chunked() || has_transfer_encoding_;
    head_.body_size = this->content_length().value_or(0);
    head_.has_body = head_.has_coded_body || head_.body_size > 0;
    return {std::move(head_), {}};
  }

 private:
  void on_request_impl(beast::verb, string_view method, string_view target, int version, ErrorCode&) override {
    head_.method = std::string(method);
    head_.target = std::string(target);
    head_.is_http_1_1 = version == 11;
  }

  void on_response_impl(int status, string_view, int version, ErrorCode&) override {
    head_.status = static_cast<unsigned>(status);
    head_.is_http_1_1 = version == 11;
  }

  void on_field_impl(beast::field name, string_view text, string_view value, ErrorCode&) override {
    switch (name) {
      case beast::field::host:
        return note(head_.host, value);
      case beast::field::origin:
        return note(head_.origin, value);
      case beast::field::upgrade:
        head_.upgrades_to_websocket = head_.upgrades_to_websocket || lists(value, "websocket");
        break;
      case beast::field::connection:
        head_.connection_upgrade = head_.connection_upgrade || lists(value, "upgrade");
        break;
      case beast::field::transfer_encoding:
        has_transfer_encoding_ = true;
        break;
      case beast::field::sec_websocket_key:
        return note(head_.key, value);
      case beast::field::sec_websocket_version:
        return note(head_.version, value);
      case beast::field::sec_websocket_accept:
        return note(head_.accept, value);
      case beast::field::sec_websocket_protocol:
        return note(head_.protocol, value);
      case beast::field::sec_websocket_extensions:
        head_.extensions += head_.extensions.empty() ? "" : ", ";
        head_.extensions += std::string_view(value.data(), value.size());
        break;
      case beast::field::forwarded:
        head_.is_forwarded = true;
        break;
      default:
        head_.is_forwarded = head_.is_forwarded || equals_ignoring_case({text.data(), text.size()}, "x-forwarded-for");
        break;
    }
  }

  // The body, if any, is not read.
  void on_header_impl(ErrorCode&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCode&) override {}
  std::size_t on_body_impl(string_view, ErrorCode&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, string_view, ErrorCode&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view, ErrorCode&) override { return 0; }
  void on_finish_impl(ErrorCode&) override {}

  Head head_;
  bool has_transfer_encoding_ = false;
};

}  // namespace

std::optional<std::size_t> find_head_end(std::string_view received, std::size_t scanned) noexcept {
  constexpr std::string_view kEmptyLine = "\r\n\r\n";
  const std::size_t from = scanned - std::min(scanned, kEmptyLine.size() - 1);
  const std::size_t at = received.find(kEmptyLine, from);
  return at == std::string_view::npos ? std::nullopt : std::optional(at + kEmptyLine.size());
}

HeadResult parse_request_head(std::string_view head) { return HeadParser<true>().parse(head); }

HeadResult parse_response_head(std::string_view head) { return HeadParser<false>().parse(head); }

std::string_view path_of(std::string_view target) noexcept {
  if (const std::size_t scheme = scheme_length(target); scheme != 0) {
    const std::size_t end = target.find_first_of("/?#", scheme);  // of the authority (RFC 3986, 3.2)
    if (end == std::string_view::npos || target[end] != '/') return "/";
    target.remove_prefix(end);
  }
  return target.substr(0, target.find_first_of("?#"));
}

bool same_path(std::string_view one, std::string_view other) noexcept {
  while (!one.empty() && !other.empty()) {
    if (take_decoded(one) != take_decoded(other)) return false;
  }
  return one.empty() && other.empty();
}

bool may_begin_request(char first) noexcept {
  // A method is a token (RFC 9110, 5.6.2).
  constexpr std::string_view kTokenMarks = "!#$%&'*+-.^_`|~";
  return is_alphanumeric(first) || first == '\r' || kTokenMarks.find(first) != std::string_view::npos;
}

}  // namespace hearth::http
