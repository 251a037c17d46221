"""What the documentation says, held against the project: links, commands, JavaScript, options, calls, codes.

TEST_COMMAND names the command; the C++ is compiled elsewhere (snippets.py).
"""

import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest

from snippets import blocks

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
IGNIS = ROOT / "tests/interop/node_modules/@venizia/ignis-helpers/dist/modules/socket/websocket"
COMMAND = os.environ.get("TEST_COMMAND", str(ROOT / "build/release/app/hearth"))


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def prose(page: pathlib.Path) -> list[tuple[int, str]]:
    """The lines of a page outside of its fenced blocks, with their numbers and without inline code."""
    lines, fenced = [], False
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip().startswith("```"):
            fenced = not fenced
        elif not fenced:
            lines.append((number, re.sub(r"`[^`]*`", "``", line)))
    return lines


def anchors(page: pathlib.Path) -> set[str]:
    """Of the headings, as the forges make them."""
    found, fenced = set(), False
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            fenced = not fenced
        elif not fenced and (heading := re.match(r"#+ (.*)", line)):
            found.add(re.sub(r"[^\w\- ]", "", heading[1].lower()).replace(" ", "-"))
    return found


def shell_lines(page: pathlib.Path) -> list[tuple[int, str]]:
    """Commands shown: lines of `sh` blocks, and what follows a `$` in `console` blocks."""
    found = []
    for block in blocks(page):
        for offset, line in enumerate(block.lines):
            shown = block.language == "sh" and line and not line.startswith(("#", " "))
            if shown or (block.language == "console" and line.startswith("$ ")):
                found.append((block.line + offset, line.removeprefix("$ ")))
    return found


