"""Prints the man page of the command, from what its --help says: make_man_page.py <hearth> <version>"""
import re
import subprocess
import sys

COMMAND, VERSION = sys.argv[1:]

BEGIN = r'''.TH HEARTH 1 "" "hearth {version}" "User Commands"
.SH NAME
hearth \- real\-time WebSocket server: rooms, users, clusters
.SH SYNOPSIS
.B hearth
.I COMMAND
.RI [ OPTION ]...
.SH DESCRIPTION
A server for web pages and other clients that are to hear at once what happens, beside a backend in any language.
.B hearth config init
writes a first configuration,
.B hearth serve
runs the server, and the other commands talk to one that runs, or put load on it.
.SH COMMANDS
'''

END = r'''.SH ENVIRONMENT
Every key of the configuration may come from a variable instead:
.B HEARTH_SERVER_LISTEN
is
.IR server.listen .
.TP
.B HEARTH_CONFIG
The file with the configuration, if there is no
.BR \-\-config .
.TP
.BR HEARTH_API ", " HEARTH_API_KEY
Where the API of the server is, and the key to show, for the commands that talk to one.
.TP
.BR HEARTH_API_CA ", " HEARTH_API_CERT
PEM files of an API that speaks TLS: who may have signed its certificate, and a certificate and its key for one that
asks for them.
.TP
.B HEARTH_REDIS
URL of the cluster's Redis, for
.BR "hearth emit" .
.TP
.BR NOTIFY_SOCKET ", " WATCHDOG_USEC ", " LISTEN_FDS
What systemd hands to
.BR "hearth serve" .
.SH FILES
.TP
.I /etc/hearth/hearth.toml
The configuration, if there is neither
.B HEARTH_CONFIG
nor
.I hearth.toml
in the working directory.
.SH EXIT STATUS
0 if all is well, 1 if it failed, 2 if the command line or the configuration is wrong.
.SH SIGNALS
.B SIGTERM
sends the clients of
.B hearth serve
away over a while and ends it,
.B SIGINT
ends it at once,
.B SIGHUP
reads the configuration anew.
.SH SEE ALSO
.BR systemctl (1),
.BR redis\-server (1)
'''


def roff(text):
    text = text.replace("\\", r"\e").replace("-", r"\-").replace("'", r"\(aq")
    return r"\&" + text if text.startswith(".") else text


def help_of(*path):
    done = subprocess.run([COMMAND, *path, "--help"], stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def subcommands(text):
    found = re.search(r"^Subcommands:\n((?:  .*\n)+)", text, re.MULTILINE)
    return re.findall(r"^  (\S+)", found[1], re.MULTILINE) if found else []


def page(*path):
    text = help_of(*path)
    summary, *rest = text.splitlines()
    print(f".SS {roff(' '.join(['hearth', *path]))}\n{roff(summary)}.")
    for line in rest:
        if option := re.match(r"  (-\S.*?)(?:   +(.*))?$", line):
            if option[1] != "-h,--help":
                print(f".TP\n.B {roff(option[1])}\n{roff(option[2] or '')}".rstrip())
        elif example := re.match(r"  (?:  )?(\S.*)$", line):
            if "hearth " in example[1]:
                print(f".PP\n.nf\n    {roff(example[1])}\n.fi")
        elif more := re.match(r" {20,}(\S.*)$", line):
            print(roff(more[1]))
    for name in subcommands(text):
        page(*path, name)


print(BEGIN.format(version=VERSION), end="")
for command in subcommands(help_of()):
    page(command)
print(END, end="")
