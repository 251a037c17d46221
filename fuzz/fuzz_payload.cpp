// Reads any bytes as base64 and as the `data` of an `encrypted` event, opens what was read, and encrypts and opens
// again.

#include "crypto/base64.hpp"
#include "crypto/key_agreement.hpp"
#include "crypto/message_cipher.hpp"
#include "crypto/payload.hpp"
#include "protocol/envelope.hpp"
#include "protocol/json.hpp"
#include "protocol/utf8.hpp"
#include "require.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace hearth;

using hearth::fuzz::require;

/// Of a fixed key, so that a corpus keeps its meaning.
struct Peer {
  crypto::MessageCipher cipher;
  crypto::ClientKey key{crypto::AesKey(), crypto::Iv{}, cipher};
};

void check_base64(std::string_view text) {
  const auto bytes = crypto::decode_base64(text);
  if (bytes) require(crypto::encode_base64(*bytes) == text, "base64 that is taken is what would be given");
  const std::string given = crypto::encode_base64(crypto::as_bytes(text));
  const auto back = crypto::decode_base64(given);
  require(back && std::equal(back->begin(), back->end(), crypto::as_bytes(text).begin(), crypto::as_bytes(text).end()),
          "bytes survive base64");
}

void check_public_key(std::string_view text) {
  static const crypto::KeyPair pair = crypto::KeyPair::generate();
  const auto key = crypto::read_public_key(text);
  if (key) static_cast<void>(pair.shared_secret(*key));
}

void check_payload(std::string_view data) {
  crypto::PayloadReader reader;
  const auto payload = reader.read(data);
  if (payload) require(payload->ciphertext.size() >= crypto::kTagSize, "a payload that was read has a tag");
  Peer peer;
  const auto opened = peer.cipher.open(peer.key, data);
  require(payload || !opened, "what cannot be read does not open");
}

void check_round_trip(std::string_view text) {
  Peer sender;
  Peer receiver;
  protocol::EnvelopeReader reader;
  const std::string_view sealed = sender.cipher.seal(sender.key, text);
  require(sealed.size() == crypto::MessageCipher::sealed_size(text.size()), "its length is as was said");
  require(reader.read(sealed) == protocol::EnvelopeReader::Result::envelope, "what is sent is an envelope");
  const auto opened = receiver.cipher.open(receiver.key, reader.envelope().data);
  require(opened && *opened == text, "what was sealed opens");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  check_base64(text);
  check_public_key(text);
  check_round_trip(text);
  if (protocol::is_valid_utf8(text) && protocol::is_valid_json(text)) check_payload(text);
  return 0;
}
