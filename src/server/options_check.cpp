#include "server/options_check.hpp"

#include "hearth/broker.hpp"
#include "http/origins.hpp"
#include "http/proxies.hpp"
#include "shard/remembering.hpp"

#include <algorithm>
#include <chrono>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace hearth::server {

namespace {

constexpr std::size_t kLeastReplayWindow = 1024;
constexpr std::uint64_t kMostMessagesPerKey = std::uint64_t{1} << 31;

[[noreturn]] void refuse(const std::string& what) { throw std::invalid_argument("hearth: options: " + what); }

/// The path of a request never has such a character as it is, so that one here is a mistake.
void check_path(std::string_view option, const std::string& path) {
  if (!path.starts_with('/')) refuse(std::string(option) + " `" + path + "` does not begin with `/`");
  const auto is_wrong = [](unsigned char c) { return c <= ' ' || c == 0x7f || c == '?' || c == '#'; };
  if (std::any_of(path.begin(), path.end(), is_wrong)) {
    refuse(std::string(option) + " `" + path + "` has a space, a control character, `?` or `#` in it; " +
           "if it is meant, write it percent-encoded, as in %20");
  }
}

void check_rates(const Limits& limits) {
  const std::initializer_list<std::pair<std::string_view, const std::optional<Rate>*>> rates{
      {"connects", &limits.connects},
      {"connects_per_ip", &limits.connects_per_ip},
      {"messages", &limits.messages},
      {"bytes", &limits.bytes}};
  for (const auto& [name, rate] : rates) {
    if (*rate && ((*rate)->count == 0 || (*rate)->per <= std::chrono::seconds::zero())) {
      refuse("limits." + std::string(name) + " lets nothing through; without a value there is no such limit");
    }
  }
}

/// What rules of rooms say that this server does not do is not passed over.
void check_rules(const Options& options) {
  if (options.presence_heartbeat < std::chrono::seconds(1) || options.presence_heartbeat > std::chrono::minutes(1)) {
    refuse("presence_heartbeat is not from 1 s to 1 min");
  }
  const auto rules = options.room_rules.rules();
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const RoomRule& rule = rules[i];
    const std::string name = "room_rules[" + std::to_string(i) + "].";
    if (rule.presence != RoomPresence::off && options.broker && options.broker->presence() == nullptr) {
      refuse(name +
             "presence needs a broker that keeps who is in rooms, and this one does not; leave broker empty, or use "
             "make_local_broker or make_redis_broker");
    }
    if (rule.record != RoomRecord::none) refuse(name + "record is set, which servers cannot do yet; leave it `none`");
    if (rule.history_size > 0 && options.broker && options.broker->history() == nullptr) {
      refuse(name +
             "history_size needs a broker that keeps histories, and this one keeps none; leave broker empty, or use "
             "make_local_broker or make_redis_broker");
    }
  }
}

void check_history(const Options& options) {
  const HistoryOptions& history = options.history;
  const std::size_t limit = options.backpressure_limit;
  if (history.position_check < std::chrono::seconds(1) || history.position_check > std::chrono::hours(1)) {
    refuse("history.position_check is not from 1 s to 1 h");
  }
  if (history.stall_timeout < std::chrono::seconds(1) || history.stall_timeout > std::chrono::hours(1)) {
    refuse("history.stall_timeout is not from 1 s to 1 h");
  }
  const shard::Remembering remembering(options);
  if (!remembering.any() && !remembering.any_policy()) return;
  if (history.catch_up_at == 0 || history.catch_up_at > limit) {
    refuse("history.catch_up_at is " + std::to_string(history.catch_up_at) +
           "; it must be from 1 to backpressure_limit, which is " + std::to_string(limit));
  }
  if (history.replay_window < kLeastReplayWindow || history.replay_window > limit) {
    refuse("history.replay_window is " + std::to_string(history.replay_window) +
           "; it must be from 1024 to backpressure_limit, which is " + std::to_string(limit));
  }
}

}  // namespace

void check(const Options& options) {
  using std::chrono::milliseconds;
  if (options.identifier.empty()) refuse("identifier is empty; give the server a name for its log");
  if (!options.authenticate) refuse("authenticate is not set; a server must decide who its clients are");
  if (options.listen.empty()) refuse("listen is empty; give at least one address, such as 127.0.0.1:8080");
  check_path("path", options.path);
  for (const Page& page : options.pages) check_path("pages: path", page.path);
  if (options.threads > kMaxThreads)
    refuse("threads is " + std::to_string(options.threads) + "; at most 256 are possible");
  if (options.max_payload_length == 0) refuse("max_payload_length is 0; no message would be short enough");
  if (options.max_payload_length > (std::size_t{1} << 30)) refuse("max_payload_length is past 1 GiB");
  if (options.auth_timeout <= milliseconds::zero()) refuse("auth_timeout must be longer than 0");
  if (options.heartbeat_interval <= milliseconds::zero()) refuse("heartbeat_interval must be longer than 0");
  if (options.heartbeat_timeout <= milliseconds::zero()) refuse("heartbeat_timeout must be longer than 0");
  if (options.expiry_grace < milliseconds::zero() || options.expiry_grace > std::chrono::minutes(5)) {
    refuse("expiry_grace is not from 0 to 5 minutes");
  }
  if (options.idle_timeout < milliseconds::zero()) refuse("idle_timeout is negative; 0 switches it off");
  const DeflateOptions& deflate = options.per_message_deflate;
  if (deflate.server_max_window_bits < 9 || deflate.server_max_window_bits > 15) {
    refuse("per_message_deflate.server_max_window_bits is not from 9 to 15");
  }
  if (deflate.client_max_window_bits < 8 || deflate.client_max_window_bits > 15) {
    refuse("per_message_deflate.client_max_window_bits is not from 8 to 15");
  }
  if (deflate.level < 1 || deflate.level > 9) refuse("per_message_deflate.level is not from 1 to 9");
  if (options.encryption == Encryption::off && options.handshake) {
    refuse("handshake is set, but encryption is off, so that nobody would be asked");
  }
  if (options.handshake && !options.outbound_transformer) {
    refuse("handshake is set without outbound_transformer; clients would be sent plain text after it");
  }
  if (options.encrypted_batch_limit == 0) refuse("encrypted_batch_limit is 0; no message would ever be transformed");
  if (options.max_messages_per_key == 0 || options.max_messages_per_key > kMostMessagesPerKey) {
    refuse("max_messages_per_key is not from 1 to 2^31");
  }
  try {
    http::Origins origins(options.allowed_origins);
  } catch (const std::invalid_argument& error) {
    refuse(std::string("allowed_origins: ") + error.what());
  }
  try {
    http::Proxies proxies(options.trusted_proxies);
  } catch (const std::invalid_argument& error) {
    refuse(std::string("trusted_proxies: ") + error.what());
  }
  if (options.proxy_protocol && options.trusted_proxies.empty()) {
    refuse("proxy_protocol is set, and trusted_proxies is empty, so that nobody could connect");
  }
  check_rates(options.limits);
  if (options.publish && !options.client_publish) {
    refuse("publish is set, but client_publish is not, so that nobody would be asked");
  }
  for (const std::string& room : options.default_rooms) {
    if (room.empty()) refuse("default_rooms has an empty name");
  }
  check_rules(options);
  check_history(options);
}

}  // namespace hearth::server
