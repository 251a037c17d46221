#pragma once

#include "hearth/encryption_options.hpp"
#include "hearth/requests.hpp"

#include <boost/json/value.hpp>

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::shard {

/// A copy of a request that owns what it refers to: what a coroutine handler is given.
template <class Request>
struct Owned;

namespace detail {

inline std::optional<std::string> copy(std::optional<std::string_view> text) {
  return text ? std::optional<std::string>(*text) : std::nullopt;
}
inline std::optional<std::string_view> view(const std::optional<std::string>& text) {
  return text ? std::optional<std::string_view>(*text) : std::nullopt;
}

}  // namespace detail

template <>
struct Owned<AuthenticateRequest> {
  explicit Owned(const AuthenticateRequest& from)
      : client_id(from.client_id),
        data(from.data.text()),
        remote_address(from.remote_address),
        path(from.path),
        certificate(from.certificate != nullptr ? std::optional(*from.certificate) : std::nullopt),
        renewal(from.renewal),
        user_id(detail::copy(from.user_id)),
        context(from.context) {
    for (const HttpField& field : from.headers) texts.emplace_back(field.name, field.value);
    for (const auto& [name, value] : texts) fields.push_back({name, value});
  }
  Owned(const Owned&) = delete;  // its fields point into it
  Owned& operator=(const Owned&) = delete;
  AuthenticateRequest request() const {
    return {client_id, JsonView::trusted(data), remote_address, fields, path, certificate ? &*certificate : nullptr,
            renewal,   detail::view(user_id),   context};
  }

  std::string client_id;
  std::string data;
  std::string remote_address;
  std::deque<std::pair<std::string, std::string>> texts;  // which stay where they are
  std::vector<HttpField> fields;
  std::string path;
  std::optional<ClientCertificate> certificate;
  bool renewal;
  std::optional<std::string> user_id;
  ClientContext context;
};

template <>
struct Owned<ValidateRoomRequest> {
  explicit Owned(const ValidateRoomRequest& from)
      : client_id(from.client_id),
        user_id(detail::copy(from.user_id)),
        rooms(from.rooms.begin(), from.rooms.end()),
        context(from.context),
        renewal(from.renewal) {}
  ValidateRoomRequest request() const { return {client_id, detail::view(user_id), rooms, context, renewal}; }

  std::string client_id;
  std::optional<std::string> user_id;
  std::vector<std::string> rooms;
  ClientContext context;
  bool renewal;
};

template <>
struct Owned<PublishRequest> {
  explicit Owned(const PublishRequest& from)
      : client_id(from.client_id),
        user_id(detail::copy(from.user_id)),
        room(from.room),
        event(from.event),
        data(from.data.text()),
        is_member(from.is_member),
        context(from.context) {}
  PublishRequest request() const {
    return {client_id, detail::view(user_id), room, event, JsonView::trusted(data), is_member, context};
  }

  std::string client_id;
  std::optional<std::string> user_id;
  std::string room;
  std::string event;
  std::string data;
  bool is_member;
  ClientContext context;
};

template <>
struct Owned<ClientConnected> {
  explicit Owned(const ClientConnected& from)
      : client_id(from.client_id),
        user_id(detail::copy(from.user_id)),
        metadata(from.metadata),
        context(from.context) {}
  ClientConnected request() const { return {client_id, detail::view(user_id), metadata, context}; }

  std::string client_id;
  std::optional<std::string> user_id;
  boost::json::value metadata;
  ClientContext context;
};

template <>
struct Owned<ClientDisconnected> {
  explicit Owned(const ClientDisconnected& from)
      : client_id(from.client_id),
        user_id(detail::copy(from.user_id)),
        code(from.code),
        reason(from.reason),
        context(from.context) {}
  ClientDisconnected request() const { return {client_id, detail::view(user_id), code, reason, context}; }

  std::string client_id;
  std::optional<std::string> user_id;
  std::uint16_t code;
  std::string reason;
  ClientContext context;
};

template <>
struct Owned<RoomMembership> {
  explicit Owned(const RoomMembership& from)
      : client_id(from.client_id), user_id(detail::copy(from.user_id)), room(from.room), context(from.context) {}
  RoomMembership request() const { return {client_id, detail::view(user_id), room, context}; }

  std::string client_id;
  std::optional<std::string> user_id;
  std::string room;
  ClientContext context;
};

template <>
struct Owned<Message> {
  explicit Owned(const Message& from)
      : client_id(from.client_id),
        user_id(detail::copy(from.user_id)),
        event(from.event),
        data(from.data.text()),
        id(from.id),
        context(from.context) {}
  Message request() const { return {client_id, detail::view(user_id), event, JsonView::trusted(data), id, context}; }

  std::string client_id;
  std::optional<std::string> user_id;
  std::string event;
  std::string data;
  std::string id;
  ClientContext context;
};

template <>
struct Owned<HandshakeRequest> {
  explicit Owned(const HandshakeRequest& from)
      : client_id(from.client_id), user_id(detail::copy(from.user_id)), data(from.data.text()) {}
  HandshakeRequest request() const { return {client_id, detail::view(user_id), JsonView::trusted(data)}; }

  std::string client_id;
  std::optional<std::string> user_id;
  std::string data;
};

template <>
struct Owned<OutboundMessage> {
  explicit Owned(const OutboundMessage& from)
      : client_id(from.client_id), user_id(detail::copy(from.user_id)), event(from.event), data(from.data.text()) {}
  OutboundMessage request() const { return {client_id, detail::view(user_id), event, JsonView::trusted(data)}; }

  std::string client_id;
  std::optional<std::string> user_id;
  std::string event;
  std::string data;
};

}  // namespace hearth::shard
