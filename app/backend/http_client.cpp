#include "backend/http_client.hpp"

#include "backend/transfer.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

#include <curl/curl.h>

#include <chrono>
#include <memory>
#include <new>
#include <set>
#include <stdexcept>
#include <unordered_map>
#include <utility>

namespace hearth::app {

namespace asio = boost::asio;

namespace {

/// A socket of libcurl's, for as long as it wants to know of it. Never closed here.
struct Watch {
  Watch(asio::io_context& io, curl_socket_t socket) : descriptor(io, socket) {}
  ~Watch() {
    if (descriptor.is_open()) descriptor.release();
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  asio::posix::stream_descriptor descriptor;
  int wanted = 0;  // CURL_POLL_IN, CURL_POLL_OUT
  bool is_reading = false;
  bool is_writing = false;
};

void initialise_once() {
  static const CURLcode code = ::curl_global_init(CURL_GLOBAL_DEFAULT);
  if (code != CURLE_OK) throw std::runtime_error("libcurl cannot be initialised");
}

}  // namespace

// libcurl says which sockets and which time it waits for; Asio waits, and tells it.
class HttpClient::Impl {
 public:
  explicit Impl(asio::io_context& io) : io_(io), timer_(io) {
    initialise_once();
    multi_.reset(::curl_multi_init());
    if (!multi_) throw std::bad_alloc();
    ::curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, &Impl::on_socket);
    ::curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, this);
    ::curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, &Impl::on_timer);
    ::curl_multi_setopt(multi_.get(), CURLMOPT_TIMERDATA, this);
  }

  asio::any_io_executor executor() const { return io_.get_executor(); }

  void add(Transfer& transfer) {
    if (is_closed_) return transfer.finish(CURLE_ABORTED_BY_CALLBACK);
    if (::curl_multi_add_handle(multi_.get(), transfer.handle()) != CURLM_OK) throw std::bad_alloc();
    transfers_.insert(&transfer);
  }

  void remove(Transfer& transfer) noexcept {
    if (transfers_.erase(&transfer) > 0) ::curl_multi_remove_handle(multi_.get(), transfer.handle());
  }

  void close() {
    is_closed_ = true;
    while (!transfers_.empty()) {
      Transfer& transfer = **transfers_.begin();
      remove(transfer);
      transfer.finish(CURLE_ABORTED_BY_CALLBACK);
    }
    multi_.reset();  // with the connections that were kept
    timer_.cancel();
  }

 private:
  struct Free {
    void operator()(CURLM* multi) const noexcept { ::curl_multi_cleanup(multi); }
  };

  static int on_socket(CURL* /*easy*/, curl_socket_t socket, int what, void* self, void* /*own*/) noexcept {
    try {
      static_cast<Impl*>(self)->watch(socket, what);
      return 0;
    } catch (...) {
      return -1;  // everything under way fails
    }
  }

  static int on_timer(CURLM* /*multi*/, long milliseconds, void* self) noexcept {
    try {
      static_cast<Impl*>(self)->set_timer(milliseconds);
      return 0;
    } catch (...) {
      return -1;
    }
  }

  void watch(curl_socket_t socket, int what) {
    if (what == CURL_POLL_REMOVE) {
      if (const auto found = watches_.find(socket); found != watches_.end()) {
        found->second->descriptor.release();
        watches_.erase(found);
      }
      return;
    }
    std::shared_ptr<Watch>& watch = watches_[socket];
    if (!watch) watch = std::make_shared<Watch>(io_, socket);
    watch->wanted = what;
    wait(watch, socket);
  }

  void wait(const std::shared_ptr<Watch>& watch, curl_socket_t socket) {
    if ((watch->wanted & CURL_POLL_IN) != 0 && !std::exchange(watch->is_reading, true)) {
      watch->descriptor.async_wait(asio::posix::stream_descriptor::wait_read, [this, watch, socket](const auto& error) {
        watch->is_reading = false;
        happened(watch, socket, CURL_CSELECT_IN, error);
      });
    }
    if ((watch->wanted & CURL_POLL_OUT) != 0 && !std::exchange(watch->is_writing, true)) {
      watch->descriptor.async_wait(asio::posix::stream_descriptor::wait_write,
                                   [this, watch, socket](const auto& error) {
                                     watch->is_writing = false;
                                     happened(watch, socket, CURL_CSELECT_OUT, error);
                                   });
    }
  }

  void happened(const std::shared_ptr<Watch>& watch, curl_socket_t socket, int what,
                const boost::system::error_code& error) {
    if (!watch->descriptor.is_open()) return;
    const int wanted = what == CURL_CSELECT_IN ? CURL_POLL_IN : CURL_POLL_OUT;
    if ((watch->wanted & wanted) != 0) act(socket, error ? CURL_CSELECT_ERR : what);
    if (watch->descriptor.is_open()) wait(watch, socket);
  }

  void set_timer(long milliseconds) {
    if (milliseconds < 0) {
      timer_.cancel();
      return;
    }
    timer_.expires_after(std::chrono::milliseconds(milliseconds));
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error) act(CURL_SOCKET_TIMEOUT, 0);
    });
  }

  void act(curl_socket_t socket, int what) {
    if (!multi_) return;
    int running = 0;
    ::curl_multi_socket_action(multi_.get(), socket, what, &running);
    int left = 0;
    while (const CURLMsg* message = ::curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      Transfer& transfer = Transfer::of(message->easy_handle);
      const CURLcode code = message->data.result;  // the message goes with the handle
      remove(transfer);
      transfer.finish(code);
    }
  }

  asio::io_context& io_;
  asio::steady_timer timer_;
  std::unordered_map<curl_socket_t, std::shared_ptr<Watch>> watches_{};
  std::set<Transfer*> transfers_{};
  std::unique_ptr<CURLM, Free> multi_{};  // before all that it calls back into
  bool is_closed_ = false;
};

HttpClient::HttpClient(asio::io_context& io) : impl_(std::make_unique<Impl>(io)) {}

HttpClient::~HttpClient() { impl_->close(); }  // NOLINT(bugprone-exception-escape)

Awaitable<HttpAnswer> HttpClient::send(HttpRequest request) {
  struct Removal {
    Impl& impl;
    Transfer& transfer;
    ~Removal() { impl.remove(transfer); }
  };
  Transfer transfer(request, impl_->executor());
  const Removal removal{*impl_, transfer};
  impl_->add(transfer);
  while (!transfer.is_finished()) {
    boost::system::error_code ignored;
    // When the coroutine is cancelled, the next one throws.
    co_await transfer.finished().async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  co_return transfer.take();
}

void HttpClient::close() { impl_->close(); }

}  // namespace hearth::app
