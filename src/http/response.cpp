#include "http/response.hpp"

#include <ostream>  // which the header below uses and does not name

#include <boost/beast/http/status.hpp>

namespace hearth::http {
namespace {

std::string_view reason_phrase(unsigned status) {
  const auto phrase = boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(status));
  return {phrase.data(), phrase.size()};
}

}  // namespace

std::string response(unsigned status, std::string_view content_type, std::string_view body, std::string_view fields,
                     bool with_body) {
  std::string response = "HTTP/1.1 ";
  response += std::to_string(status);
  response += ' ';
  response += reason_phrase(status);
  response += "\r\nConnection: close\r\nContent-Type: ";
  response += content_type;
  response += "\r\nContent-Length: ";
  response += std::to_string(body.size());
  response += "\r\n";
  response += fields;
  response += "\r\n";
  if (with_body) {
    response += body;
  }
  return response;
}

}  // namespace hearth::http
