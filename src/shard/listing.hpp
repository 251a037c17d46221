#pragma once

#include "hearth/query.hpp"
#include "hub/hub.hpp"
#include "protocol/client_id.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hearth::shard {

/// Part of a page, of what is on one shard.
template <class Item>
struct Listed {
  std::vector<Item> items{};
  bool is_all = true;  ///< there are no more after these
};

/// The first of a shard's clients that are wanted, at most `most`, by their ids and after this one.
Listed<const hub::Client*> list_clients(const hub::Hub& hub, const ClientQuery& query,
                                        const std::optional<protocol::ClientId>& after, std::size_t most);
/// The first of a shard's rooms that are wanted, at most `query.limit`, by name.
Listed<RoomEntry> list_rooms(const hub::Hub& hub, const RoomQuery& query);

/// Those with the most, at most `most`: rooms by members, clients by what waits for them or by when they connected.
std::vector<BusyEntry> largest_rooms(const hub::Hub& hub, std::size_t most);
std::vector<BusyEntry> slowest_clients(const hub::Hub& hub, std::size_t most);
std::vector<BusyEntry> newest_clients(const hub::Hub& hub, std::size_t most);

/// What comes first is at the front, `most` at the most.
void keep_busiest(std::vector<BusyEntry>& entries, std::size_t most);

}  // namespace hearth::shard
