"""cliptrail: ask a question, get a guide in which every claim links to the second of its video.

In an installed package every part lies beside this file. In a checkout the parts are the top-level
folders of the repository, as LangGraph applications have them, and this package finds them there.
"""

from pathlib import Path

from cliptrail.versions import current

_HERE = Path(__file__).parent

if not (_HERE / "state").is_dir():
    __path__.append(str(_HERE.parent))

__version__ = current()
