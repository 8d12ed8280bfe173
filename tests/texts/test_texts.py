"""Codes and parameters become words in the reader's language."""

import json
import pickle
import socket
import ssl

import httpx
import pytest
from pydantic import ValidationError

from app import errors
from app.api.wire.answers import AskRequest
from app.errors import Phrase
from app.texts import say, told, told_of
from app.texts.complaints import complaints


def test_what_groundkb_words_itself_is_said_in_the_readers_language() -> None:
    error = errors.DocumentTooLarge(path="a.txt", detail=errors.too_many_bytes(99))
    assert told(error, "en").message == (
        "a.txt is too large: more than 99 bytes (GROUNDKB_MAX_FILE_BYTES)"
    )
    assert told(error, "zh").message == "a.txt 过大：超过 99 字节（GROUNDKB_MAX_FILE_BYTES）"


def test_a_missing_parameter_is_found_where_the_error_is_raised() -> None:
    with pytest.raises(TypeError, match="seconds"):
        errors.ChatTimeout()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="second"):
        errors.ChatTimeout(seconds=1, second=2)  # type: ignore[call-arg]


def test_a_kept_error_is_told_in_the_language_of_whoever_reads_it() -> None:
    reason = Phrase("ollama_strange", url="http://x", detail=ValueError("no JSON"))
    error = errors.ChatFailed(detail=Phrase("chat_embedded_because", name="qwen", why=reason))
    kept = json.loads(json.dumps(error.data()))
    for language in ("en", "zh"):
        assert told_of(kept["code"], kept["params"], language) == told(error, language)
        assert "no JSON" in told(error, language).message
    assert "因为" in told_of(kept["code"], kept["params"], "zh").message


def test_an_error_may_be_the_reason_of_another() -> None:
    inner = errors.DocumentEncrypted(path="a.pdf")
    phrase = Phrase("corpus_failed", count=2, source="file:///a.pdf", reason=inner.data())
    assert say(phrase, "en") == "2 documents failed, first file:///a.pdf: a.pdf is encrypted."
    assert "a.pdf 已加密" in say(phrase, "zh")


def _raised(error: Exception, cause: BaseException | None) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "en", "zh"),
    [
        (
            _raised(
                httpx.ConnectError("All connection attempts failed"),
                _raised(OSError("all"), ExceptionGroup("", [ConnectionRefusedError(111, "no")])),
            ),
            "nothing listens there",
            "没有服务在监听",
        ),
        (_raised(httpx.ConnectError(""), socket.gaierror(-2, "x")), "no server of that", "找不到"),
        (ssl.SSLCertVerificationError("self-signed"), "certificate", "证书"),
        (httpx.ReadTimeout(""), "did not answer in time", "没有及时应答"),
        (ValueError(), "no reason was given", "没有说明原因"),
        (ValueError("no JSON"), "no JSON", "no JSON"),
    ],
)
def test_a_reason_is_told_in_words_and_not_by_the_name_of_a_class(
    error: Exception, en: str, zh: str
) -> None:
    down = errors.ChatServerDown(url="http://x", detail=error)
    for language, words in (("en", en), ("zh", zh)):
        message = told(down, language).message
        assert words in message
        assert "Error" not in message
        assert "Timeout" not in message


def test_lists_are_enumerated_as_each_language_does() -> None:
    phrase = Phrase("host_none_of", hosts=["a", "b"])
    assert say(phrase, "en").endswith(": a, b")
    assert say(phrase, "zh").endswith("：a、b")


@pytest.mark.parametrize("code", ["from_the_future", "chat_timeout"])
def test_what_another_version_kept_is_still_told(code: str) -> None:
    """The code is unknown here, or has got other parameters since."""
    for language in ("en", "zh"):
        said = told_of(code, {"planet": "Mars", "why": Phrase("ocr_off").data()}, language)
        assert code in said.message
        assert "Mars" in said.message
        assert "GROUNDKB_OCR" in said.message
        assert said.hint


def test_what_a_server_said_is_passed_on_with_its_kind() -> None:
    error = errors.RemoteError("question_empty", "问题为空。", "请输入问题。")
    assert told(error, "en").message == "问题为空。"
    assert (error.code, error.scope) == ("question_empty", "usage")
    assert errors.RemoteError("from_the_future", "m", "h").scope == "operation"


def test_errors_go_from_process_to_process() -> None:
    for error in (
        errors.DocumentTooLarge(path="a", detail=errors.too_many_bytes(9)),
        errors.RemoteError("question_empty", "m", "h"),
    ):
        again = pickle.loads(pickle.dumps(error))
        assert type(again) is type(error)
        assert told(again, "zh") == told(error, "zh")
        assert again.data() == error.data()


def test_a_traceback_names_code_and_reasons() -> None:
    error = errors.DocumentTooLarge(path="a", detail=errors.too_many_bytes(9))
    assert str(error) == "document_too_large: a; more_bytes_than_set: 9"


def test_what_pydantic_finds_is_named_by_field_and_ours_in_the_readers_language() -> None:
    with pytest.raises(ValidationError) as found:
        AskRequest.model_validate(
            {
                "question": "q",
                "conversation_id": "new",
                "messages": [{"role": "user", "content": "x"}],
            }
        )
    assert say(complaints(found.value.errors()), "zh") == "conversation_id 与 messages 只能给出其一"
    with pytest.raises(ValidationError) as found:
        AskRequest.model_validate({f"x{number}": "the secret" for number in range(8)})
    said = say(complaints(found.value.errors()), "zh")
    assert said.startswith("question：Field required；x0：")
    assert said.endswith("；另有 4 处")
    assert "secret" not in said
