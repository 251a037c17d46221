#pragma once

#include "hearth/options.hpp"
#include "hub/hub.hpp"
#include "net/loop.hpp"
#include "shard/outlet.hpp"
#include "shard/publication.hpp"
#include "shard/tally.hpp"
#include "shard/transforms.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::shard {

/// Sends to the clients of a shard: one message to one, or a publication to all whom it is for. The shard's thread
/// alone.
class Deliveries final : public Outlet {
 public:
  Deliveries(const Options& options, const hub::Hub& hub, net::Loop& loop, Transforms& transforms, Tally& tally)
      : options_(options), hub_(hub), loop_(loop), transforms_(transforms), tally_(tally) {}

  void deliver(const Publication& publication);
  /// As `deliver` to a client, who has been looked up by name already.
  void deliver_to_client(const protocol::ClientId& id, const Publication& publication);

  /// To those that are given, whomever the publication is for.
  void deliver_to(std::span<hub::Client* const> clients, const Publication& publication);

  // Outlet
  void send(hub::Client& client, std::span<const std::string_view> pieces) override;
  void close(hub::Client& client, const protocol::CloseReason& why) override {
    loop_.close(client, why.code, why.text);
  }

 private:
  bool may_be_sent(const hub::Client& client) const noexcept;
  std::string_view room_of(const Publication& publication);
  net::Outgoing stage(const PublicationText& text);
  template <class Function>
  void for_each_receiver(const Target& target, const hub::Room* room, Function function);
  void count(const Publication& publication);
  void transform(hub::Client& client, std::span<const std::string_view> pieces);
  void transform_noted(const PublicationText& text);

  const Options& options_;
  const hub::Hub& hub_;
  net::Loop& loop_;
  Transforms& transforms_;
  Tally& tally_;
  std::vector<hub::Client*> to_transform_;  // scratch of `deliver`, and the next
  std::string room_;
};

}  // namespace hearth::shard
