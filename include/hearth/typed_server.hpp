#pragma once

#include "hearth/server.hpp"
#include "hearth/typed_json.hpp"

#include <boost/json/value_from.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace hearth {

template <class AuthData>
struct TypedAuthenticateRequest {
  std::string_view client_id;
  const AuthData& data;
  std::string_view remote_address;
};

template <class Metadata>
struct TypedIdentity {
  std::optional<std::string> user_id{};
  Metadata metadata{};
};

template <class Metadata>
struct TypedClientConnected {
  std::string_view client_id;
  std::optional<std::string_view> user_id;
  const Metadata& metadata;
};

/// The handlers that see the application's types; they take the places of those of the same names in Options.
template <class AuthData, class Metadata>
struct TypedHandlers {
  Handler<std::optional<TypedIdentity<Metadata>>, TypedAuthenticateRequest<AuthData>> authenticate{};
  Handler<void, TypedClientConnected<Metadata>> client_connected{};
};

/// A Server whose auth data and metadata are types of the application: structs described with Boost.Describe, or
/// whatever boost::json converts. Auth data that does not fit is an authentication failure, and a log line says which
/// field.
template <class AuthData, class Metadata>
class TypedServer : public Server {
 public:
  using Handlers = TypedHandlers<AuthData, Metadata>;

  /// As Server's. std::invalid_argument also if `options` has an `authenticate` or `client_connected` of its own.
  TypedServer(Options options, Handlers handlers)
      : Server(with_handlers(std::move(options), std::make_shared<const Handlers>(std::move(handlers)), this)) {}

  /// What `authenticate` gave for a client; nothing if it is not there or not authenticated.
  std::optional<Metadata> metadata(std::string_view client_id) const {
    const auto snapshot = client(client_id);
    if (!snapshot || snapshot->state != ClientState::authenticated) return std::nullopt;
    return from_json<Metadata>(snapshot->metadata);
  }

 private:
  using SharedHandlers = std::shared_ptr<const Handlers>;

  static Options with_handlers(Options options, SharedHandlers handlers, const Server* server) {
    if (options.authenticate || options.client_connected) {
      throw std::invalid_argument(
          "hearth: options of a typed server: authenticate and client_connected are typed here");
    }
    if (!handlers->authenticate) throw std::invalid_argument("hearth: typed server: authenticate is not set");
    if (handlers->authenticate.is_coroutine()) {
      options.authenticate = [handlers, server](const AuthenticateRequest& request) {
        return authenticate_later(handlers, server, request);
      };
    } else {
      options.authenticate = [handlers, server](const AuthenticateRequest& request) -> AuthenticateResult {
        const auto data = read_auth_data(*server, request);
        if (!data) return std::nullopt;
        return untyped(handlers->authenticate.call({request.client_id, *data, request.remote_address}));
      };
    }
    if (!handlers->client_connected) return options;
    if (handlers->client_connected.is_coroutine()) {
      options.client_connected = [handlers](const ClientConnected& event) { return connected_later(handlers, event); };
    } else {
      options.client_connected = [handlers](const ClientConnected& event) {
        const auto metadata = from_json<Metadata>(event.metadata);
        handlers->client_connected.call({event.client_id, event.user_id, metadata});
      };
    }
    return options;
  }

  static std::optional<AuthData> read_auth_data(const Server& server, const AuthenticateRequest& request) {
    try {
      return from_json<AuthData>(request.data.parse());
    } catch (const std::exception& error) {
      server.log(LogLevel::warning, "auth data of client " + std::string(request.client_id) + " (" +
                                        std::string(request.remote_address) + ") was refused: " + error.what());
      return std::nullopt;
    }
  }

  static AuthenticateResult untyped(std::optional<TypedIdentity<Metadata>> identity) {
    if (!identity) return std::nullopt;
    return Identity{std::move(identity->user_id), boost::json::value_from(identity->metadata)};
  }

  static Awaitable<AuthenticateResult> authenticate_later(SharedHandlers handlers, const Server* server,
                                                          const AuthenticateRequest& request) {
    const auto data = read_auth_data(*server, request);
    if (!data) co_return std::nullopt;
    const TypedAuthenticateRequest<AuthData> typed{request.client_id, *data, request.remote_address};
    auto identity = co_await handlers->authenticate.start(typed);
    co_return untyped(std::move(identity));
  }

  static Awaitable<void> connected_later(SharedHandlers handlers, const ClientConnected& event) {
    const auto metadata = from_json<Metadata>(event.metadata);
    const TypedClientConnected<Metadata> typed{event.client_id, event.user_id, metadata};
    co_await handlers->client_connected.start(typed);
  }
};

}  // namespace hearth
