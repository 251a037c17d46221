#include "backend/question.hpp"

#include "hearth/json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <stdexcept>
#include <utility>

namespace hearth::app {

namespace {

bool is_utf8(const std::string& text) {
  try {
    const boost::json::value value(text);
    static_cast<void>(Json(value));
    return true;
  } catch (const std::invalid_argument&) {
    return false;
  }
}

// A field of HTTP is bytes; what is no UTF-8 counts as ISO 8859-1, which it once was.
std::string text_of(std::string_view bytes) {
  std::string text(bytes);
  if (is_utf8(text)) return text;
  text.clear();
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      text += c;
    } else {
      text += static_cast<char>(0xC0U | (byte >> 6U));
      text += static_cast<char>(0x80U | (byte & 0x3FU));
    }
  }
  return text;
}

}  // namespace

QuestionBody::QuestionBody(std::string_view type, const NodeName& node, const AskedClient& client)
    : QuestionBody(type) {
  add_json("node", json_of(node)).add("clientId", client.id).add("remoteAddress", client.remote_address);
  if (client.user_id) add("userId", *client.user_id);
  if (client.metadata != nullptr && !client.metadata->is_null()) {
    add_json("metadata", boost::json::serialize(*client.metadata));
  }
}

QuestionBody& QuestionBody::add(std::string_view name, std::string_view value) {
  return add_json(name, boost::json::serialize(boost::json::string_view(value.data(), value.size())));
}

QuestionBody& QuestionBody::add_json(std::string_view name, std::string_view json) {
  if (text_.size() > 1) text_ += ',';
  text_.append("\"").append(name).append("\":").append(json);
  return *this;
}

std::string json_of(const NodeName& node) {
  return boost::json::serialize(boost::json::object{{"id", node.id}, {"name", node.name}});
}

// Several of one name are one, as RFC 9110, 5.3 has it, and RFC 6265, 5.4 for cookies.
std::string json_of(std::span<const HttpField> fields) {
  boost::json::object object;
  for (const HttpField& field : fields) {
    const std::string value = text_of(field.value);
    auto [place, is_new] = object.emplace(text_of(field.name), value);
    if (is_new) continue;
    boost::json::string& before = place->value().as_string();
    before.append(field.name == "cookie" ? "; " : ", ");
    before.append(value);
  }
  return boost::json::serialize(object);
}

std::string json_of(const ClientCertificate& certificate) {
  constexpr std::string_view kDns = "DNS:";
  boost::json::array dns;
  for (const std::string& name : certificate.names) {
    if (name.starts_with(kDns)) dns.emplace_back(name.substr(kDns.size()));
  }
  return boost::json::serialize(boost::json::object{
      {"subject", certificate.subject}, {"dns", std::move(dns)}, {"sha256", certificate.fingerprint}});
}

}  // namespace hearth::app
