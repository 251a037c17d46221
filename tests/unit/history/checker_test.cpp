#include "history/checker/checker.hpp"

#include "history/checker/record_json.hpp"

#include <gmock/gmock.h>

#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace hearth::test {
namespace {

using testing::Contains;
using testing::IsEmpty;

// A room "r" whose log is A:1..5 with the contents h1..h5 and the keys k1..k5 of the publisher "p", on node "n".
constexpr const char* kLog = R"(
{"at":1,"kind":"retain","room":"r","count":3}
{"at":2,"kind":"branch","room":"r","epoch":"AAAAAAA1","offset":1}
{"at":3,"kind":"entry","room":"r","who":"p","epoch":"AAAAAAA1","offset":1,"hash":"h1","key":"k1"}
{"at":4,"kind":"entry","room":"r","who":"p","epoch":"AAAAAAA1","offset":2,"hash":"h2","key":"k2"}
{"at":5,"kind":"entry","room":"r","who":"p","epoch":"AAAAAAA1","offset":3,"hash":"h3","key":"k3"}
{"at":6,"kind":"entry","room":"r","who":"p","epoch":"AAAAAAA1","offset":4,"hash":"h4","key":"k4"}
{"at":7,"kind":"entry","room":"r","who":"p","epoch":"AAAAAAA1","offset":5,"hash":"h5","key":"k5"}
)";
// The store loses what comes after A:3, and B goes on from there.
constexpr const char* kRollback = R"(
{"at":500,"kind":"fault","fault":"store_lost"}
{"at":501,"kind":"branch","room":"r","epoch":"BBBBBBB2","offset":4,"parent":"AAAAAAA1"}
{"at":502,"kind":"entry","room":"r","who":"p","epoch":"BBBBBBB2","offset":4,"hash":"g4","key":"j4"}
{"at":503,"kind":"entry","room":"r","who":"p","epoch":"BBBBBBB2","offset":5,"hash":"g5","key":"j5"}
)";
constexpr const char* kEndsAtA =
    R"({"at":9000,"kind":"end_top","room":"r","epoch":"AAAAAAA1","offset":5,"parent":"AAAAAAA1"})";
constexpr const char* kEndsAtB =
    R"({"at":9000,"kind":"end_top","room":"r","epoch":"BBBBBBB2","offset":5,"parent":"BBBBBBB2"})";
// The client "c" joins before the first and gets three.
constexpr const char* kJoins = R"(
{"at":100,"kind":"join","who":"c","room":"r"}
{"at":101,"kind":"answer","who":"c","room":"r","epoch":"AAAAAAA1","offset":0,"top":0}
)";
constexpr const char* kGetsThree = R"(
{"at":110,"kind":"recv","who":"c","room":"r","epoch":"AAAAAAA1","offset":1,"hash":"h1"}
{"at":111,"kind":"recv","who":"c","room":"r","epoch":"AAAAAAA1","offset":2,"hash":"h2"}
{"at":112,"kind":"recv","who":"c","room":"r","epoch":"AAAAAAA1","offset":3,"hash":"h3"}
)";
constexpr const char* kGetsTheRest = R"(
{"at":113,"kind":"recv","who":"c","room":"r","epoch":"AAAAAAA1","offset":4,"hash":"h4"}
{"at":114,"kind":"recv","who":"c","room":"r","epoch":"AAAAAAA1","offset":5,"hash":"h5"}
)";

Records records_of(const std::vector<std::string>& parts) {
  RecordReader reader;
  for (const std::string& part : parts) {
    std::istringstream lines(part);
    reader.read(lines, "test");
  }
  return reader.take();
}

/// `C1: what` of each violation.
std::vector<std::string> violations(const std::vector<std::string>& parts) {
  std::vector<std::string> found;
  for (const Violation& violation : check(records_of(parts))) found.push_back(violation.rule + ": " + violation.what);
  return found;
}

struct Run {
  const char* name;
  const char* violates;  ///< how the violation begins that it has to have
  std::vector<std::string> parts;
};

std::ostream& operator<<(std::ostream& out, const Run& run) { return out << run.name; }

class BadRun : public testing::TestWithParam<Run> {};
class GoodRun : public testing::TestWithParam<Run> {};

TEST_P(BadRun, IsFound) {
  const std::vector<std::string> found = violations(GetParam().parts);
  EXPECT_THAT(found, Contains(testing::StartsWith(GetParam().violates)));
}

TEST_P(GoodRun, IsFine) { EXPECT_THAT(violations(GetParam().parts), IsEmpty()); }

