// One end of an agreement on a key, driven over standard input and output by tests written elsewhere: a line is a JSON
// command, its answer a line too.
//
//   {"do":"generate","info":…}                              → {"publicKey":…,"salt":…}
//   {"do":"derive","publicKey":…,"salt":…}                  → {} or {"error":…}
//   {"do":"encrypt","text":…,"additionalData":…}            → {"iv":…,"ct":…}
//   {"do":"decrypt","iv":…,"ct":…,"additionalData":…}       → {"text":…} or {"error":…}

#include "hearth/crypto.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <exception>
#include <iostream>
#include <string>

namespace {

namespace crypto = hearth::crypto;
namespace json = boost::json;

std::string text_at(const json::object& command, std::string_view key, std::string_view otherwise = {}) {
  const auto* value = command.if_contains(key);
  return std::string(value != nullptr ? std::string_view(value->as_string()) : otherwise);
}

json::object answer(crypto::EcdhSession& session, const json::object& command) {
  const std::string what = text_at(command, "do");
  const std::string additional_data = text_at(command, "additionalData");
  if (what == "generate") {
    session = crypto::EcdhSession::generate(text_at(command, "info", crypto::kDefaultInfo));
    return {{"publicKey", session.public_key()}, {"salt", crypto::EcdhSession::make_salt()}};
  }
  if (what == "derive") {
    const auto error = session.derive(text_at(command, "publicKey"), text_at(command, "salt"));
    return error ? json::object{{"error", error.message()}} : json::object{};
  }
  if (what == "encrypt") {
    const crypto::Payload payload = session.encrypt(text_at(command, "text"), additional_data).value();
    return {{"iv", payload.iv}, {"ct", payload.ct}};
  }
  const auto text = session.decrypt({text_at(command, "iv"), text_at(command, "ct")}, additional_data);
  return text ? json::object{{"text", *text}} : json::object{{"error", text.error().message()}};
}

}  // namespace

int main() {
  try {
    auto session = crypto::EcdhSession::generate();
    for (std::string line; std::getline(std::cin, line);) {
      std::cout << json::serialize(answer(session, json::parse(line).as_object())) << std::endl;
    }
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "crypto_peer: " << error.what() << '\n';
    return 1;
  }
}
