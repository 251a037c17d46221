#pragma once

#include "hearth/requests.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hearth::app {

/// Who asks and tells: this process.
struct NodeName {
  std::string id{};    ///< of the process; nobody else ever has it
  std::string name{};  ///< of the instance, which it keeps when it starts anew
};

/// A client, as far as it is known.
struct AskedClient {
  std::string_view id{};
  std::string_view remote_address{};
  std::optional<std::string_view> user_id{};
  const boost::json::value* metadata = nullptr;  ///< null, or nothing in it: none
};

/// The JSON object of a question, or of anything else that the backend is sent, member by member.
class QuestionBody {
 public:
  explicit QuestionBody(std::string_view type) : text_{"{"} { add("type", type); }
  /// With what every question has.
  QuestionBody(std::string_view type, const NodeName& node, const AskedClient& client);

  QuestionBody& add(std::string_view name, std::string_view value);
  QuestionBody& add_json(std::string_view name, std::string_view json);
  std::string take() && { return std::move(text_) + "}"; }

 private:
  std::string text_;
};

/// `{"id":…,"name":…}`
std::string json_of(const NodeName& node);
std::string json_of(std::span<const HttpField> fields);
std::string json_of(const ClientCertificate& certificate);

}  // namespace hearth::app
