"""A private Dovecot for the tests: a real IMAP and LMTP server with its own folder, ports and users."""

import contextlib
import os
import pwd
import shutil
import signal
import smtplib
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from imapclient import IMAPClient

from activities.incoming.imap import ImapAccount
from activities.mail.smtp import Tls
from tests.ports import free_port

DOVECOT = Path("/usr/sbin/dovecot")
_PARTS = (DOVECOT, Path("/usr/lib/dovecot/imap"), Path("/usr/lib/dovecot/lmtp"))
USER, PASSWORD = "anfragen", "geheim"
_CONFIG = """
protocols = imap lmtp
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
mail_location = maildir:{folder}/mail/%n
first_valid_uid = 0
disable_plaintext_auth = no
auth_username_format = %Ln
recipient_delimiter = +
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
imap_capability = {capability}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%n
}}
namespace inbox {{
  inbox = yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
  }}
}}
service anvil {{
  chroot =
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
"""


@dataclass
class Dovecot:
    """Listens from `open` to `close`; what it was given survives."""

    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="dovecot-")))
    imap: int = field(default_factory=free_port)
    imaps: int = field(default_factory=free_port)
    lmtp: int = field(default_factory=free_port)
    capability: str = ""
    _process: subprocess.Popen[bytes] | None = None

    def open(self) -> None:
        """Begin to listen, and wait until it does."""
        self._configure()
        self._process = subprocess.Popen([DOVECOT, "-F", "-c", self.folder / "dovecot.conf"], process_group=0)
        for port in (self.imap, self.imaps, self.lmtp):
            self._until_listening(port)

    def close(self) -> None:
        """Stop listening: the process that was started here ends, and whatever child of it still talks."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(20)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process = None

    def remove(self) -> None:
        """Forget everything."""
        self.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def account(self, **changed: object) -> ImapAccount:
        """Return the mailbox as the settings would name it."""
        facts: dict[str, object] = {"user": USER, "password": PASSWORD, "tls": Tls.NONE, "timeout_seconds": 10.0}
        return ImapAccount("127.0.0.1", self.imap, **facts | changed)  # type: ignore[arg-type]

    def trust(self) -> ssl.SSLContext:
        """Return what trusts this server's certificate."""
        return ssl.create_default_context(cafile=str(self.folder / "cert.pem"))

    @contextlib.contextmanager
    def client(self) -> Iterator[IMAPClient]:
        """Look into the mailbox as its owner's mail program does."""
        client = IMAPClient("127.0.0.1", self.imap, ssl=False)
        client.login(USER, PASSWORD)
        client.select_folder("INBOX")
        yield client
        client.logout()

    def appends(self, contents: Sequence[bytes]) -> None:
        """Put messages into the mailbox, byte by byte as they are."""
        with self.client() as client:
            for content in contents:
                client.append("INBOX", content)

    def delivers(self, content: bytes, sender: str, to: str = f"{USER}@musterstadt.example") -> None:
        """Deliver a message as a mail server does, with its envelope: the null return path is an empty sender."""
        with smtplib.LMTP("127.0.0.1", self.lmtp) as lmtp:
            lmtp.sendmail(sender, [to], content)

    def count(self, folder: str) -> int:
        """Return how many messages lie in a folder; none in one that is not there."""
        with self.client() as client:
            return int(client.folder_status(folder)[b"MESSAGES"]) if client.folder_exists(folder) else 0

    def _configure(self) -> None:
        root = os.geteuid() == 0
        me = pwd.getpwuid(os.geteuid())
        mail = pwd.getpwnam("nobody") if root else me
        (self.folder / "mail").mkdir(exist_ok=True)
        self.folder.chmod(0o755)
        if root:
            os.chown(self.folder / "mail", mail.pw_uid, mail.pw_gid)
        if not (self.folder / "cert.pem").exists():
            self._certify()
        config = _CONFIG.format(
            folder=self.folder,
            internal="dovecot" if root else me.pw_name,
            internal_group="dovecot" if root else me.pw_gid,
            login="dovenull" if root else me.pw_name,
            user=mail.pw_uid,
            group=mail.pw_gid,
            password=PASSWORD,
            imap=self.imap,
            imaps=self.imaps,
            lmtp=self.lmtp,
            capability=self.capability or "",
        )
        (self.folder / "dovecot.conf").write_text(config, "utf-8")

    def _certify(self) -> None:
        subject = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")
        files = ("-keyout", str(self.folder / "key.pem"), "-out", str(self.folder / "cert.pem"))
        command = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject, *files)
        subprocess.run(command, check=True, capture_output=True)

    def _until_listening(self, port: int) -> None:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return
            time.sleep(0.05)
        log = self.folder / "log"
        raise AssertionError(f"dovecot does not listen: {log.read_text('utf-8') if log.exists() else 'no log'}")


@contextlib.contextmanager
def running_dovecot(capability: str = "") -> Iterator[Dovecot]:
    """Run a Dovecot for a test, or skip it where there is none."""
    for part in _PARTS:
        if not part.exists():
            pytest.skip(f"{part} is missing (apt-get install dovecot-imapd dovecot-lmtpd)")
    dovecot = Dovecot(capability=capability)
    try:
        dovecot.open()
        yield dovecot
    finally:
        dovecot.remove()
