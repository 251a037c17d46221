#include "api/openapi.hpp"

#include "api/route.hpp"
#include "hearth/version.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace hearth::app {

namespace {

using boost::json::array;
using boost::json::object;

struct Parameter {
  std::string_view name;
  std::string_view about;
};

constexpr std::array<Parameter, 10> kParameters{{
    {"limit", "Most elements, 1 to 1000; of the busiest 1 to 256"},
    {"after", "The `next` of the page before; of a history, an offset"},
    {"before", "An offset"},
    {"user", "A user's id"},
    {"room", "A room's name"},
    {"address", "192.0.2.1, 2001:db8::1 or unix; or with the port, 192.0.2.1:5000"},
    {"state", "unauthorized, authenticating or authenticated"},
    {"prefix", "What names begin with"},
    {"scope", "cluster: all instances"},
    {"by", "rooms.members, rooms.messages, rooms.bytes, clients.backlog, clients.messages or clients.newest"},
}};

std::string_view about(std::string_view name) {
  const auto* found = std::find_if(kParameters.begin(), kParameters.end(),
                                   [&](const Parameter& parameter) { return parameter.name == name; });
  return found == kParameters.end() ? std::string_view() : found->about;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

object reference(std::string_view schema) {
  return {{"schema", object{{"$ref", "#/components/schemas/" + std::string(schema)}}}};
}

object content(std::string_view type, std::string_view schema) { return {{type, reference(schema)}}; }

object response(std::string_view about, std::string_view type, std::string_view schema) {
  return {{"description", about}, {"content", content(type, schema)}};
}

object problem(std::string_view about) { return response(about, "application/problem+json", "Problem"); }

std::string_view type_of(const ApiRoute& route) {
  return route.answer == "Metrics" ? "text/plain" : route.answer == "Stream" ? "text/event-stream" : "application/json";
}

object responses_of(const ApiRoute& route) {
  object all;
  all[std::to_string(route.status)] = response("All is well", type_of(route), route.answer);
  if (route.answer == "Done")
    all["202"] = response("Done here; `broker` says why not everywhere", type_of(route), "Done");
  if (route.answer == "Health" || route.answer == "Readiness")
    all["503"] = response("It is not", type_of(route), route.answer);
  all["4XX"] = problem("Something is wrong with the request");
  all["5XX"] = problem("It could not be carried out");
  return all;
}

array parameters_of(const ApiRoute& route) {
  array all;
  if (const std::size_t begin = route.path.find('{'); begin != std::string_view::npos) {
    all.push_back(object{{"name", route.path.substr(begin + 1, route.path.find('}') - begin - 1)},
                         {"in", "path"},
                         {"required", true},
                         {"schema", object{{"type", "string"}}}});
  }
  for (const std::string_view name : words_of(route.query)) {
    const object schema =
        name == "limit" ? object{{"type", "integer"}, {"minimum", 1}, {"maximum", 1000}} : object{{"type", "string"}};
    all.push_back(object{{"name", name}, {"in", "query"}, {"description", about(name)}, {"schema", schema}});
  }
  return all;
}

object operation_of(const ApiRoute& route) {
  object operation{{"operationId", route.id}, {"summary", route.summary}};
  // Without any [[api.keys]] none is needed.
  operation["security"] = route.access == ApiAccess::everybody ? array() : array{object{{"key", array()}}, object()};
  if (array parameters = parameters_of(route); !parameters.empty()) operation["parameters"] = std::move(parameters);
  if (!route.body.empty()) {
    operation["requestBody"] =
        object{{"required", route.body != "Nothing"}, {"content", content("application/json", route.body)}};
  }
  operation["responses"] = responses_of(route);
  return operation;
}

std::string lower(std::string_view method) {
  std::string text;
  for (const char c : method) text += static_cast<char>(c - 'A' + 'a');
  return text;
}

object paths() {
  object all;
  for (const ApiRoute& route : api_routes()) {
    all.emplace(route.path, object()).first->value().as_object()[lower(route.method)] = operation_of(route);
  }
  return all;
}

std::string document() {
  const object key{{"type", "http"}, {"scheme", "bearer"}, {"description", "One of [[api.keys]]"}};
  const object document{{"openapi", "3.1.0"},
                        {"info", object{{"title", "Hearth"}, {"version", std::string(kVersion)}}},
                        {"servers", array{object{{"url", "/"}}}},
                        {"paths", paths()},
                        {"components", object{{"securitySchemes", object{{"key", key}}},
                                              {"schemas", boost::json::parse(openapi_schemas())}}}};
  return boost::json::serialize(document);
}

}  // namespace

const std::string& openapi_document() {
  static const std::string text = document();
  return text;
}

}  // namespace hearth::app
