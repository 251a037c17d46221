#pragma once

#include "hub/hub.hpp"

#include <span>

namespace hearth::shard {

/// Marks the clients that a message leaves out, for as long as receivers are looked for.
template <class Ids>
class Exclusion {
 public:
  Exclusion(const hub::Hub& hub, const Ids& ids) : hub_(hub), ids_(ids) { mark(true); }
  ~Exclusion() { mark(false); }
  Exclusion(const Exclusion&) = delete;
  Exclusion& operator=(const Exclusion&) = delete;

 private:
  void mark(bool excluded) const {
    for (const auto& id : ids_) {
      if (hub::Client* client = hub_.find(id)) client->excluded = excluded;
    }
  }

  const hub::Hub& hub_;
  const Ids ids_;
};

}  // namespace hearth::shard
