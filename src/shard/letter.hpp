#pragma once

#include "hearth/publication.hpp"
#include "shard/mailbox.hpp"
#include "shard/publication.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <variant>

namespace hearth::shard {

class Shard;

/// Work that other threads have for a shard.
using Task = std::function<void(Shard&)>;

/// What a feed passes on: to the room with this ticket.
struct Passed {
  std::uint32_t ticket = 0;
  PublicationPtr publication{};
};

/// What lies in a shard's mailbox.
using Letter = std::variant<std::shared_ptr<const Delivery>, Task, Passed>;
using ShardMailbox = Mailbox<Letter>;

}  // namespace hearth::shard
