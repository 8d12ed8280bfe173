"""Verified evidence: what an answer says, matched to exact sentences of the stored text."""

from app.answering.evidence.context import Material, prepare
from app.answering.evidence.verify import Verification, verify

__all__ = ["Material", "Verification", "prepare", "verify"]
