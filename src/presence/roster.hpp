#pragma once

#include "presence/member.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::presence {

using TimePoint = std::chrono::steady_clock::time_point;

/// Who is in a room, as of the last version that was told.
struct Picture {
  std::uint64_t version = 0;
  Counts counts{};
  bool is_listed = false;            ///< `members` are meant: nobody is there if it is empty
  std::vector<MemberPtr> members{};  ///< by their ids
  bool is_cut = false;               ///< there are more after the last one
};

/// What has changed since the version before; without members of any kind, who is told has numbers alone.
struct Change {
  std::uint64_t version = 0;
  Counts counts{};
  bool is_whole = false;   ///< what was told before is to be forgotten
  bool is_listed = false;  ///< then `joined` are all
  std::vector<MemberPtr> joined{};
  std::vector<ClientId> left{};
};

/// Who is in a room, and what of that has been told. Knows no clock. For one thread at a time.
class Roster {
 public:
  /// Most members of a change, and of a picture.
  static constexpr std::size_t kMostListed = 1000;
  /// Bytes of what is known of members past which a page of them ends.
  static constexpr std::size_t kMostPageSize = std::size_t{256} * 1024;

  struct Options {
    bool lists = true;                  ///< members are told, and not only numbers
    std::size_t limit = 1000;           ///< members past which only numbers are, until there are 9/10 of it
    std::chrono::milliseconds grace{};  ///< a leave is told so much later, or with the user's coming back
  };

  explicit Roster(const Options& options) noexcept : options_(options) {}

  /// False if it is there already.
  bool join(MemberPtr member);
  /// False if it is not there.
  bool leave(const ClientId& id, TimePoint now);

  /// Of others who are there, and of whom only numbers are known. Then numbers alone are told.
  void count_unlisted(const Counts& counts) noexcept { unlisted_ = counts; }

  /// What is to be told now; to be asked until there is nothing.
  std::optional<Change> next(TimePoint now);
  /// When the first of those leaves is to be told that are held back.
  std::optional<TimePoint> held_until() const;

  /// Everybody, if that are no more than a picture may have.
  Picture picture() const;
  /// A page of them: those after this id, or from the first.
  Picture page(const std::optional<ClientId>& after, std::size_t limit) const;

  /// As they are to be told, but for those of whom only numbers are known.
  Counts listed_counts() const;
  /// How many are there by name, whatever was told.
  std::size_t size() const noexcept { return shown_.size() - gone_.size() + fresh_.size(); }
  /// Nobody is there, whatever was told.
  bool is_empty() const noexcept { return size() == 0; }

 private:
  std::size_t present() const noexcept { return size() + unlisted_.clients; }
  bool tells_members() const noexcept { return options_.lists && !counts_only_; }
  bool may_be_told(const ClientId& id, TimePoint gone, TimePoint now) const;
  bool has_other_form() const noexcept;
  Change change_form();
  Counts counts() const;
  std::vector<ClientId> take_gone(TimePoint now, std::size_t most);
  std::vector<MemberPtr> take_fresh(std::size_t most);

  Options options_;
  std::map<ClientId, MemberPtr, ById> shown_;                  // who has been told of
  std::map<ClientId, MemberPtr, ById> fresh_;                  // who has come since
  std::map<ClientId, TimePoint, ById> gone_;                   // of the shown: when it left
  boost::unordered_flat_map<std::string, std::size_t> users_;  // clients that are there, of each user
  Counts unlisted_{};
  Counts told_{};
  std::uint64_t version_ = 1;
  bool counts_only_ = false;  // there are too many to be listed
};

}  // namespace hearth::presence
