#pragma once

#include "websocket/deflate.hpp"
#include "websocket/extensions.hpp"

#include <optional>
#include <span>

namespace hearth::websocket {

/// `agree_on_deflate` for a header that is parsed already.
std::optional<DeflateAgreement> agree_on_deflate(std::span<const Extension> offers, const DeflateOptions& preferences);

/// What a client learns from the server's answer (RFC 7692, 7.1): the agreement, or nothing if the parameters are not
/// valid in an answer.
std::optional<DeflateAgreement> read_deflate_answer(const Extension& answer);

}  // namespace hearth::websocket
