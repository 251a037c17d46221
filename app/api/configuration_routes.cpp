#include "api/body.hpp"
#include "api/handlers.hpp"
#include "api/rule_question.hpp"
#include "config/effective.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace hearth::app::routes {

namespace {

std::string words_for(const config::Origin& origin) {
  switch (origin.source) {
    case config::Origin::Source::fallback:
      return "default";
    case config::Origin::Source::file:
      return "file " + origin.str();
    case config::Origin::Source::environment:
      return "environment " + origin.name;
    case config::Origin::Source::flag:
      return "command line " + origin.name;
  }
  return {};
}

/// What TOML says, which is JSON but for a few escapes.
boost::json::value value_of(const std::string& toml) {
  boost::system::error_code error;
  boost::json::value value = boost::json::parse(toml, error);
  return error ? boost::json::value(toml) : value;
}

boost::json::object value_json(const config::EffectiveValue& one) {
  boost::json::object object{{"key", one.path}};
  if (!one.is_set) {
    object["value"] = nullptr;
    if (!one.fallback.empty()) object["instead"] = one.fallback;
  } else {
    object["value"] = one.is_secret ? boost::json::value("***") : value_of(one.value);
    object["source"] = words_for(one.origin);
  }
  if (one.is_secret) object["secret"] = true;
  return object;
}

}  // namespace

Awaited configuration(ApiDesk& desk, const ApiCall& /*call*/) {
  const std::shared_ptr<const config::Loaded> loaded = desk.host.configuration();
  boost::json::array values;
  for (const config::EffectiveValue& value : config::effective_values(*loaded)) values.push_back(value_json(value));
  boost::json::object body{{"values", std::move(values)}};
  if (loaded->file) body["file"] = *loaded->file;
  co_return answer_of(200, body);
}

Awaited test_rules(ApiDesk& desk, const ApiCall& call) {
  const std::shared_ptr<const config::Loaded> loaded = desk.host.configuration();
  const RuleQuestion question(call.body, loaded->config);
  if (!desk.host.has_no_rules) co_return answer_of(200, question.answer());
  co_return answer_of(200, {{"allowed", true},
                            {"outcome", "allowed"},
                            {"rule", nullptr},
                            {"detail", "in development mode without [[rooms]] everybody may do everything"},
                            {"rules", boost::json::array()}});
}

}  // namespace hearth::app::routes
