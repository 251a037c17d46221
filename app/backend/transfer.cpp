#include "backend/transfer.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <new>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace hearth::app {

namespace {

constexpr std::size_t kMostHead = std::size_t{64} << 10;
constexpr unsigned kMostSent = 2;  // libcurl sends again by itself when a connection that it had kept was gone

bool is_of_the_connection(CURLcode code) noexcept {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return true;
    default:
      return false;
  }
}

bool names_the_cache(std::string_view line) {
  constexpr std::string_view kName = "cache-control:";
  return line.size() > kName.size() && std::equal(kName.begin(), kName.end(), line.begin(), [](char a, char b) {
           return a == static_cast<char>(std::tolower(static_cast<unsigned char>(b)));
         });
}

// RFC 9111, 5.2.2.1.
std::optional<std::chrono::seconds> max_age_of(std::string_view line) {
  constexpr std::string_view kName = "max-age=";
  const std::size_t at = line.find(kName);
  if (at == std::string_view::npos || line.substr(0, at).ends_with("s-")) return std::nullopt;
  line.remove_prefix(at + kName.size());
  std::uint32_t seconds = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), seconds);
  if (error != std::errc()) return std::nullopt;
  return std::chrono::seconds(seconds);
}

template <class Value>
void set(CURL* easy, CURLoption option, Value value) {
  if (::curl_easy_setopt(easy, option, value) == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
}

}  // namespace

Transfer::Transfer(const HttpRequest& request, const boost::asio::any_io_executor& executor)
    : easy_(::curl_easy_init()),
      finished_(executor, boost::asio::steady_timer::time_point::max()),
      most_answer_(request.most_answer) {
  if (!easy_) throw std::bad_alloc();
  set_request(request);
  set_certificates(request.certificates);
}

Transfer& Transfer::of(CURL* easy) {
  char* self = nullptr;
  ::curl_easy_getinfo(easy, CURLINFO_PRIVATE, &self);
  return *reinterpret_cast<Transfer*>(self);
}

void Transfer::set_request(const HttpRequest& request) {
  CURL* easy = easy_.get();
  set(easy, CURLOPT_PRIVATE, this);
  set(easy, CURLOPT_ERRORBUFFER, error_.data());
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_URL, request.url.c_str());
  set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy, CURLOPT_FOLLOWLOCATION, 0L);
  set(easy, CURLOPT_PROXY, "");
  set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<std::int64_t>(request.timeout.count(), 1)));
  set(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  set(easy, CURLOPT_HEADERFUNCTION, &Transfer::on_field);
  set(easy, CURLOPT_HEADERDATA, this);
  set(easy, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  set(easy, CURLOPT_WRITEDATA, this);
  set(easy, CURLOPT_PREREQFUNCTION, &Transfer::on_ready_to_send);
  set(easy, CURLOPT_PREREQDATA, this);
  if (request.body) {
    set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body->size()));
    set(easy, CURLOPT_COPYPOSTFIELDS, request.body->c_str());
  }
  for (const std::string& field : request.fields) {
    curl_slist* longer = ::curl_slist_append(fields_.get(), field.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    static_cast<void>(fields_.release());  // it is the beginning of the longer one
    fields_.reset(longer);
  }
  set(easy, CURLOPT_HTTPHEADER, fields_.get());
}

void Transfer::set_certificates(const HttpCertificates& certificates) {
  if (!certificates.ca.empty()) {
    set(easy_.get(), CURLOPT_CAINFO, certificates.ca.c_str());
    set(easy_.get(), CURLOPT_CAPATH, nullptr);
  }
  if (!certificates.cert.empty()) set(easy_.get(), CURLOPT_SSLCERT, certificates.cert.c_str());
  if (!certificates.key.empty()) set(easy_.get(), CURLOPT_SSLKEY, certificates.key.c_str());
}

std::size_t Transfer::on_field(char* text, std::size_t one, std::size_t size, void* self) noexcept {
  const std::size_t length = one * size;
  return static_cast<Transfer*>(self)->take_field({text, length}) ? length : 0;
}

bool Transfer::take_field(std::string_view line) {
  head_ += line.size();
  is_too_long_ = head_ > kMostHead;
  if (names_the_cache(line)) answer_.max_age = max_age_of(line);
  return !is_too_long_;
}

std::size_t Transfer::on_body(char* bytes, std::size_t one, std::size_t size, void* self) noexcept {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::size_t length = one * size;
  std::string& body = transfer.answer_.body;
  transfer.is_too_long_ = length > transfer.most_answer_ - body.size();
  if (transfer.is_too_long_) return 0;
  try {
    body.append(bytes, length);
  } catch (const std::bad_alloc&) {
    return 0;
  }
  return length;
}

int Transfer::on_ready_to_send(void* self, char* /*address*/, char* /*local*/, int /*port*/,
                               int /*local_port*/) noexcept {
  auto& transfer = *static_cast<Transfer*>(self);
  return ++transfer.sent_ > kMostSent ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

HttpFailure Transfer::failure_of(CURLcode code) const noexcept {
  if (code == CURLE_OK) return HttpFailure::none;
  if (is_too_long_) return HttpFailure::too_long;
  return code == CURLE_OPERATION_TIMEDOUT ? HttpFailure::timeout : HttpFailure::connection;
}

void Transfer::finish(CURLcode code) {
  answer_.failure = failure_of(code);
  if (answer_.failure == HttpFailure::none) {
    long status = 0;
    ::curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    answer_.status = static_cast<unsigned>(status);
  } else {
    answer_.body.clear();
    answer_.error = error_.front() != '\0' ? error_.data() : ::curl_easy_strerror(code);
    answer_.may_be_repeated = is_of_the_connection(code) && head_ == 0 && sent_ < kMostSent;
    if (is_too_long_) answer_.error = "the answer is too long";
  }
  is_finished_ = true;
  finished_.cancel();
}

}  // namespace hearth::app
