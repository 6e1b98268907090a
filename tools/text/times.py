"""Times of a video as people write them."""


def clock(seconds: float) -> str:
    """Return a time as people write it: 754 gives "12:34", 3661 gives "1:01:01"."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
