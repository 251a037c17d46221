#pragma once

#include "shard/mailbox.hpp"
#include "shard/publication.hpp"

#include <functional>
#include <memory>
#include <variant>

namespace hearth::shard {

class Shard;

/// Work that other threads have for a shard.
using Task = std::function<void(Shard&)>;

/// What lies in a shard's mailbox.
using Letter = std::variant<std::shared_ptr<const Delivery>, Task>;
using ShardMailbox = Mailbox<Letter>;

}  // namespace hearth::shard
