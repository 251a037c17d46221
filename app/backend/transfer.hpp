#pragma once

#include "backend/http_request.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <curl/curl.h>

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>

namespace hearth::app {

/// A request under way, as libcurl sees it. It stays where it is, since libcurl knows its address.
class Transfer {
 public:
  /// Throws std::bad_alloc.
  Transfer(const HttpRequest& request, const boost::asio::any_io_executor& executor);
  ~Transfer() = default;
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  CURL* handle() const noexcept { return easy_.get(); }
  static Transfer& of(CURL* easy);

  /// Of libcurl, or because the client is closed.
  void finish(CURLcode code);
  bool is_finished() const noexcept { return is_finished_; }
  /// Is cancelled when it has finished.
  boost::asio::steady_timer& finished() noexcept { return finished_; }
  HttpAnswer take() { return std::move(answer_); }

 private:
  static std::size_t on_field(char* text, std::size_t one, std::size_t size, void* self) noexcept;
  static std::size_t on_body(char* bytes, std::size_t one, std::size_t size, void* self) noexcept;
  static int on_ready_to_send(void* self, char* address, char* local, int port, int local_port) noexcept;

  void set_request(const HttpRequest& request);
  void set_certificates(const HttpCertificates& certificates);
  bool take_field(std::string_view line);
  HttpFailure failure_of(CURLcode code) const noexcept;

  struct Free {
    void operator()(CURL* easy) const noexcept { ::curl_easy_cleanup(easy); }
    void operator()(curl_slist* list) const noexcept { ::curl_slist_free_all(list); }
  };

  std::unique_ptr<curl_slist, Free> fields_{};
  std::unique_ptr<CURL, Free> easy_;
  boost::asio::steady_timer finished_;
  std::array<char, CURL_ERROR_SIZE> error_{};
  std::size_t most_answer_;
  std::size_t head_ = 0;  // bytes of it that have come
  unsigned sent_ = 0;     // times
  bool is_too_long_ = false;
  bool is_finished_ = false;
  HttpAnswer answer_{};
};

}  // namespace hearth::app