const Run kBad[]{
    {"SomethingTwice", "C1", {kLog, kJoins, kGetsThree, R"(
{"at":120,"kind":"recv","who":"c","room":"r","epoch":"AAAAAAA1","offset":3,"hash":"h3"})"}},
    {"SomethingTwiceOverAReconnect", "C1", {kLog, kJoins, kGetsThree, R"(
{"at":120,"kind":"close","who":"c"}
{"at":121,"kind":"join","who":"c","room":"r","epoch":"AAAAAAA1","offset":3,"gave":true}
{"at":122,"kind":"answer","who":"c","room":"r","epoch":"AAAAAAA1","offset":3,"gave":true}
{"at":123,"kind":"recv","who":"c","room":"r","epoch":"AAAAAAA1","offset":2,"hash":"h2"})"}},
    {"SomethingTwiceUnderAnotherEpoch", "C1", {kLog, kRollback, kJoins, kGetsThree, R"(
{"at":600,"kind":"recv","who":"c","room":"r","epoch":"BBBBBBB2","offset":3,"hash":"h3"})"}},
    {"OffsetsThatFall", "C2", {kLog, kJoins, R"(
{"at":110,"kind":"recv","who":"c","room":"r","epoch":"AAAAAAA1","offset":1,"hash":"h1"}
{"at":111,"kind":"recv","who":"c","room":"r","epoch":"AAAAAAA1","offset":3,"hash":"h3","count":1}
{"at":112,"kind":"recv","who":"c","room":"r","epoch":"AAAAAAA1","offset":2,"hash":"h2"})"}},
    {"APublicationWithoutAJoin", "C2", {kLog, kGetsThree}},
    {"APublicationBeforeTheAnswer", "C2", {kLog, R"(
{"at":100,"kind":"join","who":"c","room":"r"}
{"at":110,"kind":"recv","who":"c","room":"r","epoch":"AAAAAAA1","offset":1,"hash":"h1"})"}},
    {"APublicationAfterLeaving",
     "C2",
     {kLog, kJoins, R"(
{"at":105,"kind":"leave","who":"c","room":"r"})",
      kGetsThree}},
    {"AnAnswerWithoutAQuestion", "C2", {kLog, R"(
{"at":101,"kind":"answer","who":"c","room":"r","epoch":"AAAAAAA1","offset":0})"}},
    {"TwoAnswers", "C2", {kLog, kJoins, R"(
{"at":102,"kind":"answer","who":"c","room":"r","epoch":"AAAAAAA1","offset":0})"}},
    {"RecoveredElsewhere", "C2", {kLog, kJoins, kGetsThree, R"(
{"at":120,"kind":"close","who":"c"}
{"at":121,"kind":"join","who":"c","room":"r","epoch":"AAAAAAA1","offset":3,"gave":true}
{"at":122,"kind":"answer","who":"c","room":"r","epoch":"AAAAAAA1","offset":4,"gave":true})"}},
    {"RecoveredOnAnotherBranch", "C2", {kLog, kRollback, kJoins, kGetsThree, kGetsTheRest, R"(
{"at":600,"kind":"join","who":"c","room":"r","epoch":"AAAAAAA1","offset":5,"gave":true}
{"at":601,"kind":"answer","who":"c","room":"r","epoch":"BBBBBBB2","offset":5,"gave":true})"}},
    {"AGapForOneWhoIsNoMember", "C2", {kLog, R"(
{"at":101,"kind":"gap","who":"c","room":"r","lost":"slow","epoch":"AAAAAAA1","offset":5,"count":5})"}},
    {"StandingWhereItWasNotPut", "C2", {kLog, kJoins, kGetsThree, kGetsTheRest, kEndsAtA, R"(
{"at":9001,"kind":"stand","who":"c","room":"r","epoch":"AAAAAAA1","offset":4})"}},
    {"AHole", "C3", {kLog, kJoins, R"(
{"at":110,"kind":"recv","who":"c","room":"r","epoch":"AAAAAAA1","offset":1,"hash":"h1"}
{"at":111,"kind":"recv","who":"c","room":"r","epoch":"AAAAAAA1","offset":3,"hash":"h3"})"}},
    {"AHoleAtTheBeginning", "C3", {kLog, kJoins, R"(
{"at":110,"kind":"recv","who":"c","room":"r","epoch":"AAAAAAA1","offset":2,"hash":"h2"})"}},
    {"AHoleOverAReconnect", "C3", {kLog, kJoins, kGetsThree, R"(
{"at":120,"kind":"close","who":"c"}
{"at":121,"kind":"join","who":"c","room":"r","epoch":"AAAAAAA1","offset":3,"gave":true}
{"at":122,"kind":"answer","who":"c","room":"r","epoch":"AAAAAAA1","offset":3,"gave":true}
{"at":123,"kind":"recv","who":"c","room":"r","epoch":"AAAAAAA1","offset":5,"hash":"h5"})"}},
    {"FewerSkippedThanMissing", "C3", {kLog, kJoins, R"(
{"at":110,"kind":"recv","who":"c","room":"r","epoch":"AAAAAAA1","offset":4,"hash":"h4","count":2})"}},
    {"MoreSkippedThanThereAre", "C3", {kLog, kJoins, R"(
{"at":110,"kind":"recv","who":"c","room":"r","epoch":"AAAAAAA1","offset":3,"hash":"h3","count":7})"}},
    {"AWrongCountInASlowGap", "C3", {kLog, kJoins, R"(
{"at":109,"kind":"fault","who":"c","fault":"client_slow"}
{"at":110,"kind":"gap","who":"c","room":"r","lost":"slow","epoch":"AAAAAAA1","offset":4,"count":3})"}},
    {"WhatLeavesTheClientOut", "C3", {kLog, kJoins, kGetsThree, R"(
{"at":7,"kind":"excluded","who":"c","room":"r","epoch":"AAAAAAA1","offset":2})"}},
    {"ABranchThatBeganBeforeWhatItHas", "C3", {kLog, kRollback, kJoins, kGetsThree, kGetsTheRest, R"(
{"at":510,"kind":"entry","room":"r","who":"p","epoch":"BBBBBBB2","offset":6,"hash":"g6","key":"j6"}
{"at":600,"kind":"recv","who":"c","room":"r","epoch":"BBBBBBB2","offset":6,"hash":"g6"})"}},
    {"RolledBackToWhatItNeverHad", "C3", {kLog, kRollback, kJoins, kGetsThree, kGetsTheRest, R"(
{"at":600,"kind":"gap","who":"c","room":"r","lost":"rolled_back","epoch":"BBBBBBB2","offset":4})"}},
    {"AnotherContent", "C4", {kLog, kJoins, R"(
{"at":110,"kind":"recv","who":"c","room":"r","epoch":"AAAAAAA1","offset":1,"hash":"h2"})"}},
    {"APositionThatNeverWas", "C4", {kLog, kJoins, kGetsThree, kGetsTheRest, R"(
{"at":120,"kind":"recv","who":"c","room":"r","epoch":"AAAAAAA1","offset":6,"hash":"h6"})"}},
    {"AnEpochThatNeverWas", "C4", {kLog, kJoins, R"(
{"at":110,"kind":"recv","who":"c","room":"r","epoch":"XXXXXXX9","offset":1,"hash":"h1"})"}},
    {"AnAnswerInAnEpochThatNeverWas", "C4", {kLog, R"(
{"at":100,"kind":"join","who":"c","room":"r"}
{"at":101,"kind":"answer","who":"c","room":"r","epoch":"XXXXXXX9","offset":0})"}},
    {"AGapToAnEpochThatNeverWas", "C4", {kLog, kJoins, R"(
{"at":109,"kind":"fault","room":"r","fault":"log_lost"}
{"at":110,"kind":"gap","who":"c","room":"r","lost":"epoch","epoch":"XXXXXXX9","offset":0})"}},
    {"OnePositionForTwo", "C4", {kLog, R"(
{"at":50,"kind":"entry","room":"r","who":"p","epoch":"AAAAAAA1","offset":4,"hash":"other","key":"k9"})"}},
    {"OneEpochForTwoBranches", "C4", {kLog, R"(
{"at":50,"kind":"branch","room":"r","epoch":"AAAAAAA1","offset":4})"}},
    {"AnEntryOutsideOfAnyBranch", "C4", {kLog, R"(
{"at":50,"kind":"entry","room":"r","who":"p","epoch":"CCCCCCC3","offset":4,"hash":"other","key":"k9"})"}},
    {"AcknowledgedWhereThereIsNothing", "C5", {kLog, R"(
{"at":50,"kind":"acked","room":"r","who":"p","key":"k5","epoch":"AAAAAAA1","offset":6,"node":"n"})"}},
    {"AcknowledgedWhereThereIsAnother", "C5", {kLog, R"(
{"at":50,"kind":"acked","room":"r","who":"p","key":"k5","epoch":"AAAAAAA1","offset":4,"node":"n"})"}},
    {"AcknowledgedAndNeverThere", "C5", {kLog, R"(
{"at":50,"kind":"acked","room":"r","who":"p","key":"k6","offset":0,"node":"n"})"}},
    {"AcknowledgedAndLostUntold",
     "C5",
     {kLog, R"(
{"at":50,"kind":"acked","room":"r","who":"p","key":"k5","epoch":"AAAAAAA1","offset":5,"node":"n"})",
      kRollback, kEndsAtB}},
    {"AcknowledgedAndAnotherTold",
     "C5",
     {kLog, R"(
{"at":50,"kind":"acked","room":"r","who":"p","key":"k5","epoch":"AAAAAAA1","offset":5,"node":"n"}
{"at":600,"kind":"rolled_back","room":"r","who":"m","epoch":"AAAAAAA1","offset":4,"top":5})",
      kRollback, kEndsAtB}},
    {"AcknowledgedAndTooLittleTold",
     "C5",
     {kLog, R"(
{"at":50,"kind":"acked","room":"r","who":"p","key":"k5","epoch":"AAAAAAA1","offset":5,"node":"n"}
{"at":600,"kind":"rolled_back","room":"r","who":"n","epoch":"AAAAAAA1","offset":4,"top":4})",
      kRollback, kEndsAtB}},
    {"AClientThatIsNotToldOfALoss", "C5", {kLog, kJoins, kGetsThree, kGetsTheRest, kRollback, kEndsAtB, R"(
{"at":9001,"kind":"stand","who":"c","room":"r","epoch":"AAAAAAA1","offset":5})"}},
    {"ALossThatIsCalledTrimmed", "C5", {kLog, kJoins, kGetsThree, kGetsTheRest, kRollback, R"(
{"at":510,"kind":"entry","room":"r","who":"p","epoch":"BBBBBBB2","offset":6,"hash":"g6","key":"j6"}
{"at":511,"kind":"fault","room":"r","fault":"log_evicted"}
{"at":600,"kind":"gap","who":"c","room":"r","lost":"trimmed","epoch":"BBBBBBB2","offset":6})"}},
    {"OneKeyTwice", "C6", {kLog, R"(
{"at":50,"kind":"entry","room":"r","who":"p","epoch":"AAAAAAA1","offset":6,"hash":"h2","key":"k2"})"}},
    {"OneKeyTwiceOverABranch", "C6", {kLog, kRollback, R"(
{"at":510,"kind":"entry","room":"r","who":"p","epoch":"BBBBBBB2","offset":6,"hash":"h2","key":"k2"})"}},
    {"APublishersOrderReversed", "C6", {kLog, kEndsAtA, R"(
{"at":1,"kind":"send","room":"r","who":"p","key":"k3"}
{"at":2,"kind":"send","room":"r","who":"p","key":"k2"})"}},
    {"AnEpochLostWithoutCause", "C7", {kLog, kJoins, kGetsThree, R"(
{"at":120,"kind":"gap","who":"c","room":"r","lost":"epoch","epoch":"AAAAAAA1","offset":5})"}},
    {"AnEpochLostAheadOfItsCause", "C7", {kLog, kJoins, kGetsThree, R"(
{"at":120,"kind":"gap","who":"c","room":"r","lost":"epoch","epoch":"AAAAAAA1","offset":5}
{"at":121,"kind":"fault","room":"r","fault":"log_lost"})"}},
    {"ARollbackWithoutCause", "C7", {kLog, kJoins, kGetsThree, R"(
{"at":120,"kind":"gap","who":"c","room":"r","lost":"rolled_back","epoch":"AAAAAAA1","offset":2})"}},
    {"ARollbackFurtherThanTheLoss", "C7", {kLog, kJoins, kGetsThree, kGetsTheRest, kRollback, R"(
{"at":600,"kind":"gap","who":"c","room":"r","lost":"rolled_back","epoch":"AAAAAAA1","offset":2})"}},
    {"TrimmedWhatIsKept", "C7", {kLog, kJoins, kGetsThree, R"(
{"at":120,"kind":"gap","who":"c","room":"r","lost":"trimmed","epoch":"AAAAAAA1","offset":5})"}},
    {"UnavailableWhenAllIsWell", "C7", {kLog, R"(
{"at":100,"kind":"join","who":"c","room":"r"}
{"at":101,"kind":"answer","who":"c","room":"r","lost":"unavailable"})"}},
    {"UnavailableLongAfterTheFault", "C7", {kLog, R"(
{"at":10,"kind":"fault","fault":"unreachable"}
{"at":20,"kind":"healed","fault":"unreachable"}
{"at":40000000,"kind":"join","who":"c","room":"r"}
{"at":40000001,"kind":"answer","who":"c","room":"r","lost":"unavailable"})"}},
    {"SlowWhoIsNot", "C7", {kLog, kJoins, R"(
{"at":110,"kind":"gap","who":"c","room":"r","lost":"slow","epoch":"AAAAAAA1","offset":5,"count":5})"}},
    {"NotAtTheTopInTheEnd", "C8", {kLog, kJoins, kGetsThree, kEndsAtA, R"(
{"at":9001,"kind":"stand","who":"c","room":"r","epoch":"AAAAAAA1","offset":3})"}},
    {"NotAnsweredInTheEnd", "C8", {kLog, kEndsAtA, R"(
{"at":100,"kind":"join","who":"c","room":"r"}
{"at":9001,"kind":"stand","who":"c","room":"r"})"}},
    {"AnEndThatNobodyTells", "C8", {kLog, kJoins, kGetsThree, R"(
{"at":9001,"kind":"stand","who":"c","room":"r","epoch":"AAAAAAA1","offset":3})"}},
    {"PresenceThatIsNotTrue", "C8", {R"(
{"at":1,"kind":"present","room":"r","key":"m1","node":"n"}
{"at":2,"kind":"shown","who":"c","room":"r","top":1})"}},
    {"PresenceOnTheWrongNode", "C8", {R"(
{"at":1,"kind":"present","room":"r","key":"m1","node":"n"}
{"at":2,"kind":"shown","who":"c","room":"r","top":1}
{"at":3,"kind":"seen","who":"c","room":"r","key":"m1","node":"m"})"}},
    {"NumbersThatAreNotTrue", "C8", {R"(
{"at":1,"kind":"present","room":"r","key":"m1","node":"n"}
{"at":2,"kind":"shown","who":"c","room":"r","top":1}
{"at":3,"kind":"numbers","who":"c","room":"r","count":2})"}},
    {"AVersionLeftOut", "C9", {R"(
{"at":2,"kind":"shown","who":"c","room":"r","top":1}
{"at":3,"kind":"shown_more","who":"c","room":"r","top":3})"}},
    {"AVersionTwice", "C9", {R"(
{"at":2,"kind":"shown","who":"c","room":"r","top":1}
{"at":3,"kind":"shown_more","who":"c","room":"r","top":1})"}},
    {"AChangeOfWhatWasNotShown", "C9", {R"(
{"at":3,"kind":"shown_more","who":"c","room":"r","top":3})"}},
    {"OneWhoComesTwice", "C9", {R"(
{"at":1,"kind":"present","room":"r","key":"m1","node":"n"}
{"at":2,"kind":"shown","who":"c","room":"r","top":1}
{"at":3,"kind":"seen","who":"c","room":"r","key":"m1","node":"n"}
{"at":4,"kind":"shown_more","who":"c","room":"r","top":2}
{"at":5,"kind":"seen","who":"c","room":"r","key":"m1","node":"n"})"}},
    {"OneWhoGoesAndWasNotThere", "C9", {R"(
{"at":2,"kind":"shown","who":"c","room":"r","top":1}
{"at":4,"kind":"shown_more","who":"c","room":"r","top":2}
{"at":5,"kind":"unseen","who":"c","room":"r","key":"m1"})"}},
    {"NumbersThatAreNotThoseOfTheNames", "C9", {R"(
{"at":1,"kind":"present","room":"r","key":"m1","node":"n"}
{"at":2,"kind":"shown","who":"c","room":"r","top":1}
{"at":3,"kind":"seen","who":"c","room":"r","key":"m1","node":"n"}
{"at":3,"kind":"numbers","who":"c","room":"r","count":2,"gave":true})"}},
    {"OneWhoIsThereAndToldAsGone", "C9", {R"(
{"at":1,"kind":"present","room":"r","key":"m1","node":"n"}
{"at":2,"kind":"shown","who":"c","room":"r","top":1}
{"at":3,"kind":"seen","who":"c","room":"r","key":"m1","node":"n"}
{"at":4,"kind":"beat","who":"n"}
{"at":5000004,"kind":"beat","who":"n"}
{"at":10000004,"kind":"beat","who":"n"}
{"at":10000005,"kind":"shown_more","who":"c","room":"r","top":2}
{"at":10000006,"kind":"unseen","who":"c","room":"r","key":"m1"}
{"at":10000007,"kind":"shown","who":"c","room":"r","top":3}
{"at":10000008,"kind":"seen","who":"c","room":"r","key":"m1","node":"n"})"}},
    {"ADeadNodeOfWhichNobodySaysAWord", "C9", {R"(
{"at":2,"kind":"shown","who":"c","room":"r","top":1}
{"at":3,"kind":"seen","who":"c","room":"r","key":"m1","node":"n"}
{"at":10,"kind":"dead","who":"n"}
{"at":13000000,"kind":"beat","who":"m"})"}},
    {"ADeadNodeAfterTwoBeats", "C9", {R"(
{"at":2,"kind":"shown","who":"c","room":"r","top":1}
{"at":3,"kind":"seen","who":"c","room":"r","key":"m1","node":"n"}
{"at":10,"kind":"dead","who":"n"}
{"at":13000000,"kind":"shown_more","who":"c","room":"r","top":2})"}},
    {"ADeadNodeAfterTwoBeatsOfASecond", "C9", {R"(
{"at":1,"kind":"heartbeat","count":1000000,"top":500000}
{"at":2,"kind":"shown","who":"c","room":"r","top":1}
{"at":3,"kind":"seen","who":"c","room":"r","key":"m1","node":"n"}
{"at":10,"kind":"dead","who":"n"}
{"at":4500010,"kind":"shown_more","who":"c","room":"r","top":2}
{"at":4500011,"kind":"unseen","who":"c","room":"r","key":"m1"})"}},
    {"OneWhoIsThereAndToldAsGoneWhereBeatsAreOfASecond", "C9", {R"(
{"at":1,"kind":"heartbeat","count":1000000}
{"at":1,"kind":"present","room":"r","key":"m1","node":"n"}
{"at":2,"kind":"shown","who":"c","room":"r","top":1}
{"at":3,"kind":"seen","who":"c","room":"r","key":"m1","node":"n"}
{"at":4,"kind":"beat","who":"n"}
{"at":1000004,"kind":"beat","who":"n"}
{"at":2000004,"kind":"beat","who":"n"}
{"at":2000005,"kind":"shown_more","who":"c","room":"r","top":2}
{"at":2000006,"kind":"unseen","who":"c","room":"r","key":"m1"}
{"at":2000007,"kind":"shown","who":"c","room":"r","top":3}
{"at":2000008,"kind":"seen","who":"c","room":"r","key":"m1","node":"n"})"}},
    {"OneWhoIsNotInAStoreThatLostItsEndAndToldAsGone", "C9", {R"(
{"at":1,"kind":"heartbeat","count":1000000}
{"at":1,"kind":"present","room":"r","key":"m1","node":"n"}
{"at":2,"kind":"shown","who":"c","room":"r","top":1}
{"at":3,"kind":"seen","who":"c","room":"r","key":"m1","node":"n"}
{"at":3000000,"kind":"fault","fault":"store_lost"}
{"at":3000010,"kind":"fault","fault":"unreachable"}
{"at":4000010,"kind":"healed","fault":"unreachable"}
{"at":4100000,"kind":"beat","who":"n"}
{"at":5100000,"kind":"beat","who":"n"}
{"at":6100000,"kind":"beat","who":"n"}
{"at":6100005,"kind":"shown_more","who":"c","room":"r","top":2}
{"at":6100006,"kind":"unseen","who":"c","room":"r","key":"m1"}
{"at":6100007,"kind":"shown","who":"c","room":"r","top":3}
{"at":6100008,"kind":"seen","who":"c","room":"r","key":"m1","node":"n"})"}},
    {"AKeyThatIgnisDoesNotSend", "C10", {R"(
{"at":1,"kind":"plain","who":"c","text":"{\"event\":\"e\",\"offset\":3}"})"}},
    {"AnEventThatIgnisDoesNotSend", "C10", {R"(
{"at":1,"kind":"plain","who":"c","text":"{\"event\":\"gap\",\"data\":{}}"})"}},
    {"AnEscapedEventThatIgnisDoesNotSend", "C10", {R"(
{"at":1,"kind":"plain","who":"c","text":"{\"event\":\"\\u0067ap\"}"})"}},
    {"ATextThatIsNoEnvelope", "C10", {R"(
{"at":1,"kind":"plain","who":"c","text":"[1]"})"}},
    {"OnePublicationInTwoWords", "C10", {R"(
{"at":1,"kind":"plain","who":"c","key":"k1","text":"{\"event\":\"e\",\"data\":1}"}
{"at":2,"kind":"plain","who":"d","key":"k1","text":"{\"event\":\"e\",\"data\":1.0}"})"}},
    {"ABoundThatIsPassed", "C11", {R"(
{"at":1,"kind":"bound","text":"reads under way","count":33,"top":32})"}},
};

INSTANTIATE_TEST_SUITE_P(Checker, BadRun, testing::ValuesIn(kBad),
                         [](const auto& run) { return std::string(run.param.name); });

const Run kGood[]{
    {"AllInOrder", "", {kLog, kJoins, kGetsThree, kGetsTheRest, kEndsAtA, R"(
{"at":50,"kind":"acked","room":"r","who":"p","key":"k5","epoch":"AAAAAAA1","offset":5,"node":"n"}
{"at":51,"kind":"acked","room":"r","who":"p","key":"k4","offset":0,"node":"n"}
{"at":9001,"kind":"stand","who":"c","room":"r","epoch":"AAAAAAA1","offset":5})"}},
    {"RecoveredOverAReconnect",
     "",
     {kLog, kJoins, kGetsThree, R"(
{"at":112,"kind":"close","who":"c"}
{"at":112,"kind":"join","who":"c","room":"r","epoch":"AAAAAAA1","offset":3,"gave":true}
{"at":112,"kind":"answer","who":"c","room":"r","epoch":"AAAAAAA1","offset":3,"gave":true,"top":5})",
      kGetsTheRest}},
    {"ADeadNodeThatIsTakenOutInTime", "", {R"(
{"at":1,"kind":"heartbeat","count":1000000,"top":500000}
{"at":2,"kind":"shown","who":"c","room":"r","top":1}
{"at":3,"kind":"seen","who":"c","room":"r","key":"m1","node":"n"}
{"at":10,"kind":"dead","who":"n"}
{"at":4400010,"kind":"shown_more","who":"c","room":"r","top":2}
{"at":4400011,"kind":"unseen","who":"c","room":"r","key":"m1"}
{"at":4500010,"kind":"numbers","who":"c","room":"r","count":0,"gave":true})"}},
    {"OnOverAChangeOfEpoch", "", {kLog, kJoins, kGetsThree, kRollback, kEndsAtB, R"(
{"at":600,"kind":"recv","who":"c","room":"r","epoch":"BBBBBBB2","offset":4,"hash":"g4"}
{"at":601,"kind":"recv","who":"c","room":"r","epoch":"BBBBBBB2","offset":5,"hash":"g5"}
{"at":9001,"kind":"stand","who":"c","room":"r","epoch":"BBBBBBB2","offset":5})"}},
    {"ToldOfARollback", "", {kLog, kJoins, kGetsThree, kGetsTheRest, kRollback, kEndsAtB, R"(
{"at":50,"kind":"acked","room":"r","who":"p","key":"k5","epoch":"AAAAAAA1","offset":5,"node":"n"}
{"at":600,"kind":"rolled_back","room":"r","who":"n","epoch":"AAAAAAA1","offset":4,"top":5}
{"at":600,"kind":"gap","who":"c","room":"r","lost":"rolled_back","epoch":"AAAAAAA1","offset":3,"top":5}
{"at":601,"kind":"recv","who":"c","room":"r","epoch":"BBBBBBB2","offset":4,"hash":"g4"}
{"at":602,"kind":"recv","who":"c","room":"r","epoch":"BBBBBBB2","offset":5,"hash":"g5"}
{"at":9001,"kind":"stand","who":"c","room":"r","epoch":"BBBBBBB2","offset":5})"}},
    {"TrimmedWhatIsGone", "", {kLog, kJoins, R"(
{"at":120,"kind":"gap","who":"c","room":"r","lost":"trimmed","epoch":"AAAAAAA1","offset":5})"}},
    {"LeftOut", "", {kLog, kJoins, R"(
{"at":7,"kind":"excluded","who":"c","room":"r","epoch":"AAAAAAA1","offset":1}
{"at":110,"kind":"recv","who":"c","room":"r","epoch":"AAAAAAA1","offset":2,"hash":"h2"})"}},
    {"SkippedAndTold", "", {kLog, kJoins, R"(
{"at":110,"kind":"recv","who":"c","room":"r","epoch":"AAAAAAA1","offset":4,"hash":"h4","count":3})"}},
    {"UnavailableInAFault", "", {kLog, R"(
{"at":10,"kind":"fault","fault":"unreachable"}
{"at":100,"kind":"join","who":"c","room":"r"}
{"at":101,"kind":"answer","who":"c","room":"r","lost":"unavailable"}
{"at":110,"kind":"recv","who":"c","room":"r","epoch":"AAAAAAA1","offset":4,"hash":"h4"})"}},
    {"AKilledNodeIsToldNothing",
     "",
     {kLog, R"(
{"at":50,"kind":"acked","room":"r","who":"p","key":"k5","epoch":"AAAAAAA1","offset":5,"node":"n"}
{"at":60,"kind":"node_gone","who":"n"})",
      kRollback, kEndsAtB}},
    {"ARefusedOneComesLate", "", {kLog, kEndsAtA, R"(
{"at":1,"kind":"send","room":"r","who":"p","key":"k3"}
{"at":2,"kind":"send","room":"r","who":"p","key":"k2"}
{"at":3,"kind":"refused","room":"r","who":"p","key":"k3"})"}},
    {"ATrueView", "", {R"(
{"at":1,"kind":"present","room":"r","key":"m1","node":"n"}
{"at":2,"kind":"shown","who":"c","room":"r","top":1}
{"at":3,"kind":"seen","who":"c","room":"r","key":"m1","node":"n"}
{"at":4,"kind":"absent","room":"r","key":"m1"}
{"at":5,"kind":"shown_more","who":"c","room":"r","top":2}
{"at":6,"kind":"unseen","who":"c","room":"r","key":"m1"})"}},
    {"OnePublicationInTheSameWords", "", {R"(
{"at":1,"kind":"plain","who":"c","key":"k1","text":"{\"event\":\"e\",\"data\":1}"}
{"at":2,"kind":"plain","who":"d","key":"k1","text":"{\"event\":\"e\",\"data\":1}"}
{"at":3,"kind":"plain","who":"d","key":"k2","text":"{\"event\":\"e\",\"data\":2}"})"}},
    {"NumbersAlone", "", {R"(
{"at":1,"kind":"present","room":"r","key":"m1","node":"n"}
{"at":2,"kind":"shown","who":"c","room":"r","top":1}
{"at":3,"kind":"numbers","who":"c","room":"r","count":1})"}},
    {"WhoHasLeftIsToldNoMore", "", {R"(
{"at":1,"kind":"present","room":"r","key":"m1","node":"n"}
{"at":2,"kind":"shown","who":"c","room":"r","top":1}
{"at":3,"kind":"leave","who":"c","room":"r"})"}},
    {"TheDeadAreThereForWhoIsCutOff", "", {R"(
{"at":2,"kind":"shown","who":"c","room":"r","top":1}
{"at":3,"kind":"seen","who":"c","room":"r","key":"m1","node":"n"}
{"at":5,"kind":"fault","fault":"unreachable"}
{"at":10,"kind":"dead","who":"n"}
{"at":13000000,"kind":"shown_more","who":"c","room":"r","top":2}
{"at":14000000,"kind":"healed","fault":"unreachable"}
{"at":24000000,"kind":"shown_more","who":"c","room":"r","top":3}
{"at":24000001,"kind":"unseen","who":"c","room":"r","key":"m1"})"}},
    {"WhatIgnisSends", "", {R"(
{"at":1,"kind":"plain","who":"c","text":"{\"event\":\"e\",\"data\":{\"offset\":3},\"from\":{\"id\":\"x\"}}"})"}},
};

INSTANTIATE_TEST_SUITE_P(Checker, GoodRun, testing::ValuesIn(kGood),
                         [](const auto& run) { return std::string(run.param.name); });

TEST(Records, ComeBackAsTheyWereWritten) {
  const Records records = records_of({kLog, kJoins, kGetsThree, kRollback, kEndsAtB});
  std::ostringstream out;
  write_records(out, records);
  RecordReader reader;
  std::istringstream in(out.str());
  reader.read(in, "test");
  const Records again = reader.take();
  ASSERT_EQ(again.list.size(), records.list.size());
  for (std::size_t i = 0; i < again.list.size(); ++i) {
    EXPECT_EQ(again.list[i].kind, records.list[i].kind);
    EXPECT_EQ(again.list[i].position, records.list[i].position);
    EXPECT_EQ(again.list[i].hash, records.list[i].hash);
    EXPECT_EQ(again.list[i].key, records.list[i].key);
    EXPECT_EQ(again.list[i].parent, records.list[i].parent);
  }
}

TEST(Records, SayWhichLineIsWrong) {
  const auto error_of = [](const std::string& text) -> std::string {
    try {
      records_of({text});
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(error_of("{\"at\":1,\"kind\":\"close\",\"who\":\"c\"}\n{\"at\":2,\"kind\":\"dance\"}"),
            "test:2: there is no kind \"dance\"");
  EXPECT_THAT(error_of(R"({"at":1,"kind":"recv","epoch":"short"})"), testing::HasSubstr("epoch is no epoch"));
  EXPECT_THAT(error_of(R"({"at":1,"kind":"gap","lost":"keys"})"), testing::HasSubstr("there is no reason \"keys\""));
  EXPECT_THAT(error_of("nothing"), testing::StartsWith("test:1: "));
}

}  // namespace
}  // namespace hearth::test
