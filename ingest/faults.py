"""Which errors are a document's own for good, which may pass, and which stop a sync."""

from app import errors

# The file itself is the reason: not tried again until it changes.
_PERMANENT = (
    errors.FormatUnsupported,
    errors.DocumentEncrypted,
    errors.DocumentCorrupt,
    errors.DocumentTooLarge,
    errors.DocumentWithoutText,
    errors.DocumentQuarantined,
)
# One document is affected, and the next sync may do better.
_TRANSIENT = (
    errors.AddressRefused,
    errors.OcrMissing,
    errors.SidecarInvalid,
    errors.SourceUnreachable,
    errors.SourceUnreadable,
    errors.WorkerLost,
    errors.ReadingTooLong,
    errors.ReadingNeedsMemory,
    errors.ReadingCrashed,
)
# Of these, the ones for which a worker had to be ended: at the second time the document is set aside.
_DEADLY = (errors.ReadingTooLong, errors.ReadingNeedsMemory, errors.ReadingCrashed)


def concerns_one_document(error: errors.GroundkbError) -> bool:
    """Whether a sync records the error and goes on; any other stops it, with nothing lost."""
    return isinstance(error, _PERMANENT + _TRANSIENT)


def is_permanent(error: errors.GroundkbError) -> bool:
    """Whether trying again is pointless until the file changes."""
    return isinstance(error, _PERMANENT)


def ended_a_worker(error: errors.GroundkbError) -> bool:
    """Whether the document cost the process that read it."""
    return isinstance(error, _DEADLY)
