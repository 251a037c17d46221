// Checks the records of a run of rooms that remember (docs/architecture.md, The simulation): `history_check <file>...`,
// all of one run. Exit codes: 0 nothing is violated, 1 something is, 2 a file cannot be read.

#include "history/checker/checker.hpp"
#include "history/checker/record_json.hpp"

#include <exception>
#include <fstream>
#include <iostream>

int main(int argc, char** argv) {
  using namespace hearth::test;
  if (argc < 2) {
    std::cerr << "usage: history_check <file of records>...\n";
    return 2;
  }
  try {
    RecordReader reader;
    for (int i = 1; i < argc; ++i) {
      std::ifstream file(argv[i]);
      if (!file) {
        std::cerr << "history_check: " << argv[i] << ": cannot be read\n";
        return 2;
      }
      reader.read(file, argv[i]);
    }
    const Records records = reader.take();
    const auto violations = check(records);
    for (const Violation& violation : violations) {
      std::cout << violation.rule << " (record " << violation.record << "): " << violation.what << '\n';
    }
    std::cout << records.list.size() << " records, " << violations.size() << " violations\n";
    return violations.empty() ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << "history_check: " << error.what() << '\n';
    return 2;
  }
}
