"""An IMAP server that does as it is told: it withholds messages, breaks off, or keeps no keywords."""

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from activities.incoming.imap import ImapAccount
from activities.mail.smtp import Tls

_FETCH = re.compile(r"UID FETCH (\d+) \((.+)\)$", re.IGNORECASE)
_TAGGED = re.compile(r"(\S+) (.+)$")


@dataclass
class ScriptedImap:
    """Messages by their uid, and what becomes of those that are asked for.

    Of `bodies` an answer stands instead of the body: "nil", "nothing" (OK without a word), "empty", "no", "bad" or
    "hang up". `unmovable` are refused to be put away. `created` is the answer to making the folder of what was taken,
    which is there from the beginning if it is empty, and after a refusal of one that somebody else has just made.
    """

    messages: dict[int, bytes]
    bodies: dict[int, str] = field(default_factory=dict)
    unmovable: set[int] = field(default_factory=set)
    created: bytes = b""
    permanent: str = r"\Seen \Deleted \*"
    taken: list[int] = field(default_factory=list)
    logins: int = 0
    port: int = 0

    def account(self, taken: str = "Taken") -> ImapAccount:
        """Return the mailbox as the settings would name it."""
        return ImapAccount("127.0.0.1", self.port, "anfragen", "geheim", Tls.NONE, taken=taken, timeout_seconds=10.0)

    def answers(self, command: str) -> Iterator[bytes | None]:
        """Yield the lines that answer a command, the tagged one without its tag; None hangs up."""
        if fetch := _FETCH.match(command):
            yield from self._fetched(int(fetch[1]), fetch[2].upper())
            return
        words = command.upper().split()
        match words[:2]:
            case ["CAPABILITY", *_]:
                yield b"* CAPABILITY IMAP4rev1 MOVE"
            case ["LOGIN", *_]:
                self.logins += 1
            case ["LIST" | "CREATE", *_]:
                yield from self._folder(words[0])
                return
            case ["SELECT", *_]:
                yield f"* {len(self.messages)} EXISTS".encode()
                yield f"* OK [PERMANENTFLAGS ({self.permanent})]".encode()
                yield b"* OK [UIDVALIDITY 7]"
            case ["UID", "SEARCH"]:
                only = int(words[words.index("UID", 1) + 1]) if "UID" in words[1:] else None
                found = [str(uid) for uid in sorted(self.messages) if only in (None, uid)]
                yield " ".join(["* SEARCH", *found]).encode()
            case ["UID", "MOVE"] if int(words[2]) in self.unmovable:
                yield b"NO [OVERQUOTA] the folder is full"
                return
            case ["UID", "MOVE"]:
                self.taken.append(int(words[2]))
                del self.messages[int(words[2])]
        yield b"OK done"

    def _folder(self, verb: str) -> Iterator[bytes]:
        if verb == "CREATE":
            yield self.created
            self.created = b"" if b"ALREADYEXISTS" in self.created else self.created
            return
        if not self.created:
            yield b'* LIST () "/" "Taken"'
        yield b"OK done"

    def _fetched(self, uid: int, items: str) -> Iterator[bytes | None]:
        content = self.messages.get(uid)
        if content is not None and items == "RFC822.SIZE":
            yield f"* 1 FETCH (UID {uid} RFC822.SIZE {len(content)})".encode()
        elif content is not None and "HEADER" in items:
            yield _literal(uid, items.replace(".PEEK", ""), content.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
        elif content is not None:
            match self.bodies.get(uid, "given"):
                case "given":
                    yield _literal(uid, "BODY[]", content)
                case "nil":
                    yield f"* 1 FETCH (UID {uid} BODY[] NIL)".encode()
                case "empty":
                    yield f'* 1 FETCH (UID {uid} BODY[] "")'.encode()
                case "hang up":
                    yield None
                case "no" | "bad" as said:
                    yield f"{said.upper()} this message cannot be read".encode()
                    return
        yield b"OK done"


def _literal(uid: int, item: str, content: bytes) -> bytes:
    return f"* 1 FETCH (UID {uid} {item} {{{len(content)}}}\r\n".encode() + content + b")"


@contextmanager
def scripted(*messages: bytes, **facts: object) -> Iterator[ScriptedImap]:
    """Run a server with messages whose uids count from one."""
    script = ScriptedImap(dict(enumerate(messages, 1)), **facts)  # type: ignore[arg-type]

    class Talk(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"* OK ready\r\n")
            for line in self.rfile:
                said = _TAGGED.match(line.decode().strip())
                if said is None or said[2].upper() == "LOGOUT" or not self._answer(said[1], said[2]):
                    return

        def _answer(self, tag: str, command: str) -> bool:
            for answer in script.answers(command):
                if answer is None:
                    return False
                self.wfile.write((b"" if answer.startswith(b"*") else tag.encode() + b" ") + answer + b"\r\n")
            return True

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk) as server:
        server.daemon_threads = True
        script.port = int(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield script
        server.shutdown()
        thread.join()
