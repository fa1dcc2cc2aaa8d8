"""What computes here: devices that TensorFlow finds, versions, memory."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import version

import streamlit as st

from components import warming
from components.subjects import Subject
from components.text import _, number

SHOWN = ("keras", "numpy", "streamlit", "plotly", "tf-keras-vis")


def tensorflow_loaded() -> bool:
    """Whether TensorFlow has been imported; asking for its devices before would hold up the page."""
    return "tensorflow" in sys.modules and hasattr(sys.modules["tensorflow"], "config")


def lines() -> list[str]:
    """Return what is here as sentences."""
    import tensorflow as tf

    found = [device.device_type for device in tf.config.list_physical_devices()]
    gpus = found.count("GPU")
    devices = _("TensorFlow {version} finds {n} GPUs").format(version=tf.__version__, n=gpus)
    if not gpus:
        devices += "; " + _("it computes on the processor, {cores} cores").format(cores=os.cpu_count())
    packages = ", ".join(f"{name} {version(name)}" for name in SHOWN)
    return [devices, f"Python {platform.python_version()}, {packages}"]


def show(subject: Subject) -> None:
    """Say what computes here, and with which versions."""
    with st.expander(_("Computer and versions"), icon=":material/memory:"):
        if not tensorflow_loaded():
            st.caption(_("TensorFlow is still loading."))
            return
        for line in lines():
            st.markdown(f"- {line}")
        seconds = warming.seconds_to_ready(subject)
        if seconds is not None:
            st.markdown("- " + _("model ready in {n} s").format(n=number(seconds, 2)))
