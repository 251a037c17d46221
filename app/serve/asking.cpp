#include "serve/asking.hpp"

#include "backend/reading.hpp"
#include "hearth/client.hpp"
#include "hearth/decision.hpp"
#include "serve/holder.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::app {

namespace {

constexpr std::string_view kTraceparent = "traceparent";
constexpr std::size_t kMostMessageAnswer = std::size_t{1} << 20;
constexpr std::uint16_t kRefusedByBackend = 112;
constexpr std::uint16_t kBackendUnavailable = 113;

/// The beginning of a question about a client that is somebody.
template <class Request>
QuestionBody question_about(std::string_view type, const Request& request, const NodeName& node, const Server& server) {
  AskedClient client{request.client_id, {}, request.user_id, nullptr};
  const Holder* holder = holder_of(request.context);
  std::optional<ClientSnapshot> found;
  if (holder != nullptr && !holder->remote_address.empty()) {
    client.remote_address = holder->remote_address;
    client.metadata = &holder->metadata;
  } else if ((found = server.client(request.client_id))) {
    // It has come before there was anybody to ask, when nothing was kept for that.
    client.remote_address = found->remote_address;
    client.metadata = &found->metadata;
  }
  return {type, node, client};
}

std::string body_of(const AuthenticateRequest& request, const NodeName& node, const Server& server) {
  constexpr std::string_view kType = "authenticate";
  const AskedClient newcomer{request.client_id, request.remote_address, {}, nullptr};
  QuestionBody body =
      request.renewal ? question_about(kType, request, node, server) : QuestionBody(kType, node, newcomer);
  body.add_json("data", request.data.text());
  if (request.renewal) {
    body.add_json("renewal", "true");
  } else {
    std::vector<HttpField> fields;
    std::copy_if(request.headers.begin(), request.headers.end(), std::back_inserter(fields),
                 [](const HttpField& field) { return field.name != kTraceparent; });
    body.add_json("headers", json_of(fields));
  }
  if (request.certificate != nullptr) body.add_json("certificate", json_of(*request.certificate));
  return std::move(body).take();
}

std::string_view trace_of(const AuthenticateRequest& request) {
  for (const HttpField& field : request.headers) {
    if (field.name == kTraceparent) return field.value;
  }
  return {};
}

std::string json_of(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) {
    list.append(list.empty() ? "[" : ",").append(boost::json::serialize(boost::json::string_view(name)));
  }
  return list + "]";
}

std::string body_of(const PublishRequest& request, const NodeName& node, const Server& server) {
  QuestionBody body = question_about("publish", request, node, server);
  body.add("room", request.room).add("event", request.event);
  if (request.data.has_value()) body.add_json("data", request.data.text());
  body.add_json("member", request.is_member ? "true" : "false");
  return std::move(body).take();
}

[[noreturn]] void cannot_decide(const BackendAnswer& answer) { throw Unavailable("the backend: " + answer.why); }

}  // namespace

Awaitable<AuthenticateResult> Asking::authenticate(const AuthenticateRequest& request) const {
  const auto access = access_.get();
  if (const auto issuer = access->issuer_to_ask(request)) co_return co_await verify(request, access, *issuer);
  // Meanwhile the key that was unknown may have come.
  auto decision = access->authenticate(request);
  if (!decision.passes()) co_return std::move(decision).take();
  co_return co_await ask_backend(request);
}

Awaitable<AuthenticateResult> Asking::verify(const AuthenticateRequest& request,
                                             std::shared_ptr<const Access> asked_for, std::size_t issuer) const {
  const bool is_known = co_await key_sets_.refresh(asked_for->verifier().get(), issuer);
  const auto access = access_.get();
  auto decision = access->authenticate(request);
  if (!decision.passes()) co_return std::move(decision).take();
  if (!is_known) throw Unavailable("the keys of the token's issuer cannot be fetched");
  if (access->verifier() != asked_for->verifier()) throw Unavailable("the issuers of tokens are others now");
  co_return access->refuse("kid", "a token is refused (kid): its issuer has no such key");
}

Awaitable<AuthenticateResult> Asking::ask_backend(const AuthenticateRequest& request) const {
  BackendIdentity identity;
  const auto check = [&identity](JsonView object) {
    auto read = read_identity(object);
    if (read.value) identity = *std::move(read.value);
    return std::move(read.problem);
  };
  BackendQuestion question{BackendRequestType::authenticate, body_of(request, node_, server_()), check,
                           trace_of(request)};
  const BackendAnswer answer = co_await backend_.ask(std::move(question));
  if (answer.is_no()) {
    const std::string line = "a client is refused by the backend, with " + std::to_string(answer.status);
    co_return access_.get()->refuse("backend", line);
  }
  if (!answer.is_yes()) cannot_decide(answer);
  Recognised recognised{std::move(identity.user_id), std::move(identity.claims), std::move(identity.grants),
                        identity.expires_at};
  co_return access_.get()->identity_of(request, std::move(recognised));
}

Awaitable<RoomDecisions> Asking::validate_room(const ValidateRoomRequest& request) const {
  const auto access = access_.get();
  Access::RoomQuestion question = access->decide_rooms(request);
  access->count(question);
  if (question.asked.empty()) co_return std::move(question.decided);  // the rules are others now
  std::vector<std::string> rooms;
  const auto check = [&rooms](JsonView object) {
    auto read = read_rooms(object);
    if (read.value) rooms = *std::move(read.value);
    return std::move(read.problem);
  };
  QuestionBody body = question_about("join", request, node_, server_());
  body.add_json("rooms", json_of(question.asked));
  BackendQuestion asked{BackendRequestType::join, std::move(body).take(), check};
  const BackendAnswer answer = co_await backend_.ask(std::move(asked));
  if (answer.is_no()) co_return std::move(question.decided);
  if (!answer.is_yes()) cannot_decide(answer);
  for (std::string& room : question.asked) {
    if (std::find(rooms.begin(), rooms.end(), room) == rooms.end()) continue;
    question.decided.allowed.push_back(std::move(room));
  }
  co_return std::move(question.decided);
}

Awaitable<PublishDecision> Asking::publish(const PublishRequest& request) const {
  BackendQuestion question{BackendRequestType::publish, body_of(request, node_, server_())};
  const BackendAnswer answer = co_await backend_.ask(std::move(question));
  if (answer.is_no()) co_return PublishDecision::refuse();
  if (!answer.is_yes()) cannot_decide(answer);
  const auto data = answer.object().member("data");
  co_return data ? PublishDecision::replace(*data) : PublishDecision::allow();
}

Awaitable<void> Asking::message(const Message& request) const {
  Server& server = server_();
  QuestionBody body = question_about("message", request, node_, server);
  body.add("event", request.event);
  if (request.data.has_value()) body.add_json("data", request.data.text());
  body.add("id", request.id);
  BackendQuestion question{BackendRequestType::message, std::move(body).take()};
  question.most_answer = kMostMessageAnswer;
  const BackendAnswer answer = co_await backend_.ask(std::move(question));
  if (answer.is_yes()) {
    const auto data = answer.object().member("data");
    server.answer(request.client_id, request.id, data ? Json(*data) : Json());
  } else if (answer.is_no()) {
    server.answer_error(request.client_id, request.id, kRefusedByBackend,
                        read_error(answer.body).value_or("Refused by the backend"));
  } else {
    access_.get()->say("a message is not answered: the backend: " + answer.why);
    server.answer_error(request.client_id, request.id, kBackendUnavailable, "Backend unavailable");
  }
}

}  // namespace hearth::app
