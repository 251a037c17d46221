// Autobahn 12 and 13: permessage-deflate, by the kind of what is sent and by what is agreed on.

#include "conformance/conformance.hpp"

#include <algorithm>

namespace hearth::conformance {

namespace {

using websocket::DeflateAgreement;

constexpr unsigned kCompressed = 4;  // RSV1

/// Messages of a size, in fragments if `fragment` is not 0.
struct Load {
  std::size_t size;
  std::size_t fragment;
};

constexpr Load kLoads[] = {
    {16, 0},      {64, 0},      {256, 0},      {1024, 0},      {4096, 0},      {8192, 0},
    {16384, 0},   {32768, 0},   {65536, 0},    {131072, 0},    {8192, 256},    {16384, 256},
    {32768, 256}, {65536, 256}, {131072, 256}, {131072, 1024}, {131072, 4096}, {131072, 32768},
};

/// An offer and the agreement that has to come of it.
struct Offer {
  std::string_view extensions;
  DeflateAgreement agreement;
};

constexpr Offer kPlainOffer = {"permessage-deflate; client_max_window_bits", {false, false, 15, 15}};

constexpr Offer kOffers[] = {
    {"permessage-deflate", {false, false, 15, 15}},
    {"permessage-deflate; server_no_context_takeover", {true, false, 15, 15}},
    {"permessage-deflate; server_max_window_bits=9", {false, false, 9, 15}},
    {"permessage-deflate; server_max_window_bits=15", {false, false, 15, 15}},
    {"permessage-deflate; server_no_context_takeover; server_max_window_bits=9", {true, false, 9, 15}},
    {"permessage-deflate; server_no_context_takeover; server_max_window_bits=15; client_no_context_takeover",
     {true, true, 15, 15}},
    {"permessage-deflate; server_max_window_bits=8, permessage-deflate; client_max_window_bits=10, permessage-deflate",
     {false, false, 15, 10}},
};

/// What the n-th message of a kind is.
using Content = std::string (*)(std::size_t size, unsigned n);

std::string json(std::size_t size, unsigned n) {
  std::string text;
  for (unsigned i = n; text.size() < size; ++i) {
    text += R"({"id":)" + std::to_string(i * 7919) + R"(,"event":"message","data":{"room":"r)" +
            std::to_string(i % 17) + R"(","text":"caf)" + "\xc3\xa9" + R"("}},)";
  }
  text.resize(size);
  if (text.back() == '\xc3') text.back() = '.';  // half a character
  return text;
}