def help_of(*subcommands: str) -> str:
    done = subprocess.run([COMMAND, *subcommands, "--help"], stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def command_of(words: list[str]) -> list[str]:
    """The words that name a subcommand: two, if the first has subcommands of its own."""
    first = [word for word in words[:1] if word.isalpha()]
    second = [word for word in words[1:2] if word.isalpha()]
    return first + second if first and "\nSubcommands:\n" in help_of(*first) else first


class Docs(unittest.TestCase):
    def complain(self, page: pathlib.Path, line: int, what: str) -> None:
        self.fail(f"{page.relative_to(ROOT)}:{line}: {what}")

    def test_links_lead_somewhere(self):
        for page in PAGES:
            for number, line in prose(page):
                for target in re.findall(r"\]\(([^)\s]+)\)", line):
                    if "://" in target:
                        continue
                    path, _, anchor = target.partition("#")
                    to = (page.parent / path).resolve() if path else page
                    if not to.exists():
                        self.complain(page, number, f"there is no {path}")
                    if anchor and anchor not in anchors(to):
                        self.complain(page, number, f"{to.name} has no heading #{anchor}")

    def test_shown_commands_exist(self):
        for page in PAGES:
            for number, line in shell_lines(page):
                words = shlex.split(re.sub(r"^([A-Z0-9_]+=\S* )+", "", line), comments=True)
                if wrong := self.wrong_command(words):
                    self.complain(page, number, wrong)

    def wrong_command(self, words: list[str]) -> str | None:
        program = words[0]
        if program in ("cmake", "ctest"):
            return self.wrong_preset(words)
        if program == "curl":
            return None  # check_api.py runs them
        if program in ("hearth", "build/release/app/hearth"):
            return self.wrong_flag(words[1:], help_of(*command_of(words[1:])))
        if program == "script/server":
            return self.wrong_flag(["serve", *words[1:]], help_of("serve"))
        if "/" in program:
            if program.startswith("build/release/"):
                return self.wrong_target(program)
            return None if os.access(ROOT / program, os.X_OK) else f"there is no program {program}"
        return f"unknown command {program}"

    def wrong_preset(self, words: list[str]) -> str | None:
        presets = json.loads(read("CMakePresets.json"))
        kind = "testPresets" if words[0] == "ctest" else "buildPresets" if "--build" in words else "configurePresets"
        named = [words[at + 1] for at, word in enumerate(words) if word == "--preset"]
        unknown = set(named) - {preset["name"] for preset in presets[kind]}
        return f"no preset {unknown.pop()} among {kind}" if unknown else None

    def wrong_flag(self, words: list[str], text: str) -> str | None:
        unknown = [word for word in words if word.startswith("--") and word.partition("=")[0] not in text]
        return f"hearth has no {unknown[0]}" if unknown else None

    def wrong_target(self, program: str) -> str | None:
        """A program of the build tree: the source that it is named after has to be there."""
        folder, name = program.removeprefix("build/release/").rsplit("/", 1)
        known = {"tests": ["hearth_unit", "hearth_integration", "hearth_conformance", "ws_echo"]}
        if name in known.get(folder, []) or (ROOT / folder / f"{name}.cpp").exists():
            return None
        return f"nothing is built as {program}"

    @unittest.skipUnless(shutil.which("node"), "needs Node.js")
    def test_javascript_is_javascript(self):
        for page in PAGES:
            for block in blocks(page):
                if block.language != "js":
                    continue
                with tempfile.NamedTemporaryFile("w", suffix=".mjs") as file:
                    file.write("\n" * (block.line - 1) + "\n".join(block.lines) + "\n")
                    file.flush()
                    done = subprocess.run(["node", "--check", file.name], stderr=subprocess.PIPE, text=True)
                if done.returncode != 0:
                    self.complain(page, block.line, done.stderr)

    def assert_named(self, page: str, names: list[str], what: str) -> None:
        self.assertTrue(names)
        text = read(page)
        missing = [name for name in names if not re.search(rf"`[^`\n]*\b{re.escape(name)}\b[^`\n]*`", text)]
        self.assertEqual(missing, [], f"{page} does not name these {what}")

    def test_every_option_is_explained(self):
        for header, struct, page in (("options.hpp", "Options", "docs/library.md"),
                                     ("deflate_options.hpp", "DeflateOptions", "docs/library.md"),
                                     ("jwt_issuer.hpp", "JwtIssuer", "docs/library.md"),
                                     ("room_rule.hpp", "RoomRule", "docs/rules.md")):
            body = re.search(rf"struct {struct} {{(.*?)\n}};", read(f"include/hearth/{header}"), re.DOTALL)[1]
            fields = re.findall(r"^  \w[^;/(]*?\b(\w+)\s*(?:\{.*\}|= [^;]*);", body, re.MULTILINE)
            handlers = re.findall(r"> (\w+)\{\};", body)
            self.assert_named(page, fields + handlers, "options")

    @unittest.skipUnless(IGNIS.is_dir(), "needs Ignis, which script/bootstrap installs")
    def test_everything_of_ignis_is_mapped(self):
        declared = "".join((IGNIS / f"{name}.d.ts").read_text(encoding="utf-8")
                           for name in ("common/types", "common/constants", "server/helper", "emitter/helper"))
        bodies = dict(re.findall(r"^export (?:declare )?(?:class|interface) (\w+).*?{\n(.*?)^}", declared, re.M | re.S))
        for named in ("IWebSocketServerOptions", "IBunWebSocketConfig", "IWebSocketEmitterOptions", "IWebSocketClient",
                      "IBunWebSocketHandler"):
            self.assert_named("docs/ignis.md", re.findall(r"^    (\w+)\??: ", bodies[named], re.M), f"of {named}")
        for named in ("WebSocketServerHelper", "WebSocketEmitter"):
            calls = re.findall(r"^    (\w+)(?:<.*?>)?\(", bodies[named], re.M)
            self.assert_named("docs/ignis.md", [call for call in calls if call != "constructor"], f"of {named}")
        for named in ("WebSocketEvents", "WebSocketClientStates", "WebSocketMessageTypes", "WebSocketChannels"):
            self.assert_named("docs/ignis.md", re.findall(r'readonly \w+ = "([\w:]*\w)', bodies[named]), f"of {named}")
            calls = set(re.findall(r"^    static (\w+)\(", bodies[named], re.M)) - {"isValid"}
            self.assert_named("docs/ignis.md", [named, *calls], f"of {named}")

    def test_every_call_is_explained(self):
        for header in ("server.hpp", "jwt.hpp", "jwt_signer.hpp", "room_rules.hpp"):
            calls = re.findall(r"^  [\w:<>&~ ]+ (\w+)\(", read(f"include/hearth/{header}"), re.MULTILINE)
            self.assert_named("docs/library.md", calls, "calls")

    def test_every_word_of_a_rule_is_explained(self):
        text = read("include/hearth/room_rule.hpp")
        for body in re.findall(r"^enum class \w+ : std::uint8_t {(.*?)\n};", text, re.DOTALL | re.MULTILINE):
            self.assert_named("docs/rules.md", re.findall(r"^  (\w+),", body, re.MULTILINE), "values")
        self.assert_named("docs/rules.md", re.findall(r'\{"(\w+)", ConditionKind::', read("src/auth/condition.cpp")), "conditions")

    def test_every_word_of_a_token_is_explained(self):
        reasons = re.search(r"enum class JwtReason .*?{(.*?)\n};", read("include/hearth/jwt.hpp"), re.DOTALL)[1]
        self.assert_named("docs/authentication.md", re.findall(r"^  (\w+),", reasons, re.MULTILINE), "reasons")
        algorithms = re.findall(r'\{Id::\w+, "(\w+)"', read("src/auth/algorithms.cpp"))
        self.assertEqual(len(algorithms), 13)
        self.assert_named("docs/authentication.md", algorithms, "algorithms")
        members = re.search(r"kMembers\{(.*?)\};", read("src/auth/grants.cpp"), re.DOTALL)[1]
        self.assert_named("docs/authentication.md", re.findall(r'"(\w+)"', members), "members of the hearth object")

    def test_every_number_of_statistics_is_explained(self):
        self.assert_named("docs/library.md", re.findall(r"uint64_t (\w+)", read("include/hearth/statistics.hpp")),
                          "numbers")

    def test_the_metrics_are_those_of_the_code(self):
        text = "".join(read(f"app/api/{name}.cpp") for name in ("exposition", "backend_exposition"))
        code = re.findall(r'families\.(gauge|counter|histogram)(?:s|_family)?\(\s*"((?:hearth|process)_\w+)"', text)
        self.assertGreater(len(code), 20)
        shown = [(kind, name) for names, kind in re.findall(r"^\| (`(?:hearth|process)_.*?) \| (\w+) \|", read("docs/operations.md"), re.MULTILINE)
                 for name in re.findall(r"`((?:hearth|process)_\w+)", names)]
        self.assertEqual(sorted(shown), sorted(code))

    def test_the_events_of_the_log_are_those_of_the_code(self):
        code = {"application", "log_suppressed"}
        for file in (ROOT / "src").rglob("*.cpp"):
            code |= set(re.findall(r'LogLevel::\w+,\s*"([a-z_]+)"', file.read_text(encoding="utf-8")))
        self.assertGreater(len(code), 20)
        table = read("docs/operations.md").partition("| event | |\n")[2].partition("\n\n")[0]
        self.assertEqual(sorted(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)), sorted(code))

    def test_every_flag_is_explained(self):
        for command in ("serve", "token", "rules", "publish", "disconnect", "block", "unblock", "drain", "health", "reload", "top"):
            flags = re.findall(r"^  (?:-\w,)?--([\w-]+)", help_of(command), re.MULTILINE)
            self.assert_named("docs/command.md", flags, f"flags of {command}")

    def test_the_list_of_keys_is_that_of_the_command(self):
        done = subprocess.run([COMMAND, "config", "keys"], stdout=subprocess.PIPE, text=True, check=True)
        self.assertTrue(done.stdout.startswith("### `[server]`\n"))
        if done.stdout not in read("docs/configuration.md"):
            shown = set(read("docs/configuration.md").splitlines())
            missing = [line for line in done.stdout.splitlines() if line not in shown]
            self.fail("docs/configuration.md has to end with what `hearth config keys` prints; it lacks\n" +
                      "\n".join(missing))

    def test_shown_configurations_are_good(self):
        """A comment `<!-- config: … -->` before the fence has what is said of one that is not."""
        for page in PAGES:
            for block in blocks(page):
                if block.language == "toml":
                    with tempfile.TemporaryDirectory() as folder:
                        file = pathlib.Path(folder, "hearth.toml")
                        file.write_text("\n".join(block.lines), encoding="utf-8")
                        file.chmod(0o600)
                        done = subprocess.run([COMMAND, "config", "check", "--config", str(file)], text=True,
                                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                    before = page.read_text(encoding="utf-8").splitlines()[max(block.line - 3, 0)]
                    if mark := re.fullmatch(r"<!-- config: (.*) -->", before):
                        self.assertIn(mark[1], done.stderr)
                    elif done.returncode != 0 or done.stderr:
                        self.complain(page, block.line, done.stderr)

    def test_error_codes_are_those_of_the_code(self):
        errors = re.findall(r'k\w+\{(\d+), "([^"]+)"\}', read("src/protocol/request_error.hpp"))
        closes = re.findall(r'k\w+\{(\d+), "([^"]+)"\}', read("src/protocol/system_events.hpp"))
        self.assertTrue(errors and closes)
        text = read("docs/protocol.md")
        for code, message in errors + closes:
            self.assertRegex(text, rf"\| {code} \|[^\n]*`{re.escape(message)}`")


if __name__ == "__main__":
    unittest.main()
