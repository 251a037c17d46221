"""What is in deploy/ fits the command: names of metrics, programs, flags, paths."""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMMAND = os.environ["TEST_COMMAND"]

# Prometheus adds them to what it scrapes, and `le` is of every histogram.
OF_PROMETHEUS = {"job", "instance", "le"}


def run(*words, **more):
    return subprocess.run(words, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more)


def metrics():
    """{name: labels} of all that /metrics may show, as the code has it."""
    code = "".join(file.read_text(encoding="utf-8") for file in sorted((ROOT / "app/api").glob("*exposition.cpp")))
    found = {}
    for statement in re.split(r"(?=families\.\w+\(\s*\"(?:hearth|process)_)", code)[1:]:
        kind, name = re.match(r'families\.(\w+)\(\s*"(\w+)"', statement).groups()
        if kind.endswith("_family"):
            # Its values follow, each with its labels.
            labels = set(re.findall(r'\{"(\w+)", std::(?:to_)?string', statement))
        else:
            # A name, what it is, and then the label, if it has one.
            texts = re.findall(r'"((?:[^"\\]|\\.)*)"', re.sub(r'"\s*\n\s*"', "", statement.partition(";")[0]))
            labels = {texts[2]} if kind.endswith("s") and len(texts) > 2 else set()
        for suffix in ("_bucket", "_sum", "_count") if kind.startswith("histogram") else ("",):
            found[name + suffix] = labels
    return found


def expressions(value):
    """Every `expr` in a dashboard, and what its variables ask for."""
    if isinstance(value, list):
        for one in value:
            yield from expressions(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            if key in ("expr", "definition") and isinstance(one, str):
                yield one
            else:
                yield from expressions(one)


class Metrics(unittest.TestCase):
    def complain_of(self, expression):
        known = metrics()
        names = re.findall(r"\b((?:hearth|process)_\w+)", expression)
        self.assertTrue(names, expression)
        labels = set(re.findall(r"(\w+)(?:=~?|!=|!~)\"", expression))
        for group in re.findall(r"\bby \(([^)]*)\)", expression):
            labels |= set(re.split(r",\s*", group))
        for name in names:
            self.assertIn(name, known, expression)
        allowed = OF_PROMETHEUS.union(*(known[name] for name in names))
        self.assertLessEqual(labels, allowed, expression)

    def test_the_code_has_metrics(self):
        known = metrics()
        self.assertGreater(len(known), 30)
        self.assertEqual(known["hearth_connections"], {"state"})
        self.assertEqual(known["hearth_tick_duration_seconds_bucket"], set())
        self.assertEqual(known["hearth_backend_requests_total"], {"type", "outcome"})
        self.assertEqual(known["hearth_api_requests_total"], {"route", "code"})
        self.assertEqual(known["hearth_build_info"], {"version", "revision"})
        self.assertEqual(known["hearth_authentications_total"], {"method", "outcome"})
        self.assertEqual(known["hearth_messages_dropped_total"], {"reason"})
        self.assertEqual(known["process_open_fds"], set())

    def test_the_dashboard_asks_for_what_there_is(self):
        asked = list(expressions(json.loads((DEPLOY / "grafana.json").read_text(encoding="utf-8"))))
        self.assertGreater(len(asked), 30)
        for expression in asked:
            self.complain_of(expression)

    def test_the_dashboard_shows_all_that_there_is(self):
        asked = " ".join(expressions(json.loads((DEPLOY / "grafana.json").read_text(encoding="utf-8"))))
        told = {re.sub(r"_(bucket|sum|count)$", "", name) for name in metrics()}
        # What they would say is in other panels: rates of a processor by shard, and sizes of what is used.
        told -= {"process_cpu_seconds_total", "process_start_time_seconds", "process_virtual_memory_bytes"}
        self.assertEqual([name for name in sorted(told) if not re.search(rf"\b{name}(_bucket)?\b", asked)], [])

    def test_no_panel_lies_on_another(self):
        panels = json.loads((DEPLOY / "grafana.json").read_text(encoding="utf-8"))["panels"]
        taken = [(x, y) for at in (panel["gridPos"] for panel in panels)
                 for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])]
        self.assertEqual(len(taken), len(set(taken)))
        self.assertLess(max(x for x, _ in taken), 24)
        self.assertEqual(len(panels), len({panel["id"] for panel in panels}))

    def test_the_alerts_are_those_of_the_page(self):
        text = (DEPLOY / "alerts.yml").read_text(encoding="utf-8")
        shown = (ROOT / "docs/operations.md").read_text(encoding="utf-8").partition("| alert | |\n")[2].partition("\n\n")[0]
        self.assertEqual(sorted(re.findall(r"`(Hearth\w+)`", shown)), sorted(re.findall(r"- alert: (\w+)", text)))

    def test_the_alerts_ask_for_what_there_is(self):
        text = (DEPLOY / "alerts.yml").read_text(encoding="utf-8")
        asked = re.findall(r"^ +expr: (?:>-\n((?: {10}.*\n)+)|(.*))", text, re.MULTILINE)
        self.assertEqual(len(asked), text.count("- alert:"))
        for folded, plain in asked:
            self.complain_of(folded or plain)

    def test_the_alerts_name_pages_that_there_are(self):
        pages = re.findall(r"docs/([\w-]+\.md)", (DEPLOY / "alerts.yml").read_text(encoding="utf-8"))
        self.assertTrue(pages)
        for page in pages:
            self.assertTrue((ROOT / "docs" / page).exists(), page)


