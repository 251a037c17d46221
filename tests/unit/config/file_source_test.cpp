#include "config/sources.hpp"

#include <gmock/gmock.h>

namespace hearth::config {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// What a file gives.
struct FromFile {
  explicit FromFile(std::string_view text) { add_file(settings, problems, text, "hearth.toml"); }

  std::vector<std::string> said() const {
    std::vector<std::string> all;
    for (const Problem& problem : problems) all.push_back(problem.str());
    return all;
  }

  Settings settings;
  Problems problems;
};

TEST(ConfigFile, GivesKeysTheirValuesAndPlaces) {
  const FromFile file("[server]\npath = \"/é\"\n threads = 4\ndeflate = true\nlisten = [\"a:1\", \"b:2\"]\n");
  EXPECT_THAT(file.said(), IsEmpty());
  const Setting* path = file.settings.find("server.path");
  ASSERT_NE(path, nullptr);
  EXPECT_EQ(std::get<std::string>(path->value), "/é");
  EXPECT_EQ(path->origin.str(), "hearth.toml:2:8");
  EXPECT_EQ(std::get<std::int64_t>(file.settings.find("server.threads")->value), 4);
  EXPECT_TRUE(std::get<bool>(file.settings.find("server.deflate")->value));
  EXPECT_THAT(std::get<std::vector<std::string>>(file.settings.find("server.listen")->value),
              ElementsAre("a:1", "b:2"));
}

TEST(ConfigFile, TakesListsOfTablesInEitherForm) {
  for (const std::string_view text :
       {"[[server.tls.certificates]]\ncert = \"a\"\n[[server.tls.certificates]]\ncert = \"b\"",
        "[server]\ntls.certificates = [{cert = \"a\"}, {cert = \"b\"}]"}) {
    const FromFile file(text);
    EXPECT_THAT(file.said(), IsEmpty());
    EXPECT_EQ(file.settings.entries("server.tls.certificates"), 2U);
    EXPECT_EQ(std::get<std::string>(file.settings.find("server.tls.certificates[1].cert")->value), "b");
  }
}

TEST(ConfigFile, UnknownNamesAreProblemsWithWhatWasMeant) {
  EXPECT_THAT(FromFile("[auth]\n[[auth.jwt]]\n  algoritms = 1\n").said(),
              ElementsAre("hearth.toml:3:3: unknown key auth.jwt.algoritms; did you mean algorithms?"));
  EXPECT_THAT(FromFile("[sever]\npath = \"/\"\n").said(),
              ElementsAre("hearth.toml:1:2: unknown section sever; did you mean server?"));
  EXPECT_THAT(FromFile("listen = []\n").said(),
              ElementsAre("hearth.toml:1:1: unknown key listen; did you mean server.listen?"));
  EXPECT_THAT(FromFile("[auth]\nalgorithms = []\n").said(),
              ElementsAre("hearth.toml:2:1: unknown key auth.algorithms; did you mean auth.jwt.algorithms?"));
  EXPECT_THAT(FromFile("[log]\nbananas = 1\n").said(),
              ElementsAre("hearth.toml:2:1: unknown key log.bananas; `hearth config keys` shows the keys there are"));
}

TEST(ConfigFile, SectionsAndListsHaveToBeWhatTheyAre) {
  EXPECT_THAT(FromFile("[auth.jwt]\nsecret = \"x\"\n").said(),
              ElementsAre("hearth.toml:1:1: auth.jwt is a list; write [[auth.jwt]], also for one"));
  EXPECT_THAT(FromFile("[[server]]\n").said(), ElementsAre("hearth.toml:1:1: server is there once; write [server]"));
  EXPECT_THAT(FromFile("server = 5\n").said(), ElementsAre("hearth.toml:1:10: server is a section; write [server]"));
  EXPECT_THAT(FromFile("rooms = [5]\n").said(),
              ElementsAre("hearth.toml:1:10: rooms is a list of tables; write [[rooms]] before each"));
}

TEST(ConfigFile, SecretsMayComeFromFilesAndNothingElseMay) {
  const FromFile file("[broker]\nurl_file = \"redis\"\n");
  EXPECT_THAT(file.said(), IsEmpty());
  EXPECT_NE(file.settings.find("broker.url_file"), nullptr);
  EXPECT_THAT(FromFile("[server]\npath_file = \"x\"\n").said(), ElementsAre(HasSubstr("unknown key server.path_file")));
}

TEST(ConfigFile, WhatIsNoTomlIsNamedWithItsPlace) {
  EXPECT_THAT(FromFile("[server]\npath = \n").said(),
              ElementsAre(HasSubstr("hearth.toml:2:8: this is no TOML, in a ")));
  EXPECT_THAT(FromFile("[server]\npath = 1\npath = 2\n").said(),
              ElementsAre(AllOf(HasSubstr("hearth.toml:3:"), HasSubstr("; a key stands there once"))));
  EXPECT_THAT(FromFile("[server]\npath = /ws\n").said(), ElementsAre(HasSubstr("; a text stands in quotation marks")));
  EXPECT_THAT(FromFile("[server]\npath = \"/ws\n").said(), ElementsAre(HasSubstr("at the end of a text is missing")));
  EXPECT_THAT(FromFile("server:\n  path: /ws\n").said(), ElementsAre(HasSubstr("; a line is `key = value`")));
  EXPECT_THAT(FromFile("a = \"\xFF\"").said(), ElementsAre(HasSubstr("hearth.toml:1:")));
  EXPECT_THAT(FromFile(std::string("a\0b", 3)).said(), testing::SizeIs(1));
}

TEST(ConfigFile, ValuesOfOtherTypesAreKeptForTheKeyToComplainOf) {
  const FromFile file("[server]\npath = 2020-01-01\nlisten = [1]\nthreads = 1.5\nname = {a = 1}\n");
  EXPECT_THAT(file.said(), IsEmpty());
  EXPECT_EQ(std::get<Unfit>(file.settings.find("server.path")->value).what, "a date or a time");
  EXPECT_EQ(std::get<Unfit>(file.settings.find("server.listen")->value).what,
            "a list with something else than texts in it");
  EXPECT_EQ(std::get<double>(file.settings.find("server.threads")->value), 1.5);
  EXPECT_EQ(std::get<Unfit>(file.settings.find("server.name")->value).what, "a table");
}

TEST(ConfigFile, MayBeEmpty) {
  EXPECT_THAT(FromFile("").said(), IsEmpty());
  EXPECT_EQ(FromFile("").settings.place_of("server.path").str(), "hearth.toml");
}

}  // namespace
}  // namespace hearth::config
