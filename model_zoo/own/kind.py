"""What a file is, by its content: the name's ending is never asked."""

from __future__ import annotations

from typing import Literal

from model_zoo.own.types import MIB, Limits, Refused

HDF5 = b"\x89HDF\r\n\x1a\n"
ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
FORMATS = "Upload a .keras file, an .h5 file of a whole model, or a weights file with the architecture it is for."
SAVE_AGAIN = 'Save it again with model.save("model.keras").'
_OTHERS = {
    b"\x08": "",
    b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"%PDF": "a PDF",
    b"\x80\x02": "a pickle, which could run code",
    b"\x80\x03": "a pickle, which could run code",
    b"\x80\x04": "a pickle, which could run code",
    b"\x80\x05": "a pickle, which could run code",
    b"\x93NUMPY": "a NumPy array",
}


def megabytes(count: float) -> str:
    """Return a number of bytes as text, such as "50 MB" or "4 kB"."""
    if count < MIB / 10:
        return f"{count / 1024:,.0f} kB"
    return f"{count / MIB:,.0f} MB" if count >= 10 * MIB else f"{count / MIB:,.1f} MB"


def check_size(size: int, limits: Limits) -> None:
    """Raise Refused where a file of `size` bytes is empty or over the limit."""
    if not size:
        raise Refused("empty", "The file is empty (0 bytes).", "Save or copy the model again, then upload it.")
    if size > limits.max_bytes:
        raise Refused(
            "too_large",
            f"The file has {megabytes(size)}; at most {megabytes(limits.max_bytes)} are accepted.",
            "Save it without its optimizer, "
            'keras.models.load_model("model.keras", compile=False).save("smaller.keras"), or with float16 weights; '
            "whoever runs this server can raise the limit (CONVSCOPE_OWN_MAX_BYTES).",
        )


def kind_of(head: bytes) -> Literal["zip", "hdf5"]:
    """Tell an archive from an HDF5 file by its first bytes. Raises Refused for anything else."""
    if head.startswith(HDF5):
        return "hdf5"
    if head.startswith(ZIP):
        return "zip"
    known = next((name for start, name in _OTHERS.items() if name and head.startswith(start)), "")
    if not known and all(byte in b"\t\n\r\f" or byte >= 32 for byte in head[:64]):
        known = "text"
    cause = (
        f"The file is {known}, not a Keras model." if known else "The file is not a Keras model: it begins like none."
    )
    raise Refused("kind", cause, FORMATS)