class Programs(unittest.TestCase):
    def test_the_unit_is_hardly_exposed(self):
        done = run("systemd-analyze", "security", "--no-pager", "--offline=true", "--threshold=15",
                   str(DEPLOY / "systemd/hearth.service"))
        self.assertEqual(done.returncode, 0, done.stdout[-200:])

    def test_units_scripts_and_images_say_what_the_command_understands(self):
        files = ["systemd/hearth.service", "debian/postinst", "Dockerfile"]
        said = []
        for file in files:
            text = (DEPLOY / file).read_text(encoding="utf-8").replace('", "', " ")
            said += re.findall(r"(?:^ +|/usr/bin/|\[\")hearth ([a-z][a-z -]*)(.*)", text, re.MULTILINE)
        self.assertGreaterEqual(len(said), 3)
        for words, rest in said:
            path = [word for word in words.split() if not word.startswith("-")]
            while path and run(COMMAND, *path, "--help").returncode != 0:
                path.pop()
            self.assertTrue(path, words)
            self.assertRegex(run(COMMAND, "--help").stdout, rf"(?m)^  {path[0]}  ")
            shown = run(COMMAND, *path, "--help").stdout
            for flag in re.findall(r"--[a-z-]+", words + rest):
                self.assertIn(flag, shown, f"hearth {words}")

    def test_the_package_builds_with_what_the_image_installs(self):
        self.assertIn("script/bootstrap --server", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"))

    def test_the_configurations_that_proxies_want_are_good(self):
        for file in ("nginx.conf", "Caddyfile"):
            text = (DEPLOY / file).read_text(encoding="utf-8")
            lines = [line.removeprefix("#").strip() for line in text.splitlines() if line.startswith("#   ")]
            self.assertIn("[server]", lines)
            with tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder, "hearth.toml")
                path.write_text("[auth]\nanonymous = true\n" + "\n".join(lines), encoding="utf-8")
                path.chmod(0o600)
                done = run(COMMAND, "config", "check", "--config", str(path))
            self.assertEqual(done.returncode, 0, done.stdout)
            self.assertIn("127.0.0.1:8080", text)
            self.assertRegex(text, r"(location|handle) /ws \{")


class Revision(unittest.TestCase):
    """What cmake/write_revision.cmake says of a folder."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name, "sources")
        self.output = pathlib.Path(folder.name, "revision.cpp")
        self.folder.mkdir()

    def git(self, *words, folder=None):
        done = run("git", "-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false", *words,
                   cwd=folder or self.folder)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout.strip()

    def commit(self, **where):
        self.git("init", "--quiet", **where)
        self.git("add", ".", **where)
        self.git("commit", "--quiet", "--message=one", **where)
        return self.git("rev-parse", "--short=12", "HEAD", **where)

    def said(self, given=""):
        done = run("cmake", f"-Dfolder={self.folder}", f"-Drevision={given}", f"-Doutput={self.output}", "-P",
                   str(ROOT / "cmake/write_revision.cmake"))
        self.assertEqual(done.returncode, 0, done.stdout)
        return re.search(r'return "(.*)"', self.output.read_text(encoding="utf-8"))[1]

    def test_it_is_the_commit_and_whether_files_differ(self):
        file = self.folder / "file"
        file.write_text("1", encoding="utf-8")
        commit = self.commit()
        self.assertEqual(self.said(), commit)
        written = self.output.stat().st_mtime_ns
        (self.folder / "new").touch()
        self.assertEqual(self.said(), commit)
        self.assertEqual(self.output.stat().st_mtime_ns, written, "what has not changed is not compiled again")
        file.write_text("2", encoding="utf-8")
        self.assertEqual(self.said(), commit + "-dirty")
        self.assertEqual(self.said("v1.2/debian"), "v1.2/debian")

    def test_it_is_unknown_without_a_repository_of_its_own(self):
        self.assertEqual(self.said(), "unknown")
        (self.folder / "file").touch()
        self.commit(folder=self.folder.parent)
        self.assertEqual(self.said(), "unknown")


class ManPage(unittest.TestCase):
    def test_it_has_every_command_and_flag(self):
        done = run("/usr/bin/python3", "-B", str(DEPLOY / "make_man_page.py"), COMMAND, "1.2.3")
        self.assertEqual(done.returncode, 0, done.stdout)
        page = done.stdout.replace("\\-", "-")
        self.assertIn('"hearth 1.2.3"', page)
        for command in re.findall(r"^  ([a-z]+)  ", run(COMMAND, "--help").stdout, re.MULTILINE):
            self.assertIn(f".SS hearth {command}\n", page)
            for flag in re.findall(r"^  (--[a-z-]+)", run(COMMAND, command, "--help").stdout, re.MULTILINE):
                self.assertIn(flag, page)


class Completion(unittest.TestCase):
    def complete(self, *words):
        script = f"""
            source {DEPLOY / "completion/hearth"}
            COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _hearth; printf '%s\\n' "${{COMPREPLY[@]}}" """
        done = run("bash", "-c", script, "bash", COMMAND, *words)
        return done.stdout.split()

    def test_subcommands_and_flags_are_completed(self):
        self.assertEqual(self.complete("ser"), ["serve"])
        self.assertLessEqual({"serve", "config", "token"}, set(self.complete("")))
        self.assertEqual(self.complete("config", "ch"), ["check"])
        self.assertEqual(self.complete("config", "init", "--api"), ["--api-key"])
        self.assertIn("--listen", self.complete("serve", "--dev", "--"))
        self.assertEqual(self.complete("serve", "--dev", "x"), [])


if __name__ == "__main__":
    unittest.main()
