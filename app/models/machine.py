"""What a machine can hold and how fast it reads its memory: this one, or one that is described."""

import ctypes
import ctypes.util
import os
import platform
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from app.errors import MachineUnknown

_CPU_FEATURES: Final = ("avx2", "avx512f", "avx512_bf16", "amx_bf16", "neon", "asimd")
_CPU_QUOTA: Final = Path("/sys/fs/cgroup/cpu.max")
_DESCRIBED: Final = re.compile(r"(\d{1,4})GB-(gpu|laptop|mac)", re.IGNORECASE)
# Bytes a second from the memory that holds the weights; a token reads all that are active. Round
# figures of ordinary parts: two channels of DDR5 that other programs use, too; unified memory; GDDR6X and HBM.
_READS: Final = {"cpu": 20e9, "metal": 120e9, "gpu": 600e9}


@dataclass(frozen=True)
class Machine:
    """`gpu_bytes`: memory of each GPU. `metal`: an Apple GPU that shares `ram_bytes`."""

    ram_bytes: int
    cores: int
    gpu_bytes: tuple[int, ...] = ()
    metal: bool = False
    features: tuple[str, ...] = ()

    @property
    def room(self) -> float:
        """Bytes for a chat model's weights and cache, beside all else that has to run."""
        if self.gpu_bytes:
            return sum(self.gpu_bytes) * 0.9 - 0.5e9
        if self.metal:
            return self.ram_bytes * 0.65
        return max(min(self.ram_bytes - 4e9, self.ram_bytes * 0.75), 0)

    @property
    def fast(self) -> bool:
        """Something other than the CPU computes."""
        return bool(self.gpu_bytes) or self.metal

    def tokens_per_second(self, active_bytes: float) -> float:
        """About how fast a model writes whose every token reads so many bytes."""
        kind = "gpu" if self.gpu_bytes else "metal" if self.metal else "cpu"
        return _READS[kind] / active_bytes


def described(text: str) -> Machine:
    """`24GB-gpu` (beside 64 GB of RAM), `8GB-laptop`, `16GB-mac`. Raises MachineUnknown."""
    found = _DESCRIBED.fullmatch(text.strip())
    if found is None:
        raise MachineUnknown(machine=text)
    size, kind = int(found[1]) * 10**9, found[2].lower()
    if kind == "gpu":
        return Machine(max(64 * 10**9, 2 * size), 16, (size,))
    return Machine(size, 8 if kind == "mac" else 4, metal=kind == "mac")


def this_machine() -> Machine:
    """Looks at memory, processors and GPUs. What cannot be looked at counts as not there."""
    apple = platform.system() == "Darwin" and platform.machine() == "arm64"
    return Machine(
        ram_bytes=psutil.virtual_memory().total,
        cores=usable_cores(),
        gpu_bytes=_nvidia(),
        metal=apple,
        features=_features(),
    )


def usable_cores() -> int:
    """Physical cores that this process may use: more threads than that slow llama.cpp down."""
    physical = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    cores = [physical]
    if hasattr(os, "sched_getaffinity"):
        cores.append(len(os.sched_getaffinity(0)))
    if _CPU_QUOTA.is_file():  # a container's share
        quota, period = _CPU_QUOTA.read_text().split()[:2]
        if quota != "max":
            cores.append(max(1, int(quota) // int(period)))
    return max(1, min(cores))


def _nvidia() -> tuple[int, ...]:
    command = ["nvidia-smi", "--query-gpu=memory.total", "--format=csv,noheader,nounits"]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)  # noqa: S603
        return tuple(int(line) * 2**20 for line in ran.stdout.split())
    except (OSError, ValueError, subprocess.SubprocessError):
        return ()


def _features() -> tuple[str, ...]:
    try:
        flags = set(Path("/proc/cpuinfo").read_text(encoding="utf-8").split())
    except OSError:
        return ()
    return tuple(name for name in _CPU_FEATURES if name in flags)


def give_back() -> None:
    """Give memory that was freed back to the system, which the C library keeps for later. Takes milliseconds;
    does nothing where the C library has no such call."""
    if not sys.platform.startswith("linux"):
        return
    trim = getattr(ctypes.CDLL(ctypes.util.find_library("c")), "malloc_trim", None)
    if trim is not None:
        trim(0)
