#include "support/client_compression.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace hearth::test {

namespace {

constexpr std::string_view kField = "\r\nSec-WebSocket-Extensions: permessage-deflate";
constexpr std::string_view kTail("\x00\x00\xff\xff", 4);  // RFC 7692, 7.2.1
constexpr int kLargestWindow = 15;

int window_bits(std::string_view parameters, std::string_view name) {
  const auto at = parameters.find(name);
  return at == std::string_view::npos ? kLargestWindow
                                      : std::stoi(std::string(parameters.substr(at + name.size() + 1, 2)));
}

void check(int code) {
  if (code != Z_OK) throw std::runtime_error("zlib does not take these parameters");
}

Bytef* bytes(std::string& text) { return reinterpret_cast<Bytef*>(text.data()); }

}  // namespace

struct ClientCompression::Streams {
  explicit Streams(std::string_view parameters)
      : server_bits(window_bits(parameters, "server_max_window_bits")),
        forgets_what_it_gets(parameters.find("server_no_context_takeover") != std::string_view::npos),
        forgets_what_it_sends(parameters.find("client_no_context_takeover") != std::string_view::npos) {
    check(::inflateInit2(&in, -server_bits));
    const int client_bits = std::max(9, window_bits(parameters, "client_max_window_bits"));  // zlib has no 8
    check(::deflateInit2(&out, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -client_bits, 8, Z_DEFAULT_STRATEGY));
  }
  ~Streams() {
    ::inflateEnd(&in);
    ::deflateEnd(&out);
  }
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;

  const int server_bits;
  const bool forgets_what_it_gets;
  const bool forgets_what_it_sends;
  z_stream in{};
  z_stream out{};
};

ClientCompression::ClientCompression(std::string_view parameters) : streams_(std::make_unique<Streams>(parameters)) {}
ClientCompression::ClientCompression(ClientCompression&&) noexcept = default;
ClientCompression& ClientCompression::operator=(ClientCompression&&) noexcept = default;
ClientCompression::~ClientCompression() = default;

std::optional<ClientCompression> ClientCompression::agreed_in(std::string_view head) {
  const auto at = head.find(kField);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view parameters = head.substr(at + kField.size());
  return ClientCompression(parameters.substr(0, parameters.find("\r\n")));
}

std::string ClientCompression::open(std::string_view payload) {
  z_stream& in = streams_->in;
  if (streams_->forgets_what_it_gets) ::inflateReset(&in);
  std::string input = std::string(payload).append(kTail);
  in.next_in = bytes(input);
  in.avail_in = static_cast<uInt>(input.size());
  // zlib looks no further back than its window only in what it has given out before: a little at a time, then.
  std::array<char, 32768> buffer;
  const std::size_t piece = streams_->server_bits == kLargestWindow ? buffer.size() : 1;
  std::string text;
  int result = Z_OK;
  do {
    in.next_out = reinterpret_cast<Bytef*>(buffer.data());
    in.avail_out = static_cast<uInt>(piece);
    result = ::inflate(&in, Z_SYNC_FLUSH);
    text.append(buffer.data(), piece - in.avail_out);
  } while (result == Z_OK && in.avail_out == 0);
  if (result != Z_OK && result != Z_BUF_ERROR) {
    throw std::runtime_error("what the server compressed does not open: " +
                             std::string(in.msg != nullptr ? in.msg : "it ends in the middle"));
  }
  return text;
}

std::string ClientCompression::close(std::string_view text) {
  z_stream& out = streams_->out;
  if (streams_->forgets_what_it_sends) ::deflateReset(&out);
  std::string input(text);
  out.next_in = bytes(input);
  out.avail_in = static_cast<uInt>(input.size());
  std::string payload(::deflateBound(&out, input.size()) + 16, '\0');
  out.next_out = bytes(payload);
  out.avail_out = static_cast<uInt>(payload.size());
  ::deflate(&out, Z_SYNC_FLUSH);
  payload.resize(payload.size() - out.avail_out - kTail.size());
  return payload;
}

}  // namespace hearth::test
