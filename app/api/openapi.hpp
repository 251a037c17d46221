#pragma once

#include <string>
#include <string_view>

namespace hearth::app {

/// OpenAPI 3.1 of the API, made of its table of routes, as JSON.
const std::string& openapi_document();

/// The schemas that it names, a JSON object.
std::string_view openapi_schemas() noexcept;

}  // namespace hearth::app
