"""Files that buyers send: read up to a size, and kept only if their content is what they may be.

Pictures are drawn anew, so nothing comes along that is not the picture: no place where it was taken, no second file
behind it. A PDF is kept as it is, and is never shown by us: whoever fetches it gets it as a download.
"""

import re
import unicodedata
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from django.core.exceptions import RequestDataTooBig, ValidationError
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from PIL import Image, ImageOps

from checkout.models.answers import MOST_FILE_BYTES

MOST_REQUEST_BYTES: Final = 11 * 1024 * 1024  # two files and a form; deploy/nginx/tito.conf.template lets in no more
MOST_PIXELS: Final = 25_000_000  # a hundred megabytes of memory while it is drawn
LONGEST_EDGE: Final = 3000
NAME_LENGTH: Final = 100
EXTENSIONS: Final = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}
FORMATS: Final = {"JPEG": "image/jpeg", "PNG": "image/png"}
TOO_LARGE: Final = "Choose a file of at most 5 MB."
TOO_MANY_PIXELS: Final = "Choose a picture of at most 25 megapixels."
WRONG_TYPE: Final = "Choose a PDF, a JPEG or a PNG. This file is none of them, whatever its name says."


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that may be kept."""

    name: str
    content_type: str
    content: bytes


class SmallFilesHandler(FileUploadHandler):
    """Keeps of each file the first megabytes, in memory: enough to see that it is too large. None reaches the disk."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._all = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._body, self._size = BytesIO(), 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._all += len(raw_data)
        if self._all > MOST_REQUEST_BYTES:
            raise RequestDataTooBig("The files are too large.")
        self._size += len(raw_data)
        if self._size <= MOST_FILE_BYTES:
            self._body.write(raw_data)

    def file_complete(self, file_size: int) -> "UploadedFile[Any]":
        self._body.seek(0)
        return InMemoryUploadedFile(
            file=self._body, field_name=self.field_name, name=self.file_name or "file",
            content_type=self.content_type or "", size=self._size, charset=self.charset,
        )  # fmt: skip


def read(sent: "UploadedFile[Any]") -> Upload:
    """The file, checked by its content and cleaned. Raises ValidationError with words for the buyer."""
    if (sent.size or 0) > MOST_FILE_BYTES:
        raise ValidationError(TOO_LARGE, code="too_large")
    content = sent.read()
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]:
        content_type = "application/pdf"
    else:
        content_type, content = _redrawn(content)
    return Upload(safe_name(sent.name or "", content_type), content_type, content)


def _redrawn(content: bytes) -> tuple[str, bytes]:
    """The type of a picture, and the picture drawn anew, upright and no larger than a page needs."""
    out = BytesIO()
    try:
        with Image.open(BytesIO(content), formats=list(FORMATS)) as picture:
            _refuse_too_many_pixels(picture)
            kind = str(picture.format)
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
            fresh = upright.convert("RGB" if kind == "JPEG" or upright.mode not in {"RGBA", "LA", "P"} else "RGBA")
            fresh.info.clear()
            fresh.save(out, kind, quality=88)
    except ValidationError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as fault:
        raise ValidationError(TOO_MANY_PIXELS, code="too_many_pixels") from fault
    except Exception as fault:  # a library that reads strangers' files has many ways to say no
        raise ValidationError(WRONG_TYPE, code="wrong_type") from fault
    if out.tell() > MOST_FILE_BYTES:
        raise ValidationError(TOO_LARGE, code="too_large")
    return FORMATS[kind], out.getvalue()


def _refuse_too_many_pixels(picture: Image.Image) -> None:
    """Before any of it is unpacked: a small file can hold a picture that fills the memory."""
    if picture.width * picture.height > MOST_PIXELS:
        raise ValidationError(TOO_MANY_PIXELS, code="too_many_pixels")


def safe_name(name: str, content_type: str) -> str:
    """A file's name without folders, controls and tricks, with the ending of what it is."""
    plain = "".join(one for one in unicodedata.normalize("NFC", name) if unicodedata.category(one)[0] != "C")
    stem = re.split(r"[/\\]", plain)[-1].rpartition(".")[0] or re.split(r"[/\\]", plain)[-1]
    stem = re.sub(r"[^\w \-()]+", "-", stem).strip(" .-")[: NAME_LENGTH - 4].strip()
    return f"{stem or 'file'}{EXTENSIONS[content_type]}"
