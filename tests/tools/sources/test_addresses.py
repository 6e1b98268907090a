"""Addresses of YouTube in every form that people paste, and what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliptrail.tools.sources.addresses import Address, read_address

VIDEO = "jNQXAC9IVRw"
LIST = "PLFgquLnL59alCl_2TQvOiD5Vgm1hCaGSI"


@pytest.mark.parametrize(
    "text",
    [
        VIDEO,
        f" {VIDEO}\n",
        f"https://youtu.be/{VIDEO}?t=3",
        f"youtu.be/{VIDEO}",
        f"https://www.youtube.com/watch?v={VIDEO}&list={LIST}",
        f"http://m.youtube.com/watch?app=desktop&v={VIDEO}",
        f"https://music.youtube.com/watch?v={VIDEO}",
        f"https://www.youtube.com/shorts/{VIDEO}",
        f"https://www.youtube.com/live/{VIDEO}?feature=share",
        f"https://www.youtube-nocookie.com/embed/{VIDEO}",
    ],
)
def test_a_video(text: str) -> None:
    assert read_address(text) == Address(kind="video", id=VIDEO)


@pytest.mark.parametrize("text", [LIST, f"https://www.youtube.com/playlist?list={LIST}"])
def test_a_playlist(text: str) -> None:
    assert read_address(text) == Address(kind="playlist", id=LIST)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "captions.vtt",
        f"https://example.org/watch?v={VIDEO}",
        f"https://youtube.com.example.org/watch?v={VIDEO}",
        f"file://youtube.com/watch?v={VIDEO}",
        "https://www.youtube.com/@channel",
        "https://youtu.be/short",
        "https://[youtu.be/" + VIDEO,
    ],
)
def test_neither(text: str) -> None:
    assert read_address(text) is None


@given(st.text())
def test_whatever_is_pasted_gives_a_clean_id_or_nothing(text: str) -> None:
    address = read_address(text)
    assert address is None or address.id.replace("-", "").replace("_", "").isalnum()
