#include "websocket/deflate_agreement.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::websocket {
namespace {

constexpr std::string_view kName = "permessage-deflate";
constexpr int kMaxWindowBits = 15;

/// The parameters of one offer or answer (RFC 7692, 7.1).
struct Parameters {
  bool server_no_context_takeover = false;
  bool client_no_context_takeover = false;
  std::optional<int> server_max_window_bits;
  bool has_client_max_window_bits = false;
  std::optional<int> client_max_window_bits;
};

/// 8 to 15, in decimal without leading zeros.
std::optional<int> parse_window_bits(std::string_view text) noexcept {
  if (text.size() == 1 && (text[0] == '8' || text[0] == '9')) {
    return text[0] - '0';
  }
  if (text.size() == 2 && text[0] == '1' && text[1] >= '0' && text[1] <= '5') {
    return 10 + (text[1] - '0');
  }
  return std::nullopt;
}

/// Takes up one parameter; false if it is unknown, repeated or has a value that it must not have.
bool take_parameter(Parameters& taken, const Extension::Parameter& parameter) {
  const auto set_flag = [&](bool& flag) { return !parameter.value && !std::exchange(flag, true); };
  const auto set_bits = [&](std::optional<int>& bits) {
    return (bits = parse_window_bits(*parameter.value)).has_value();
  };

  if (parameter.name == "server_no_context_takeover") {
    return set_flag(taken.server_no_context_takeover);
  }
  if (parameter.name == "client_no_context_takeover") {
    return set_flag(taken.client_no_context_takeover);
  }
  if (parameter.name == "server_max_window_bits") {
    return parameter.value && !taken.server_max_window_bits && set_bits(taken.server_max_window_bits);
  }
  if (parameter.name == "client_max_window_bits") {
    return !std::exchange(taken.has_client_max_window_bits, true) &&
           (!parameter.value || set_bits(taken.client_max_window_bits));
  }
  return false;
}

std::optional<Parameters> read_parameters(const Extension& extension) {
  Parameters taken;
  const bool valid =
      std::all_of(extension.parameters.begin(), extension.parameters.end(),
                  [&](const Extension::Parameter& parameter) { return take_parameter(taken, parameter); });
  return valid ? std::optional(taken) : std::nullopt;
}

std::optional<DeflateAgreement> accept_offer(const Parameters& offer, const DeflateOptions& preferences) {
  const int server_bits =
      std::min(offer.server_max_window_bits.value_or(kMaxWindowBits), preferences.server_max_window_bits);
  if (server_bits < 9) {
    return std::nullopt;
  }
  DeflateAgreement agreement;
  agreement.server_no_context_takeover = offer.server_no_context_takeover || preferences.server_no_context_takeover;
  agreement.client_no_context_takeover = offer.client_no_context_takeover || preferences.client_no_context_takeover;
  agreement.server_max_window_bits = static_cast<std::uint8_t>(server_bits);
  agreement.names_server_window = offer.server_max_window_bits.has_value();
  if (offer.has_client_max_window_bits) {
    agreement.client_max_window_bits = static_cast<std::uint8_t>(
        std::min(offer.client_max_window_bits.value_or(kMaxWindowBits), preferences.client_max_window_bits));
  }
  return agreement;
}

}  // namespace

std::optional<DeflateAgreement> agree_on_deflate(std::span<const Extension> offers, const DeflateOptions& preferences) {
  if (!preferences.enabled) {
    return std::nullopt;
  }
  for (const Extension& offer : offers) {
    if (offer.name != kName) {
      continue;
    }
    const std::optional<Parameters> parameters = read_parameters(offer);
    if (std::optional<DeflateAgreement> agreement =
            parameters ? accept_offer(*parameters, preferences) : std::nullopt) {
      return agreement;
    }
  }
  return std::nullopt;
}

std::optional<DeflateAgreement> agree_on_deflate(std::string_view extensions_header,
                                                 const DeflateOptions& preferences) {
  const std::optional<std::vector<Extension>> offers = parse_extensions(extensions_header);
  return offers ? agree_on_deflate(std::span(*offers), preferences) : std::nullopt;
}

std::optional<DeflateAgreement> read_deflate_answer(const Extension& answer) {
  const std::optional<Parameters> parameters = answer.name == kName ? read_parameters(answer) : std::nullopt;
  if (!parameters || (parameters->has_client_max_window_bits && !parameters->client_max_window_bits)) {
    return std::nullopt;
  }
  DeflateAgreement agreement;
  agreement.server_no_context_takeover = parameters->server_no_context_takeover;
  agreement.client_no_context_takeover = parameters->client_no_context_takeover;
  agreement.server_max_window_bits =
      static_cast<std::uint8_t>(parameters->server_max_window_bits.value_or(kMaxWindowBits));
  agreement.client_max_window_bits =
      static_cast<std::uint8_t>(parameters->client_max_window_bits.value_or(kMaxWindowBits));
  return agreement;
}

std::string extension_header(const DeflateAgreement& agreement) {
  std::string header(kName);
  if (agreement.server_no_context_takeover) {
    header += "; server_no_context_takeover";
  }
  if (agreement.client_no_context_takeover) {
    header += "; client_no_context_takeover";
  }
  if (agreement.names_server_window || agreement.server_max_window_bits < kMaxWindowBits) {
    header += "; server_max_window_bits=" + std::to_string(agreement.server_max_window_bits);
  }
  if (agreement.client_max_window_bits < kMaxWindowBits) {
    header += "; client_max_window_bits=" + std::to_string(agreement.client_max_window_bits);
  }
  return header;
}

}  // namespace hearth::websocket
