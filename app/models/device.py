"""Where models compute: the CPU, or a GPU where torch finds one."""

import platform
from collections.abc import Mapping
from typing import Any, Literal

DeviceWanted = Literal["auto", "cpu", "cuda", "mps"]
Device = Literal["cpu", "cuda", "mps"]
Precision = Literal["fp32", "bf16"]


def choose_device(wanted: DeviceWanted) -> Device:
    """`auto` becomes cuda, else mps, where torch can use it, else cpu. What is named is taken."""
    if wanted != "auto":
        return wanted
    import torch  # takes seconds, and most commands never load a model

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def bf16_is_native(capabilities: Mapping[str, Any], machine: str) -> bool:
    """Whether the CPU multiplies bfloat16 in hardware, from `torch.cpu.get_capabilities()`."""
    if machine.lower() in ("x86_64", "amd64", "i686"):
        return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
    return bool(capabilities.get("bf16"))


def choose_precision(wanted: Literal["auto", "fp32", "bf16"], device: Device = "cpu") -> Precision:
    """`auto` becomes bf16 where the processor computes in it, else fp32."""
    if wanted != "auto":
        return wanted
    import torch

    if device == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    if device == "mps":
        return "fp32"
    read = getattr(torch.cpu, "get_capabilities", None)  # torch before 2.11 has none
    return "bf16" if read and bf16_is_native(read(), platform.machine()) else "fp32"
