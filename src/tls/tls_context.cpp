#include "hearth/tls_context.hpp"

#include "tls/pointers.hpp"
#include "tls/server_context.hpp"
#include "tls/ticket_keys.hpp"

#include <memory>
#include <new>

namespace hearth {

namespace {

using Held = std::shared_ptr<const tls::ServerContext>;

void let_go(void* /*ssl*/, void* held, CRYPTO_EX_DATA* /*all*/, int /*index*/, long /*nothing*/, void* /*nothing*/) {
  delete static_cast<Held*>(held);
}

/// Where an SSL holds on to what it was made of.
int place_of_context() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, let_go);
  return index;
}

}  // namespace

TlsContext::TlsContext(const TlsOptions& options)
    : context_(std::make_shared<const tls::ServerContext>(options, std::make_shared<tls::TicketKeys>())) {}

ssl_st* TlsContext::make() const {
  tls::SslPointer ssl = context_->make_ssl();
  auto held = std::make_unique<Held>(context_);
  if (SSL_set_ex_data(ssl.get(), place_of_context(), held.get()) != 1) throw std::bad_alloc();
  static_cast<void>(held.release());  // SSL_free deletes it
  return ssl.release();
}

}  // namespace hearth
