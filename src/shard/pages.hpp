#pragma once

#include "hearth/options.hpp"
#include "http/request.hpp"

#include <span>

namespace hearth::shard {

/// What a request for a document gets; nothing for a path that none of them has.
http::Answer answer_page(std::span<const Page> pages, const http::Request& request);

}  // namespace hearth::shard
