"""A terminal with a shell on it, and when that shell is ready for more.

Nothing is echoed on these terminals: what arrives is output and prompts. The
shell's own prompt is a word that no program prints. A shell that a command
has started (a container's, say) prompts as it likes; such a prompt counts
once it has been the end of the output for a moment.
"""
import codecs
import fcntl
import os
import pty
import re
import secrets
import select
import struct
import termios
import time

PROMPT = re.compile(r"""(?:
      [\#$]                                    # any plain shell
    | [~/][^\s\#$]*\ [\#$]                     # "/tmp # ", as busybox has it
    | (?:[\w.-]+@)?[\w.-]+:[~/][^\s\#$]*[\#$]  # "root@duct:/# "
    | [\w.-]+@(?:\.\.\.|…)[\#$]               # the same in a lesson
    | (?:ba|da|k|z)?sh(?:-[\d.]+)?[\#$]        # "bash-5.2# "
    )\ """, re.VERBOSE)
PROMPT_AT_END = re.compile(rf"(?:\A|\n)(?P<prompt>{PROMPT.pattern})\Z",
                           re.VERBOSE)
QUIET = 0.2     # seconds without output that make a prompt one
SETTLE = 1.0    # seconds a command runs before it counts as running
COLUMNS, ROWS = 120, 40

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]"          # CSI: colours ...
                     r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC: titles
                     r"|\x1b[ -/]*[0-~]|[\r\x07]")

READLINES_ENTER = re.compile(r"\A\x1b\[\?2004l\r+\n")  # its only echo

AT_PROMPT, INSIDE, RUNNING = "at its prompt", "inside a command", "running"


class Timeout(Exception):
    """The shell did not get ready in time; says what was printed so far."""


class Ended(Exception):
    """The terminal's shell has ended."""


def plain(text):
    """What one would read on the terminal."""
    return ESCAPES.sub("", READLINES_ENTER.sub("", text))


class Shell:
    """bash on a terminal of its own.

    @state: AT_PROMPT, INSIDE (another shell prompts), RUNNING (nobody does)
    """

    def __init__(self, command, environment, directory, owner):
        self._ready = f"@ready-{secrets.token_hex(8)}@"
        self._text = ""
        self.state = RUNNING
        self.last_prompt = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        environment = {**environment, "PS1": self._ready, "PS2": ""}
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            try:
                _prepare_terminal(owner)
                os.chdir(directory)
                os.execvpe(command[0], command, environment)
            finally:
                os._exit(127)
        self.wait_ready(20)
        self.type(["export -n PS1 PS2"])
        self.wait_ready(20)

    def type(self, lines):
        """Types whole lines."""
        for line in lines:
            os.write(self._master, line.encode() + b"\n")
        self.state = RUNNING

    def press(self, key):
        """Presses "^C", "^D" or "^Z"."""
        os.write(self._master, bytes([ord(key[1]) - 64]))
        self.state = RUNNING

    def take(self):
        """What has been printed and not been taken yet."""
        text, self._text = plain(self._text), ""
        return text

    def wait_ready(self, timeout):
        """Waits for a prompt and returns what was printed before it."""
        deadline = time.monotonic() + timeout
        while not self._settle():
            left = deadline - time.monotonic()
            if left <= 0:
                raise Timeout(self.take())
            self._read(min(left, QUIET))
        return self.take()

    def wait_printed(self, is_enough, timeout):
        """Waits until a command that goes on has printed enough.

        Returns what it has printed; raises Timeout when it does not print
        that, or when a prompt says that it has ended.
        """
        deadline = time.monotonic() + timeout
        settled = time.monotonic() + SETTLE
        while time.monotonic() < settled or \
                not is_enough(plain(self._text)):
            if self._settle() or time.monotonic() > deadline:
                raise Timeout(self.take())
            self._read(QUIET)
        return self.take()

    def look(self):
        """Notices a prompt that has appeared meanwhile, without waiting."""
        while self._read(0):
            pass
        self._settle()

    def _settle(self):
        """Is there a prompt? Takes it off the text and sets the state."""
        if self._text.endswith(self._ready):
            self._text = self._text.removesuffix(self._ready)
            self.state = AT_PROMPT
            return True
        prompt = PROMPT_AT_END.search(plain(self._text))
        if prompt and not self._read(QUIET):
            self.last_prompt = prompt.group("prompt")
            self._text = prompt.string[:prompt.start("prompt")]
            self.state = INSIDE
            return True
        return False

    def _read(self, timeout):
        """Reads what is there within @timeout; False when there is nothing."""
        if not select.select([self._master], [], [], timeout)[0]:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError:  # EIO: nobody has the other end open
            data = b""
        if not data:
            raise Ended(self.take())
        self._text += self._decoder.decode(data)
        return True


def _prepare_terminal(owner):
    """Runs in the child, whose terminal is descriptor 0."""
    fcntl.ioctl(0, termios.TIOCSWINSZ,
                struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    os.fchown(0, owner, -1)
    attributes = termios.tcgetattr(0)
    attributes[3] &= ~termios.ECHO
    termios.tcsetattr(0, termios.TCSANOW, attributes)
