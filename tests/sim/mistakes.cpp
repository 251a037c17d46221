#include "sim/mistakes.hpp"

#include <array>

namespace hearth::sim {

namespace {

constexpr std::array kMistakes{
    NamedMistake{"feed_believes_old_page", "a page that is older than the channel is taken for a rollback",
                 Mistake::feed_believes_old_page},
    NamedMistake{"feed_passes_dead_branch", "publications of a branch that has ended are passed on",
                 Mistake::feed_passes_dead_branch},
    NamedMistake{"feed_ignores_unknown_epoch", "a publication of an epoch that is not known is merely dropped",
                 Mistake::feed_ignores_unknown_epoch},
    NamedMistake{"feed_passes_over_a_hole", "whatever is past the position is passed on",
                 Mistake::feed_passes_over_a_hole},
    NamedMistake{"feed_forgets_known_top", "what is known to be missing after a page is not read",
                 Mistake::feed_forgets_known_top},
    NamedMistake{"feed_keeps_buffer_of_ended_branch", "publications that wait outlive the end of their branch",
                 Mistake::feed_keeps_buffer_of_ended_branch},
    NamedMistake{"feed_excuses_ended_branch", "a page may be older although the branch has a successor",
                 Mistake::feed_excuses_ended_branch},
    NamedMistake{"feed_misses_trimming", "a page that begins too late is taken as it is",
                 Mistake::feed_misses_trimming},
    NamedMistake{"feed_stands_in_newest_epoch",
                 "the first position has the newest epoch and not that of its publication",
                 Mistake::feed_stands_in_newest_epoch},
    NamedMistake{"feed_trusts_renewed_subscription", "a channel that is back is not compared with the log",
                 Mistake::feed_trusts_renewed_subscription},
    NamedMistake{"feed_reads_on_after_rollback", "a page from past the rollback is taken for a trimmed one",
                 Mistake::feed_reads_on_after_rollback},
    NamedMistake{"feed_never_checks_position", "silent rooms are not compared with the log",
                 Mistake::feed_never_checks_position},
    NamedMistake{"feed_starts_without_second_read", "what the channel brings before the first page is forgotten",
                 Mistake::feed_starts_without_second_read},
    NamedMistake{"member_cursor_one_short", "a page is replayed from the cursor on, and not from the one after it",
                 Mistake::member_cursor_one_short},
    NamedMistake{"member_cursor_one_far", "a page is replayed from two after the cursor on",
                 Mistake::member_cursor_one_far},
    NamedMistake{"member_page_past_position", "a page is replayed further than the room is",
                 Mistake::member_page_past_position},
    NamedMistake{"member_page_of_other_branch", "a page of another branch than the room's is replayed",
                 Mistake::member_page_of_other_branch},
    NamedMistake{"member_trusts_own_position", "a position past this node's is taken for rolled back",
                 Mistake::member_trusts_own_position},
    NamedMistake{"member_trusts_own_lineage", "an epoch that this node does not know is taken for unknown to the log",
                 Mistake::member_trusts_own_lineage},
    NamedMistake{"member_keeps_cursor_over_reset", "cursors are not judged by a new lineage",
                 Mistake::member_keeps_cursor_over_reset},
    NamedMistake{"member_falls_behind_at_position", "who falls behind stands at what it was not sent",
                 Mistake::member_falls_behind_at_position},
    NamedMistake{"member_tail_outlives_reset", "the tail is kept over a reset", Mistake::member_tail_outlives_reset},
    NamedMistake{"member_live_before_position", "who has been replayed a page is live",
                 Mistake::member_live_before_position},
    NamedMistake{"shard_hears_former_feed", "what was under way for a room that was given up counts for the next",
                 Mistake::shard_hears_former_feed},
    NamedMistake{"shard_never_tells_epoch", "a new epoch is not told", Mistake::shard_never_tells_epoch},
    NamedMistake{"epochs_counted", "epochs are counted and not random", Mistake::none, StoreMistake::epochs_counted},
    NamedMistake{"new_process_unnoticed", "another process of the store begins no branch", Mistake::none,
                 StoreMistake::new_process_unnoticed},
    NamedMistake{"key_not_looked_up", "idempotency keys are kept and not compared", Mistake::none,
                 StoreMistake::key_not_looked_up},
    NamedMistake{"resent_not_recognised", "an append that is sent again is appended again", Mistake::none,
                 StoreMistake::resent_not_recognised},
    NamedMistake{"resent_with_new_number", "an append that is sent again has another number", Mistake::none,
                 StoreMistake::resent_with_new_number},
    NamedMistake{"order_not_compared", "an append is taken although the one before it was not", Mistake::none,
                 StoreMistake::order_not_compared},
    NamedMistake{"acked_before_appended", "appends are acknowledged once they are sent", Mistake::none,
                 StoreMistake::acked_before_appended},
    NamedMistake{"lost_append_not_resent", "what was under way when a link broke is forgotten", Mistake::none,
                 StoreMistake::lost_append_not_resent},
    NamedMistake{"rollback_not_compared", "a node does not compare what it had appended after a failover",
                 Mistake::none, StoreMistake::rollback_not_compared},
};

}  // namespace

std::span<const NamedMistake> mistakes() noexcept { return kMistakes; }

}  // namespace hearth::sim
