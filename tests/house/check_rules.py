"""The rules themselves, on small trees: that each finds what it is there to find, and nothing in a good one."""

import pathlib
import tempfile
import unittest

import cpp
import rules
from tree import HEADING, TABLE, Tree

GOOD = {
    TABLE: f"""# Architecture
{HEADING}
|---|---|---|
| `include/hearth` | the contract | |
| `src/ground` | what all stand on | |
| `src/hub` | rooms | `hearth`, `ground` |
| `docs` | pages | |
| `tests` | tests | everything |

Something else.
""",
    "include/hearth/server.hpp": '#include "hearth/server.hpp"\n#include <boost/json/value.hpp>\n#include <string>\n',
    "src/ground/text.cpp": "#include <string>\n#include <sys/socket.h>\n",
    "src/ground/CMakeLists.txt": "target_sources(hearth PRIVATE\n  text.cpp)\n",
    "src/hub/hub.hpp": '#include "ground/text.hpp"\n#include "hearth/server.hpp"\n#include "hub/room.hpp"\n',
    "tests/unit/hub/hub_test.cpp": '#include "hub/hub.hpp"\n\nTEST(Hub, HasRooms) {\n}\n',
    "build/release/wrong.cpp": '#include "nowhere/wrong.hpp"\n',
}


class Rules(unittest.TestCase):
    def said(self, rule, changes: dict[str, str]) -> list[str]:
        """What the rule says of the good tree with these files, or with these texts at the end of its own."""
        with tempfile.TemporaryDirectory() as folder:
            for path, text in {**GOOD, **changes}.items():
                file = pathlib.Path(folder) / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
            return [complaint.what for complaint in rule(Tree(pathlib.Path(folder)))]

    def assert_said(self, rule, changes: dict[str, str], *parts: str) -> None:
        said = self.said(rule, changes)
        self.assertEqual(len(said), 1, said)
        for part in parts:
            self.assertIn(part, said[0])

    def table(self, old: str, new: str) -> dict[str, str]:
        self.assertIn(old, GOOD[TABLE])
        return {TABLE: GOOD[TABLE].replace(old, new)}

    def test_find_nothing_in_a_good_tree(self):
        for rule in rules.RULES:
            self.assertEqual(self.said(rule, {}), [], rule.__name__)

    def test_table_is_there(self):
        self.assert_said(rules.table_is_there, {TABLE: "# Architecture\n"}, TABLE)

    def test_what_is_used_is_included(self):
        ahead = {rules.PRECOMPILED: "set(HEARTH_PRECOMPILED <string> <vector>)\n"}
        use = "std::vector<int> numbers;  // std::string\nstd::string_view said = \"std::string\";\n"
        said = "uses what is in <vector>"
        self.assert_said(rules.what_is_used_is_included, {**ahead, "src/hub/room.cpp": use}, "src/hub/room.cpp", said)
        for text in ("#include <vector>\n", '#include "hub/room.hpp"\n'):
            files = {**ahead, "src/hub/room.cpp": text + use, "src/hub/room.hpp": "#include <vector>\n"}
            self.assertEqual(self.said(rules.what_is_used_is_included, files), [])

    def test_what_is_compiled_ahead_is_known(self):
        self.assert_said(rules.what_is_compiled_ahead_is_known,
                         {rules.PRECOMPILED: "set(HEARTH_PRECOMPILED <string> <valarray>)\n"}, "<valarray>")

    def test_a_new_folder_gets_the_row_to_add(self):
        self.assert_said(rules.table_names_every_folder,
                         {"src/auth/rules.cpp": '#include "auth/rules.hpp"\n#include "ground/text.hpp"\n'},
                         "does not name src/auth", "| `src/auth` | <what is in it> | `ground` |")

    def test_a_folder_that_is_gone(self):
        self.assert_said(rules.table_names_every_folder, self.table("| `docs`", "| `src/old` | | |\n| `docs`"),
                         "names src/old, which does not exist")

    def test_a_folder_that_is_named_twice(self):
        self.assert_said(rules.table_names_every_folder, self.table("| `docs`", "| `src/hub` | | |\n| `docs`"), "twice")

    def test_an_arrow_that_is_not_in_the_table(self):
        self.assert_said(rules.arrows_are_those_of_the_table,
                         {"src/ground/text.hpp": '#pragma once\n\n#include "hub/hub.hpp"\n'},
                         "src/ground/text.hpp:3", "add `hub` to the last column of the row of `src/ground`")

    def test_an_arrow_that_the_code_does_not_have(self):
        self.assert_said(rules.arrows_are_those_of_the_table, self.table("stand on | |", "stand on | `hearth` |"),
                         "remove `hearth` from the last column of the row of `src/ground`")

    def test_a_header_of_nowhere(self):
        self.assert_said(rules.arrows_are_those_of_the_table, {"src/hub/a.cpp": '#include "nowhere/x.hpp"\n'}, "nowhere")

    def test_a_circle(self):
        self.assert_said(rules.arrows_point_upward, self.table("stand on | |", "stand on | `hub` |"),
                         "src/ground may include from hub, which does not stand above it")

    def test_a_public_header_that_shows_what_is_behind_it(self):
        for shown in ('"hub/hub.hpp"', "<openssl/ssl.h>", "<sys/socket.h>"):
            self.assert_said(rules.public_headers_need_public_headers_alone,
                             {"include/hearth/tls.hpp": f"#pragma once\n#include {shown}\n"},
                             f"include/hearth/tls.hpp:2: includes {shown}")

    def test_a_command_that_can_do_more_than_other_programs(self):
        self.assert_said(rules.the_command_stands_on_public_headers,
                         {"app/serve/a.cpp": '#include "hearth/server.hpp"\n#include "config/a.hpp"\n#include "hub/hub.hpp"\n',
                          "app/config/a.hpp": ""},
                         "app/serve/a.cpp:3: app/serve includes from src/hub")

    def test_a_source_that_is_not_compiled(self):
        self.assert_said(rules.sources_are_compiled, {"src/ground/xt.cpp": ""}, "add xt.cpp to src/ground/CMakeLists.txt")

    def test_unit_tests_of_nothing(self):
        self.assert_said(rules.unit_tests_mirror_the_code, {"tests/unit/hubs/hub_test.cpp": ""}, "tests/unit/hubs")

    def test_long_files(self):
        self.assert_said(rules.files_are_short, {"src/hub/long.cpp": "\n" * 401, "tests/hub.mjs": "\n" * 400},
                         "src/hub/long.cpp has 401 lines")

    def test_long_functions(self):
        body = "void Hub::join() {\n" + "  a();\n" * 58 + "}\n"
        self.assert_said(rules.functions_are_short, {"src/hub/a.cpp": body + "\n" + body.replace("}", "  b();\n}")},
                         "src/hub/a.cpp:62: Hub::join has 61 lines")

    def test_large_classes(self):
        small = "class Small {\n" + "  void a();\n" * 40 + "  int b_;\n" * 20 + "};\n"
        for large in ("  void c();\n", "  int c_ = 1;\n"):
            self.assert_said(rules.classes_are_small,
                             {"src/hub/a.hpp": small + small.replace("Small", "Large").replace("};", large + "};")},
                             "src/hub/a.hpp:63: Large has")

    def test_names_that_say_nothing(self):
        self.assert_said(rules.names_say_something, {"src/hub/a.hpp": "class RoomManager final : A {\n"}, "RoomManager")
        self.assert_said(rules.names_say_something, {"src/hub/a.hpp": "struct RoomData;\nusing RoomInfo = int;\n"},
                         "src/hub/a.hpp:2: RoomInfo")
        self.assert_said(rules.names_say_something, {"src/hub/string_utils.cpp": ""}, "string_utils")

    def test_words_of_others(self):
        self.assert_said(rules.names_say_something, {"src/hub/a.hpp": "enum class TopicKind : int {\n"}, "we say Room")
        self.assert_said(rules.names_say_something,
                         {"src/hub/a.hpp": "struct Channel {\n", "src/redis/a.hpp": "struct Channel {\n"}, "src/hub")

    def test_the_other_dialect_of_test_names(self):
        for name in ("Hub, has_rooms", "Hub, Has_Rooms", "Hub, hasRooms", "hub, HasRooms", "Hub_Test, HasRooms"):
            self.assert_said(rules.tests_are_named_in_camel_case,
                             {"tests/unit/hub/a_test.cpp": f"TEST_F({name}) {{\n}}\n"}, "a_test.cpp:1", "CamelCase")


