"""On a terminal: one progress line that fits, in place, and a screen that is whole afterwards. Read through a terminal emulator."""
import pexpect
import pyte
import pytest

import faults
import infill as binary
import users

pytestmark = pytest.mark.engines("sqlite")


class Terminal:
    """A program on a terminal of this size, and what can be read on it."""

    def __init__(self, infill, *arguments, columns=80, lines=40):
        self.columns = columns
        self.screen = pyte.Screen(columns, lines)
        self.stream = pyte.ByteStream(self.screen)
        environment = {**infill.environment, "TERM": "xterm-256color"}
        self.child = pexpect.spawn(binary.binary(), list(arguments), env=environment, dimensions=(lines, columns), timeout=binary.HANG_SECONDS)

    def read(self):
        """Feeds what has come; False at the end."""
        try:
            self.stream.feed(self.child.read_nonblocking(65536, timeout=binary.HANG_SECONDS))
            return True
        except pexpect.EOF:
            return False

    def until(self, found):
        while not found(self.text):
            assert self.read(), f"it ended first:\n{self.text}"
        return self.text

    def finish(self):
        while self.read():
            pass
        self.child.wait()
        return self.child.exitstatus

    @property
    def text(self):
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip()


@pytest.fixture
def slow(users_db, planned):
    users.fill(users_db, range(1, 4001))
    return planned(users_db, users.entry(), pace={"rows_per_second": 200}, batch={"rows": 50, "rows_max": 50})


@pytest.mark.parametrize("columns", [200, 80, 40, 20])
def test_progress_line_fits_and_goes_away(slow, columns):
    terminal = Terminal(slow, "run", str(slow.plan), columns=columns)
    text = terminal.until(lambda text: "rows" in text or "%" in text)
    assert len([line for line in text.splitlines() if "rows/s" in line]) <= 1, text
    slow.call("set", "pace.rows_per_second=unlimited")
    assert terminal.finish() == 0, terminal.text
    assert "ETA" not in terminal.text, terminal.text  # the line is gone, the summary stays


def test_progress_says_rows_percent_rate_and_time_left(slow):
    terminal = Terminal(slow, "run", str(slow.plan), columns=160)
    text = terminal.until(lambda text: "ETA" in text and "rows/s" in text)
    assert "%" in text and "batch" in text and "4,000 rows" in text.replace("'", ","), text
    slow.call("set", "pace.rows_per_second=unlimited")
    assert terminal.finish() == 0


def test_control_c_drains(slow, users_db):
    terminal = Terminal(slow, "run", str(slow.plan))
    terminal.until(lambda text: "rows" in text)
    terminal.child.sendintr()
    assert terminal.finish() == 130, terminal.text
    slow.run(settings=["pace.rows_per_second=unlimited"])
    assert users.verdict(users_db).is_clean()


def test_tables_fit_the_terminal(slow, users_db):
    faults.begin(slow, users_db)
    for command in ("status", "plan", "rejects"):
        terminal = Terminal(slow, command, str(slow.plan), columns=80, lines=300)
        assert terminal.finish() == 0
        assert terminal.text


def test_no_color_means_no_color(slow):
    child = pexpect.spawn(binary.binary(), ["status", "--help"], env={**slow.environment, "TERM": "xterm-256color", "NO_COLOR": "1"})
    text = child.read()
    assert text and b"\x1b[" not in text
