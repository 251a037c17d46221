"""What was said, line by line, with names in place of what is random."""

import base64
import re


class Transcript:
    def __init__(self):
        self.lines = []
        self.names = {}

    def section(self, title):
        self.lines += ["", f"## {title}"]

    def note(self, line):
        self.lines.append(line)

    def know(self, text, name):
        self.names[text] = f"<{name}>"

    def mask(self, text):
        for known, name in self.names.items():
            text = text.replace(known, name)
        text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<another id>", text)
        text = re.sub(r'"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"', '"time":"<time>"', text)
        for member in ("serverPublicKey", "salt", "iv", "ct"):
            text = re.sub(rf'"{member}":"([A-Za-z0-9+/=]+)"',
                          lambda found: f'"{member}":"<{len(base64.b64decode(found[1]))} bytes>"', text)
        return text
