"""How commands end when something goes wrong."""

import pytest
import typer

from cliptrail.cli.errors import exit_on_error
from cliptrail.state.errors import CliptrailError, LibraryError, UsageError


@pytest.mark.parametrize(
    ("error", "code"),
    [(UsageError("No such plan.", "Name one."), 2), (LibraryError("Locked.", "Wait."), 4)],
)
def test_an_error_is_one_line_and_a_code(
    error: CliptrailError, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as caught, exit_on_error():
        raise error
    assert caught.value.exit_code == code
    assert capsys.readouterr() == ("", f"Error: {error.message} {error.next_step}\n")


def test_a_message_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit), exit_on_error():
        raise UsageError("No video \x1b[2J\nError: \x07 fake")
    assert capsys.readouterr().err == "Error: No video [2J Error: fake\n"


def test_it_decorates_too_and_keeps_name_and_result() -> None:
    @exit_on_error()
    def command(number: int) -> int:
        """Return the number."""
        return number

    assert command(3) == 3
    assert (command.__name__, command.__doc__) == ("command", "Return the number.")


def test_a_fault_of_ours_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError), exit_on_error():
        raise ZeroDivisionError