std::string noise(std::size_t size, unsigned n) {
  std::mt19937 random(n);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

std::string repetition(std::size_t size, unsigned n) { return std::string(size, static_cast<char>('a' + n % 26)); }

Script conversation(const Offer& offer, const Load& load, Opcode opcode, Content content) {
  constexpr std::size_t kVolume = 256 * 1024;
  const std::size_t messages = std::clamp<std::size_t>(kVolume / load.size, 2, 100);
  const DeflateAgreement& agreed = offer.agreement;
  websocket::Deflater deflater(agreed.client_max_window_bits, 6);
  Script script;
  script.offers(offer.extensions, agreed);
  for (unsigned n = 0; n < messages; ++n) {
    const std::string payload = content(load.size, n);
    const std::string_view wire = deflater.compress(payload, agreed.client_no_context_takeover);
    script.sends(fragmented(opcode, wire, load.fragment == 0 ? wire.size() : load.fragment, kCompressed))
        .sees(message(opcode, payload));
  }
  return script.closes();
}

std::vector<Case> for_loads(const std::string& group, const Offer& offer, Opcode opcode, Content content,
                            bool shrinks = false) {
  std::vector<Case> cases;
  for (const Load& load : kLoads) {
    const std::string what = std::string(offer.extensions) + ": messages of " + std::to_string(load.size) +
                             " in fragments of " + std::to_string(load.fragment);
    cases.push_back({group + "." + std::to_string(cases.size() + 1), what, [=] {
                       Script script = conversation(offer, load, opcode, content);
                       if (shrinks) script.receives_at_most(script.size() * 2);
                       return script;
                     }});
  }
  return cases;
}

std::vector<Trial> contents() {
  std::vector<Trial> all;
  for (const std::vector<Case>& cases :
       {for_loads("12.1", kPlainOffer, Opcode::text, json, true), for_loads("12.2", kPlainOffer, Opcode::binary, noise),
        for_loads("12.3", kPlainOffer, Opcode::text, repetition, true),
        for_loads("12.4", kPlainOffer, Opcode::binary, json, true)}) {
    for (Trial& trial : in_large_deliveries(cases)) all.push_back(std::move(trial));
  }
  return all;
}

std::vector<Trial> agreements() {
  std::vector<Trial> all;
  unsigned number = 0;
  for (const Offer& offer : kOffers) {
    const std::string group = "13." + std::to_string(++number);
    for (Trial& trial : in_large_deliveries(for_loads(group, offer, Opcode::text, json)))
      all.push_back(std::move(trial));
  }
  return all;
}

Script compressed(std::string_view bytes) {
  return Script().offers(kPlainOffer.extensions, kPlainOffer.agreement).sends(bytes);
}

/// Beyond Autobahn: what RFC 7692 forbids, or lets a peer do.
const std::vector<Case> kEdges = {
    {"deflate.1", "RSV1 on a ping",
     [] { return compressed(frame(Opcode::ping, "", {.rsv = kCompressed})).fails(1002); }},
    {"deflate.2", "RSV1 on a continuation",
     [] {
       return compressed(frame(Opcode::text, from_hex("f248"), {.final = false, .rsv = kCompressed}))
           .sends(frame(Opcode::continuation, from_hex("cdc9c90700"), {.rsv = kCompressed}))
           .fails(1002);
     }},
    {"deflate.3", "data that is not compressed",
     [] { return compressed(frame(Opcode::binary, from_hex("07"), {.rsv = kCompressed})).fails(1007); }},
    {"deflate.4", "an empty message",
     [] {
       return compressed(frame(Opcode::text, from_hex("00"), {.rsv = kCompressed}))
           .sees(message(Opcode::text, ""))
           .closes();
     }},
    {"deflate.5", "a message that is sent as it is",
     [] { return compressed(frame(Opcode::text, "plain")).sees(message(Opcode::text, "plain")).closes(); }},
    {"deflate.6", "a block marked as the last",
     [] {
       return compressed(frame(Opcode::text, from_hex("f348cdc9c9070000"), {.rsv = kCompressed}))
           .sees(message(Opcode::text, "Hello"))
           .closes();
     }},
    {"deflate.7", "text that is no UTF-8 when it is opened",
     [] {
       websocket::Deflater deflater(15, 6);
       return compressed(frame(Opcode::text, deflater.compress("caf\xc3", true), {.rsv = kCompressed})).fails(1007);
     }},
};

const std::vector<Case> kBomb = {
    {"deflate.8", "a few hundred KiB that would be 80 MiB, past the limit",
     [] {
       websocket::Deflater deflater(15, 1);
       const std::string bomb(std::size_t{80} << 20U, '\0');
       return compressed(frame(Opcode::binary, deflater.compress(bomb, true), {.rsv = kCompressed})).fails(1009);
     }},
};

INSTANTIATE_TEST_SUITE_P(Group12, Conformance, ::testing::ValuesIn(contents()), trial_name);
INSTANTIATE_TEST_SUITE_P(Group13, Conformance, ::testing::ValuesIn(agreements()), trial_name);
INSTANTIATE_TEST_SUITE_P(DeflateEdges, Conformance, ::testing::ValuesIn(in_every_delivery(kEdges)), trial_name);
INSTANTIATE_TEST_SUITE_P(DeflateBomb, Conformance, ::testing::ValuesIn(in_large_deliveries(kBomb)), trial_name);

}  // namespace
}  // namespace hearth::conformance
