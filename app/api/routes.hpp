#pragma once

#include "api/answer.hpp"
#include "api/desk.hpp"
#include "api/pages.hpp"
#include "api/route.hpp"
#include "hearth/server.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace hearth::app {

/// Throws ApiProblem if a key may not use a route.
void check_access(const ApiRoute& route, const ApiGrant& grant);

/// The answer, or the problem that was thrown in place of it. Never throws but for want of memory.
boost::asio::awaitable<ApiAnswer> answered(const Server& server, boost::asio::awaitable<ApiAnswer> handling);

/// Answers requests to the API by its routes. One thread; an answer may take its time while others are given.
class ApiRoutes {
 public:
  /// `desk` has to outlive this.
  ApiRoutes(ApiDesk& desk, ApiPages pages) : desk_(desk), pages_(std::move(pages)) {}

  /// Never throws but for want of memory.
  boost::asio::awaitable<ApiAnswer> answer(ApiRequest request);

 private:
  /// Which route a request is for.
  struct Destination {
    const ApiRoute* route = nullptr;
    std::string name{};       ///< what stands for a part of its path
    std::string_view path{};  ///< of routes that there are, whatever the method; empty if there are none
    std::string methods{};    ///< of these
  };

  static Destination find(const ApiRequest& request);
  boost::asio::awaitable<ApiAnswer> dispatch(const Destination& to, const ApiRequest& request);
  boost::asio::awaitable<ApiAnswer> admit(const ApiRoute& route, const ApiRequest& request, const std::string& name);

  ApiDesk& desk_;
  const ApiPages pages_;
};

}  // namespace hearth::app
