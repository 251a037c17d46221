#include "shard/sealing.hpp"

#include <exception>

namespace hearth::shard {

Sealing::Message Sealing::open(hub::Client& client, std::string_view data) {
  crypto::Result<std::string_view> opened = make_error_code(crypto::Error::not_authentic);
  try {
    opened = cipher_.open(*client.key, data);
  } catch (const std::exception& error) {
    log_(LogLevel::error, "decryption_failed", "a message was not opened",
         {{"client", client.id.str()}, {"what", error.what()}});
  }
  if (opened) return client.key->used() < most_ ? Message{Opened::text, *opened} : Message{Opened::worn_out};
  failures_.add();
  client.key->note_failure();
  return {has_failed_too_often(client) ? Opened::no_once_more : Opened::no};
}

bool Sealing::has_failed_too_often(const hub::Client& client) {
  if (most_failures_ == 0 || client.key->failures() < most_failures_) return false;
  hits_.add(Limit::encryption_failures, client.id);
  return !is_dry_run_;
}

std::string_view Sealing::seal(hub::Client& client, std::string_view message) {
  try {
    const std::string_view sealed = cipher_.seal(*client.key, message);
    if (client.key->used() >= most_) worn_out_.push_back(client.id);
    return sealed;
  } catch (const std::exception& error) {
    log_(LogLevel::error, "encryption_failed", "a message was not sealed, the client is cut off",
         {{"client", client.id.str()}, {"what", error.what()}});
    return {};
  }
}

}  // namespace hearth::shard