class Cpp(unittest.TestCase):
    def functions(self, text: str) -> list[tuple[str, int, int]]:
        return [tuple(function) for function in cpp.Reader(text).functions]

    def classes(self, text: str) -> list[tuple[str, int, int, int]]:
        return [tuple(found) for found in cpp.Reader(text).classes]

    def test_includes(self):
        self.assertEqual(cpp.includes('// "a"\n#include "hub/hub.hpp"\n#include <map>\n'),
                         [(2, '"hub/hub.hpp"'), (3, "<map>")])

    def test_functions_wherever_they_stand(self):
        self.assertEqual(self.functions("""
namespace hearth { namespace {
constexpr std::array<int, 2> kSizes{1, 2};
const auto kCall = [](int a) { return a; };
int one() { return 1; }
}
template <class T, std::size_t n = (1 > 2)>
std::vector<std::function<void(T)>> Hub<T>::members(int n) const noexcept(false) {
  if (n > 1) {
  }
}
struct Room {
  explicit Room(int n) : members_{n}, name_("{") {}
  ~Room();
  bool operator==(const Room& other) const = default;
  Room& operator=(Room&& other) { return *this; }
  auto size() -> std::size_t { return 'a' + 1'000 + sizeof(R"x({)x"); }
};
BOOST_DESCRIBE_STRUCT(Room, (), (members_))
TEST(Hub, HasRooms) {}
}
"""), [("one", 5, 1), ("Hub::members", 7, 5), ("Room", 13, 1), ("operator=", 16, 1), ("size", 17, 1),
            ("TEST(Hub, HasRooms)", 20, 1)])

    def test_classes(self):
        self.assertEqual(self.classes("""
enum class Kind : int { a, b };
class Forward;
template <class T>
class HEARTH_API Hub final : public Base<T> {
 public:
  using Task = std::function<void(Hub&)>;
  Hub(const Hub&) = delete;
  virtual void join(int a = 0) = 0;
  template <class F>
  void each(F f) { f(); }
  static Hub* current();
  static constexpr int kMost = 3;
  friend class Server;
  enum class Way { in, out };

 private:
  struct Member {
    int id;
    std::string name{};
  };
  std::function<void(int)> then_;
  std::map<int, Member> members_{};
  bool busy_ : 1 = false;
  int count_ = (1 + 2);
  struct { int x; } place_;
};
"""), [("Hub", 4, 3, 5), ("Member", 18, 0, 2), ("", 26, 0, 1)])


if __name__ == "__main__":
    unittest.main()
