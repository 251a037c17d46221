#pragma once

#include "history/checker/record.hpp"

#include <istream>
#include <map>
#include <ostream>
#include <string>
#include <string_view>

namespace hearth::test {

/// Reads records from lines of JSON, of several files one after the other: names of clients, rooms and the like become
/// numbers, the same in all of them. Throws std::runtime_error, which says what is wrong with a line.
class RecordReader {
 public:
  void read(std::istream& lines, std::string_view source);
  /// Everything that was read, by time.
  Records take();

 private:
  void read_line(std::string_view line);
  std::uint32_t number(std::map<std::string, std::uint32_t, std::less<>>& numbers, std::string_view name);

  Records records_;
  std::map<std::string, std::uint32_t, std::less<>> who_;
  std::map<std::string, std::uint32_t, std::less<>> rooms_;
};

void write_records(std::ostream& out, const Records& records);

}  // namespace hearth::test
