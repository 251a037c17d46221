#pragma once

#include <string>
#include <string_view>

namespace hearth::http {

/// A response with a length and `Connection: close`. `fields` is ready header lines, each with its CRLF.
std::string response(unsigned status, std::string_view content_type, std::string_view body,
                     std::string_view fields = {}, bool with_body = true);

}  // namespace hearth::http
