#include "shard/sealing.hpp"

#include <exception>

namespace hearth::shard {

namespace {

constexpr unsigned kMostFailuresInARow = 10;

}  // namespace

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
  return {client.key->failures() >= kMostFailuresInARow ? Opened::no_once_more : Opened::no};
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
