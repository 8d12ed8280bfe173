"""Every error that groundkb raises on purpose, with its text in both languages.

This module imports nothing of groundkb, so each layer can raise without importing upward.
`code` is the stable machine-readable name; `app.api.errors` maps classes to HTTP codes
and `ingest.faults` tells permanent from transient: neither decision is made here.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True)
class Words:
    """A part of a message that groundkb words itself, in both languages."""

    en: str
    zh: str

    def __str__(self) -> str:
        return self.en


def reason_of(error: BaseException) -> str:
    """What an exception of a library says; its kind where it says nothing."""
    return str(error) or type(error).__name__


class GroundkbError(Exception):
    """Base of all deliberate errors.

    A subclass states `code` and, per language, a `(message, hint)` pair of `str.format`
    templates. `hint` says what the reader can do about it. The keyword arguments fill
    the templates, `Words` in the message's language; a template that names a missing argument
    fails in the constructor, so that a broken message is found by the first test that raises it.
    """

    code: ClassVar[str] = "internal"
    texts: ClassVar[dict[Language, tuple[str, str]]] = {
        "en": ("Something went wrong inside groundkb: {detail}", "See the log for the trace."),
        "zh": ("groundkb 内部出错：{detail}", "请查看日志中的堆栈信息。"),
    }

    def __init__(self, **params: object) -> None:
        self.params = params
        super().__init__(self.message("en"))
        self.message("zh")
        self.hint("en")
        self.hint("zh")

    def message(self, language: Language = "en") -> str:
        """What happened, one sentence, in `language`."""
        return self._filled(self.texts[language][0], language)

    def hint(self, language: Language = "en") -> str:
        """What to do about it, in `language`."""
        return self._filled(self.texts[language][1], language)

    def _filled(self, template: str, language: Language) -> str:
        return template.format(
            **{
                name: getattr(value, language) if isinstance(value, Words) else value
                for name, value in self.params.items()
            }
        )

    def in_both_languages(self) -> dict[str, str]:
        """`code`, `message`, `hint`, `message_zh`, `hint_zh`: to be kept for a reader whose
        language is not known yet."""
        return {
            "code": self.code,
            "message": self.message("en"),
            "hint": self.hint("en"),
            "message_zh": self.message("zh"),
            "hint_zh": self.hint("zh"),
        }

    def __str__(self) -> str:
        return f"{self.message('en')} {self.hint('en')}"


# --- settings and start -----------------------------------------------------------------


class SettingsInvalid(GroundkbError):
    code = "settings_invalid"
    texts: ClassVar = {
        "en": (
            "The settings are not valid: {detail}",
            "Correct the named setting; `groundkb doctor` lists all of them.",
        ),
        "zh": ("配置无效：{detail}", "请改正上面指出的配置项；`groundkb doctor` 会列出全部配置。"),
    }


# --- models -----------------------------------------------------------------------------


class WeightsMissing(GroundkbError):
    code = "weights_missing"
    texts: ClassVar = {
        "en": ("The weights of {model} are not on this machine.", "Run `groundkb models pull`."),
        "zh": ("本机没有模型 {model} 的权重。", "请运行 `groundkb models pull`。"),
    }


class WeightsCorrupt(GroundkbError):
    code = "weights_corrupt"
    texts: ClassVar = {
        "en": (
            "The checksum of {file} is wrong: expected {expected}, found {found}.",
            "Delete that file and run `groundkb models pull` again.",
        ),
        "zh": (
            "文件 {file} 的校验和不符：应为 {expected}，实为 {found}。",
            "请删除该文件，再次运行 `groundkb models pull`。",
        ),
    }


class WeightsUnavailable(GroundkbError):
    code = "weights_unavailable"
    texts: ClassVar = {
        "en": (
            "The weights of {model} could not be had from any source: {detail}",
            "Check the name and the network, or put them in a folder and set GROUNDKB_WEIGHTS_DIR.",
        ),
        "zh": (
            "无法从任何来源取得模型 {model} 的权重：{detail}",
            "请检查模型名和网络，或把权重放入文件夹并设置 GROUNDKB_WEIGHTS_DIR。",
        ),
    }


class EmbeddingFailed(GroundkbError):
    code = "embedding_failed"
    texts: ClassVar = {
        "en": ("The embedding model failed: {detail}", "See `groundkb doctor`."),
        "zh": ("向量模型运行失败：{detail}", "请运行 `groundkb doctor` 查看原因。"),
    }


class ReadingFailed(GroundkbError):
    code = "reading_failed"
    texts: ClassVar = {
        "en": ("The reader failed: {detail}", "See `groundkb doctor`."),
        "zh": ("阅读模型运行失败：{detail}", "请运行 `groundkb doctor` 查看原因。"),
    }


class ChatModelMissing(GroundkbError):
    code = "chat_model_missing"
    texts: ClassVar = {
        "en": (
            "The chat server at {url} has no model named {model}.",
            "Pull it there (`ollama pull {model}`) or set GROUNDKB_CHAT_MODEL.",
        ),
        "zh": (
            "位于 {url} 的对话模型服务没有名为 {model} 的模型。",
            "请在该服务上拉取模型（`ollama pull {model}`），或设置 GROUNDKB_CHAT_MODEL。",
        ),
    }


class ChatServerDown(GroundkbError):
    code = "chat_server_down"
    texts: ClassVar = {
        "en": (
            "The chat server at {url} does not answer: {detail}",
            "Start it, or set GROUNDKB_CHAT=embedded.",
        ),
        "zh": (
            "位于 {url} 的对话模型服务没有响应：{detail}",
            "请启动该服务，或设置 GROUNDKB_CHAT=embedded。",
        ),
    }


class ChatTimeout(GroundkbError):
    code = "chat_timeout"
    texts: ClassVar = {
        "en": (
            "The chat model sent nothing for {seconds} seconds.",
            "Try again, use a smaller model, or raise GROUNDKB_CHAT_TIMEOUT.",
        ),
        "zh": (
            "对话模型已有 {seconds} 秒没有任何输出。",
            "请重试、换用更小的模型，或调大 GROUNDKB_CHAT_TIMEOUT。",
        ),
    }


class ChatStreamBroken(GroundkbError):
    code = "chat_stream_broken"
    texts: ClassVar = {
        "en": (
            "The chat model stopped in the middle of its answer: {detail}",
            "What came before is not a complete answer; ask again.",
        ),
        "zh": ("对话模型在回答中途断开：{detail}", "已收到的内容不是完整回答，请重新提问。"),
    }


class ChatFailed(GroundkbError):
    code = "chat_failed"
    texts: ClassVar = {
        "en": ("The chat model refused the request: {detail}", "See `groundkb doctor`."),
        "zh": ("对话模型拒绝了请求：{detail}", "请运行 `groundkb doctor` 查看原因。"),
    }


class ContextTruncated(GroundkbError):
    code = "context_truncated"
    texts: ClassVar = {
        "en": (
            "The chat server counted {server} prompt tokens where {ours} were sent: it cut the prompt.",
            "Set GROUNDKB_CHAT_NUM_CTX to the window that the server really has.",
        ),
        "zh": (
            "发送了 {ours} 个提示词元，对话服务只计入 {server} 个：提示被截断。",
            "请把 GROUNDKB_CHAT_NUM_CTX 设为该服务真实的上下文窗口。",
        ),
    }


# --- index ------------------------------------------------------------------------------


class IndexUnreachable(GroundkbError):
    code = "index_unreachable"
    texts: ClassVar = {
        "en": (
            "The Qdrant server at {url} does not answer: {detail}",
            "Start it, or unset QDRANT_URL to use the embedded index.",
        ),
        "zh": (
            "位于 {url} 的 Qdrant 服务没有响应：{detail}",
            "请启动该服务，或取消 QDRANT_URL 以使用内置索引。",
        ),
    }


class IndexUnauthorized(GroundkbError):
    code = "index_unauthorized"
    texts: ClassVar = {
        "en": ("The Qdrant server at {url} refused the API key.", "Set QDRANT_API_KEY."),
        "zh": ("位于 {url} 的 Qdrant 服务拒绝了 API 密钥。", "请设置 QDRANT_API_KEY。"),
    }


class IndexInUse(GroundkbError):
    code = "index_in_use"
    texts: ClassVar = {
        "en": (
            "The index in {path} is in use by another process ({owner}).",
            "Only one process can open the embedded index: talk to the running server, or stop it first.",
        ),
        "zh": (
            "索引 {path} 正被另一个进程使用（{owner}）。",
            "内置索引同时只能由一个进程打开：请通过正在运行的服务操作，或先停止它。",
        ),
    }


class IndexMismatch(GroundkbError):
    code = "index_mismatch"
    texts: ClassVar = {
        "en": (
            "The index was built with {built}, but the settings say {wanted}.",
            "Run `groundkb reindex` to embed all documents with the model of the settings (the old index serves until then), or set the old model again.",
        ),
        "zh": (
            "索引是用 {built} 建立的，而当前配置是 {wanted}。",
            "请运行 `groundkb reindex`，用当前配置的模型重新生成全部文档的向量（完成前旧索引照常服务）；或改回原来的模型。",
        ),
    }


class IndexFailed(GroundkbError):
    code = "index_failed"
    texts: ClassVar = {
        "en": ("The index could not do this: {detail}", "See `groundkb doctor`."),
        "zh": ("索引操作失败：{detail}", "请运行 `groundkb doctor` 查看原因。"),
    }


# --- library ----------------------------------------------------------------------------


class LibraryUnavailable(GroundkbError):
    code = "library_unavailable"
    texts: ClassVar = {
        "en": (
            "The library database does not work: {detail}",
            "Check that GROUNDKB_DATA can be written and the disk is not full.",
        ),
        "zh": ("资料库数据库不可用：{detail}", "请检查 GROUNDKB_DATA 是否可写、磁盘是否已满。"),
    }


class LibraryBusy(LibraryUnavailable):
    code = "library_busy"
    texts: ClassVar = {
        "en": (
            "Another process has kept the library database locked for {seconds} seconds.",
            "Nothing is lost: run this again when that process is done.",
        ),
        "zh": (
            "资料库数据库被另一个进程锁定已超过 {seconds} 秒。",
            "数据没有丢失：请等该进程结束后再运行。",
        ),
    }


class UpgradeBlocked(LibraryBusy):
    code = "upgrade_blocked"
    texts: ClassVar = {
        "en": (
            "The library has to be upgraded, but another groundkb is using it ({owner}).",
            "Stop every other groundkb that uses this library, then start this one again; nothing was changed.",
        ),
        "zh": (
            "资料库需要升级，但另一个 groundkb 正在使用它（{owner}）。",
            "请先停止使用该资料库的其他 groundkb，再重新启动；没有更改任何内容。",
        ),
    }


class LibraryTooNew(GroundkbError):
    code = "library_too_new"
    texts: ClassVar = {
        "en": (
            "A newer groundkb has upgraded the library: its schema is version {found}, this groundkb knows up to {known}.",
            "Install the newer groundkb again. To stay with this one, put back the copy in GROUNDKB_DATA/before-upgrade as docs/upgrading.md tells.",
        ),
        "zh": (
            "资料库已由更新版本的 groundkb 升级：其结构版本为 {found}，而当前 groundkb 最高支持 {known}。",
            "请重新安装较新的 groundkb；若要继续使用当前版本，请按 docs/upgrading.md 的说明恢复 GROUNDKB_DATA/before-upgrade 中的副本。",
        ),
    }


class DatabaseDriverMissing(GroundkbError):
    code = "database_driver_missing"
    texts: ClassVar = {
        "en": (
            "GROUNDKB_DATABASE_URL names a database whose driver is not installed: {module}.",
            "For PostgreSQL: `pip install 'groundkb[postgres]'`, and a URL that begins with postgresql+psycopg://.",
        ),
        "zh": (
            "GROUNDKB_DATABASE_URL 所指数据库的驱动未安装：{module}。",
            "PostgreSQL 请运行 `pip install 'groundkb[postgres]'`，并使用以 postgresql+psycopg:// 开头的地址。",
        ),
    }


class DocumentNotFound(GroundkbError):
    code = "document_not_found"
    texts: ClassVar = {
        "en": ("There is no document {document}.", "`GET /documents` lists the documents."),
        "zh": ("没有文档 {document}。", "用 `GET /documents` 查看全部文档。"),
    }


class KnowledgeBaseNotFound(GroundkbError):
    code = "knowledge_base_not_found"
    texts: ClassVar = {
        "en": (
            "There is no knowledge base named {name}.",
            "Put documents in it first: `groundkb ingest sync --kb {name} PATH`.",
        ),
        "zh": (
            "没有名为 {name} 的知识库。",
            "请先放入文档：`groundkb ingest sync --kb {name} 路径`。",
        ),
    }


class ConversationNotFound(GroundkbError):
    code = "conversation_not_found"
    texts: ClassVar = {
        "en": ("There is no conversation {conversation}.", "`GET /conversations` lists them."),
        "zh": ("没有对话 {conversation}。", "用 `GET /conversations` 查看全部对话。"),
    }


class KeptUnreadable(GroundkbError):
    code = "kept_unreadable"
    texts: ClassVar = {
        "en": (
            "What was kept here cannot be read.",
            "It was damaged, or written by a version that this one does not know; ask or sync again for a new one.",
        ),
        "zh": (
            "这里保存的内容无法读取。",
            "它已损坏，或由当前版本不认识的版本写入；重新提问或同步即可得到新的内容。",
        ),
    }


class JobNotFound(GroundkbError):
    code = "job_not_found"
    texts: ClassVar = {
        "en": ("There is no job {job}.", "`GET /jobs` lists the jobs."),
        "zh": ("没有任务 {job}。", "用 `GET /jobs` 查看全部任务。"),
    }


class JobNotRepeatable(GroundkbError):
    code = "job_not_repeatable"
    texts: ClassVar = {
        "en": (
            "The job {job} cannot be repeated ({status}).",
            "A finished job needs none; a file whose upload was cancelled has to be uploaded again.",
        ),
        "zh": (
            "任务 {job} 无法重试（{status}）。",
            "已完成的任务无需重试；上传已取消的文件需要重新上传。",
        ),
    }


class SourceNotFound(GroundkbError):
    code = "source_not_found"
    texts: ClassVar = {
        "en": ("There is no registered source {source}.", "`GET /sources` lists the sources."),
        "zh": ("没有已登记的来源 {source}。", "用 `GET /sources` 查看全部来源。"),
    }


class ScheduleInvalid(GroundkbError):
    code = "schedule_invalid"
    texts: ClassVar = {
        "en": (
            "The schedule is not valid: {detail}",
            "Give a crontab expression such as `0 3 * * *` and a time zone such as Asia/Shanghai.",
        ),
        "zh": (
            "定时设置无效：{detail}",
            "请使用 crontab 表达式（如 `0 3 * * *`）和时区名（如 Asia/Shanghai）。",
        ),
    }


# --- requests ---------------------------------------------------------------------------


class RequestInvalid(GroundkbError):
    code = "request_invalid"
    texts: ClassVar = {
        "en": ("The request is not valid: {detail}", "See /docs for what this address takes."),
        "zh": ("请求无效：{detail}", "请在 /docs 查看该接口的参数。"),
    }


class QuestionEmpty(GroundkbError):
    code = "question_empty"
    texts: ClassVar = {
        "en": ("The question is empty.", "Write a question."),
        "zh": ("问题为空。", "请输入问题。"),
    }


class QuestionTooLong(GroundkbError):
    code = "question_too_long"
    texts: ClassVar = {
        "en": (
            "The question has {length} characters; at most {limit} are taken.",
            "Shorten it, or raise GROUNDKB_MAX_QUESTION_CHARS.",
        ),
        "zh": (
            "问题有 {length} 个字符，上限为 {limit}。",
            "请缩短问题，或调大 GROUNDKB_MAX_QUESTION_CHARS。",
        ),
    }


class BodyTooLarge(GroundkbError):
    code = "body_too_large"
    texts: ClassVar = {
        "en": (
            "The request is larger than {limit} bytes.",
            "Send less, or raise GROUNDKB_MAX_BODY_BYTES.",
        ),
        "zh": ("请求超过 {limit} 字节。", "请减小请求，或调大 GROUNDKB_MAX_BODY_BYTES。"),
    }


class UploadTooLarge(GroundkbError):
    code = "upload_too_large"
    texts: ClassVar = {
        "en": (
            "The upload is larger than {limit} bytes.",
            "Upload fewer files at once, or raise GROUNDKB_MAX_UPLOAD_BYTES.",
        ),
        "zh": (
            "上传内容超过 {limit} 字节。",
            "请分批上传，或调大 GROUNDKB_MAX_UPLOAD_BYTES。",
        ),
    }


class TooManyFiles(GroundkbError):
    code = "too_many_files"
    texts: ClassVar = {
        "en": (
            "The upload holds more than {limit} files.",
            "Upload fewer files at once, or raise GROUNDKB_MAX_UPLOAD_FILES.",
        ),
        "zh": (
            "一次上传的文件超过 {limit} 个。",
            "请分批上传，或调大 GROUNDKB_MAX_UPLOAD_FILES。",
        ),
    }


class ApiKeyWrong(GroundkbError):
    code = "api_key_wrong"
    texts: ClassVar = {
        "en": ("The API key is missing or wrong.", "Send `Authorization: Bearer <key>`."),
        "zh": ("缺少 API 密钥或密钥错误。", "请发送 `Authorization: Bearer <密钥>`。"),
    }


class PathUnknown(GroundkbError):
    code = "not_found"
    texts: ClassVar = {
        "en": ("There is nothing at {path}.", "See /docs for the addresses there are."),
        "zh": ("{path} 不存在。", "请在 /docs 查看全部接口。"),
    }


class MethodUnknown(GroundkbError):
    code = "method_not_allowed"
    texts: ClassVar = {
        "en": ("{path} does not take {method}.", "See /docs for what this address takes."),
        "zh": ("{path} 不支持 {method} 方法。", "请在 /docs 查看该接口的用法。"),
    }


class OperatorOnly(GroundkbError):
    code = "operator_only"
    texts: ClassVar = {
        "en": (
            "Only the operator of this server may do that.",
            "Use the `groundkb` command on the server's machine, as the user that runs it.",
        ),
        "zh": (
            "只有本服务的管理员可以执行此操作。",
            "请在服务器上以运行服务的用户身份使用 `groundkb` 命令。",
        ),
    }


class HostNotAllowed(GroundkbError):
    code = "host_not_allowed"
    texts: ClassVar = {
        "en": (
            "This server, which is open without an API key, is not to be called as {host}.",
            "Call it by a loopback address, set GROUNDKB_API_KEYS, or name the host in GROUNDKB_ALLOWED_HOSTS.",
        ),
        "zh": (
            "本服务未设置 API 密钥，不接受以 {host} 为地址或来源的请求。",
            "请用回环地址访问、设置 GROUNDKB_API_KEYS，或把该主机名加入 GROUNDKB_ALLOWED_HOSTS。",
        ),
    }


# --- the running server -----------------------------------------------------------------


class ServiceStarting(GroundkbError):
    code = "starting"
    texts: ClassVar = {
        "en": ("The server is still loading its models.", "Try again in a few seconds."),
        "zh": ("服务正在加载模型。", "请几秒后重试。"),
    }


class ServiceStopping(GroundkbError):
    code = "stopping"
    texts: ClassVar = {
        "en": ("The server is being stopped.", "Ask again once it runs again."),
        "zh": ("服务正在停止。", "请在服务重新启动后再试。"),
    }


class ServiceNotReady(GroundkbError):
    code = "not_ready"
    texts: ClassVar = {
        "en": ("Not working: {parts}.", "See `checks` for the cause and the remedy of each."),
        "zh": ("以下部分不可用：{parts}。", "请查看 `checks` 中各项的原因与解决办法。"),
    }


class ProbeTimeout(GroundkbError):
    code = "probe_timeout"
    texts: ClassVar = {
        "en": ("{part} did not answer within {seconds} seconds.", "It may be busy; see the log."),
        "zh": ("{part} 在 {seconds} 秒内没有响应。", "它可能正忙；请查看日志。"),
    }


class PortTaken(GroundkbError):
    code = "port_taken"
    texts: ClassVar = {
        "en": (
            "Cannot listen on {host}:{port}: {detail}",
            "Stop the program that uses that port, or set GROUNDKB_PORT to another.",
        ),
        "zh": (
            "无法监听 {host}:{port}：{detail}",
            "请停止占用该端口的程序，或把 GROUNDKB_PORT 设为其他端口。",
        ),
    }


class ServerUnreachable(GroundkbError):
    code = "server_unreachable"
    texts: ClassVar = {
        "en": (
            "The groundkb server at {url} does not answer: {detail}",
            "See its terminal or log; start it again with `groundkb serve`.",
        ),
        "zh": (
            "位于 {url} 的 groundkb 服务没有响应：{detail}",
            "请查看其终端或日志；用 `groundkb serve` 重新启动。",
        ),
    }


class RemoteError(GroundkbError):
    """An error that a running server named: its own code, message and hint are passed on."""

    texts: ClassVar = {"en": ("{message}", "{hint}"), "zh": ("{message}", "{hint}")}

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message=message, hint=hint)
        self.code = code  # type: ignore[misc]  # of the instance: the server's word


# --- ingestion --------------------------------------------------------------------------


class BackupInvalid(GroundkbError):
    code = "backup_invalid"
    texts: ClassVar = {
        "en": (
            "{path} cannot be restored: {detail}",
            "Take another backup file; nothing was restored.",
        ),
        "zh": ("无法从 {path} 恢复：{detail}", "请换用其他备份文件；没有恢复任何内容。"),
    }


class BackupTooNew(GroundkbError):
    code = "backup_too_new"
    texts: ClassVar = {
        "en": (
            "{path} was made by groundkb {version}, which is newer than this one.",
            "Install that version and restore with it; nothing was restored.",
        ),
        "zh": (
            "{path} 由更新的版本 groundkb {version} 生成。",
            "请安装该版本后再恢复；没有恢复任何内容。",
        ),
    }


class BackupUnsupported(GroundkbError):
    code = "backup_unsupported"
    texts: ClassVar = {
        "en": (
            "The library database is on a server (GROUNDKB_DATABASE_URL), which this backup cannot copy.",
            "Use the server's own tools (`pg_dump`), and copy GROUNDKB_DATA and a snapshot of the Qdrant server beside it.",
        ),
        "zh": (
            "资料库数据库位于服务器上（GROUNDKB_DATABASE_URL），此备份无法复制。",
            "请使用该数据库自带的工具（如 `pg_dump`），并一同保存 GROUNDKB_DATA 与 Qdrant 服务的快照。",
        ),
    }


class RestoreTargetNotEmpty(GroundkbError):
    code = "restore_target_not_empty"
    texts: ClassVar = {
        "en": (
            "{path} is not empty.",
            "Restore into a folder that is empty or does not exist: `--data DIR`.",
        ),
        "zh": ("{path} 不是空文件夹。", "请恢复到空的或不存在的文件夹：`--data 文件夹`。"),
    }


class RestoreUnfinished(LibraryUnavailable):
    code = "restore_unfinished"
    texts: ClassVar = {
        "en": (
            "A restore into {path} was cut short; there is no library in it yet.",
            "Run `groundkb restore FILE` again: it starts over.",
        ),
        "zh": (
            "恢复到 {path} 的操作中途中断，其中还没有完整的资料库。",
            "请再次运行 `groundkb restore 文件`，它会从头开始。",
        ),
    }


class NothingToRollBack(GroundkbError):
    code = "nothing_to_roll_back"
    texts: ClassVar = {
        "en": (
            "There is no index of an earlier model to go back to.",
            "`groundkb reindex --embedding-model NAME` builds one.",
        ),
        "zh": (
            "没有可以回退的旧模型索引。",
            "可用 `groundkb reindex --embedding-model 模型名` 重新建立。",
        ),
    }


class ReindexStopped(GroundkbError):
    code = "reindex_stopped"
    texts: ClassVar = {
        "en": (
            "The reindex was stopped; the old index serves as before.",
            "Run `groundkb reindex` again: it goes on where it stopped.",
        ),
        "zh": (
            "重建索引已停止，旧索引照常服务。",
            "再次运行 `groundkb reindex` 会从停下的地方继续。",
        ),
    }


class SourceMissing(GroundkbError):
    code = "source_missing"
    texts: ClassVar = {
        "en": ("There is no file or folder {path}.", "Check the path; nothing was changed."),
        "zh": ("没有文件或文件夹 {path}。", "请检查路径；资料库没有任何改动。"),
    }


class SourceUnreadable(GroundkbError):
    code = "source_unreadable"
    texts: ClassVar = {
        "en": ("{path} cannot be read: {detail}", "Give this user permission to read it."),
        "zh": ("无法读取 {path}：{detail}", "请授予当前用户读取权限。"),
    }


class SourceUnreachable(GroundkbError):
    code = "source_unreachable"
    texts: ClassVar = {
        "en": (
            "{url} could not be fetched: {detail}",
            "What is known of it stays as it is; the next sync tries again.",
        ),
        "zh": ("无法获取 {url}：{detail}", "已有内容保持不变，下次同步会重试。"),
    }


class SidecarInvalid(GroundkbError):
    code = "sidecar_invalid"
    texts: ClassVar = {
        "en": (
            "The metadata file {path} cannot be read: {detail}",
            "Write `name: value` lines (YAML) or one JSON object in it, or delete it.",
        ),
        "zh": (
            "无法读取元数据文件 {path}：{detail}",
            "请在其中写入“名称: 值”形式的 YAML 或一个 JSON 对象，或删除该文件。",
        ),
    }


class AddressInvalid(GroundkbError):
    code = "address_invalid"
    texts: ClassVar = {
        "en": (
            "{address} cannot be a source: {detail}.",
            "Sources are folders, files, patterns of file names, and addresses with http, https, s3, gs, "
            "abfs or sftp. Passwords belong where the store's own library looks for them.",
        ),
        "zh": (
            "{address} 不能作为来源：{detail}。",
            "来源可以是文件夹、文件、文件名模式，以及 http、https、s3、gs、abfs、sftp 地址。"
            "密码请放在相应存储库自己的配置中，不要写进地址。",
        ),
    }


class AddressRefused(GroundkbError):
    code = "address_refused"
    texts: ClassVar = {
        "en": (
            "{url} is not to be fetched: {detail}",
            "If it is meant to be, allow it with GROUNDKB_URL_HOSTS or GROUNDKB_URL_NETWORKS.",
        ),
        "zh": (
            "不允许获取 {url}：{detail}",
            "如确需获取，请用 GROUNDKB_URL_HOSTS 或 GROUNDKB_URL_NETWORKS 放行。",
        ),
    }


class FormatUnsupported(GroundkbError):
    code = "format_unsupported"
    texts: ClassVar = {
        "en": (
            "{path} is of a kind that groundkb does not read ({detail}).",
            "Convert it to one of: {supported}.",
        ),
        "zh": (
            "groundkb 不支持 {path} 的格式（{detail}）。",
            "请转换为以下格式之一：{supported}。",
        ),
    }


class DocumentEncrypted(GroundkbError):
    code = "document_encrypted"
    texts: ClassVar = {
        "en": ("{path} is encrypted.", "Save it without a password."),
        "zh": ("{path} 已加密。", "请另存为无密码的文件。"),
    }


class DocumentCorrupt(GroundkbError):
    code = "document_corrupt"
    texts: ClassVar = {
        "en": (
            "{path} cannot be parsed: {detail}",
            "Open it in its own program and save it again.",
        ),
        "zh": ("无法解析 {path}：{detail}", "请用对应的软件打开后重新保存。"),
    }


class DocumentTooLarge(GroundkbError):
    code = "document_too_large"
    texts: ClassVar = {
        "en": ("{path} is too large: {detail}", "Split it, or raise the limit that is named."),
        "zh": ("{path} 过大：{detail}", "请拆分文件，或调大上述限制。"),
    }


def too_many_bytes(limit: int) -> Words:
    """Why a document is too large: it has more than `limit` bytes."""
    return Words(
        f"more than {limit} bytes (GROUNDKB_MAX_FILE_BYTES)",
        f"超过 {limit} 字节（GROUNDKB_MAX_FILE_BYTES）",
    )


class DocumentWithoutText(GroundkbError):
    code = "document_without_text"
    texts: ClassVar = {
        "en": ("{path} holds no text.", "Nothing of it can be searched; leave it out."),
        "zh": ("{path} 中没有文字。", "其中没有可检索的内容，可将其排除。"),
    }


class OcrMissing(GroundkbError):
    code = "ocr_missing"
    texts: ClassVar = {
        "en": (
            "{path} is a picture; reading its text needs OCR, which is not there: {detail}",
            "Run `pip install 'groundkb[ocr]'` and sync again.",
        ),
        "zh": (
            "{path} 是图片，读取其中文字需要 OCR，但 OCR 不可用：{detail}",
            "请运行 `pip install 'groundkb[ocr]'`，然后重新同步。",
        ),
    }


class SyncRefused(GroundkbError):
    code = "sync_refused"
    texts: ClassVar = {
        "en": (
            "This sync would remove {removed} of {known} documents under {root}; nothing was changed.",
            "If the folder is really meant to be so, run it again with --allow-mass-delete.",
        ),
        "zh": (
            "此次同步会移除 {root} 下 {known} 篇文档中的 {removed} 篇；资料库没有任何改动。",
            "如果确实要移除，请加上 --allow-mass-delete 再运行一次。",
        ),
    }


class WriterBusy(GroundkbError):
    code = "writer_busy"
    texts: ClassVar = {
        "en": (
            "Another sync is writing to the knowledge base {kb} ({owner}).",
            "Wait until it is done and run this again.",
        ),
        "zh": ("另一个同步任务正在写入知识库 {kb}（{owner}）。", "请等它完成后再运行。"),
    }


class RayMissing(GroundkbError):
    code = "ray_missing"
    texts: ClassVar = {
        "en": (
            "The engine `ray` needs Ray, which is not installed.",
            "Run `pip install 'groundkb[ray]'`, or leave out `--engine ray`.",
        ),
        "zh": (
            "使用 `ray` 引擎需要安装 Ray，但当前未安装。",
            "请运行 `pip install 'groundkb[ray]'`，或去掉 `--engine ray`。",
        ),
    }


class RayFailed(GroundkbError):
    code = "ray_failed"
    texts: ClassVar = {
        "en": (
            "The Ray cluster ({address}) cannot be used: {detail}",
            "Check GROUNDKB_RAY_ADDRESS and `ray status`; nothing is lost, run this again.",
        ),
        "zh": (
            "无法使用 Ray 集群（{address}）：{detail}",
            "请检查 GROUNDKB_RAY_ADDRESS 和 `ray status`；数据没有丢失，可重新运行。",
        ),
    }


class EmbedderDiffers(GroundkbError):
    code = "embedder_differs"
    texts: ClassVar = {
        "en": (
            "The embedding model here ({here}) and on a worker ({there}) are not the same.",
            "Install the same version of groundkb and the same weights on every machine.",
        ),
        "zh": (
            "本机的向量模型（{here}）与工作节点上的（{there}）不一致。",
            "请在每台机器上安装相同版本的 groundkb 和相同的权重。",
        ),
    }


class WorkerLost(GroundkbError):
    code = "worker_lost"
    texts: ClassVar = {
        "en": (
            "The worker that read {path} died: {detail}",
            "The next sync tries again; if it dies each time, leave the file out.",
        ),
        "zh": (
            "读取 {path} 的工作进程意外终止：{detail}",
            "下次同步会重试；若每次都终止，请排除该文件。",
        ),
    }


class ReadingTooLong(GroundkbError):
    code = "reading_too_long"
    texts: ClassVar = {
        "en": (
            "Reading {path} took more than {seconds} seconds (GROUNDKB_PARSE_TIMEOUT) and was ended.",
            "Split the file, or raise that limit if it is really so large.",
        ),
        "zh": (
            "读取 {path} 超过 {seconds} 秒（GROUNDKB_PARSE_TIMEOUT），已中止。",
            "请拆分文件；如果文件确实很大，可调大该限制。",
        ),
    }


class ReadingNeedsMemory(GroundkbError):
    code = "reading_needs_memory"
    texts: ClassVar = {
        "en": (
            "Reading {path} needs more than {megabytes} MB of memory (GROUNDKB_PARSE_MEMORY_BYTES) and was ended.",
            "Split the file, or raise that limit if it is really so large.",
        ),
        "zh": (
            "读取 {path} 需要超过 {megabytes} MB 内存（GROUNDKB_PARSE_MEMORY_BYTES），已中止。",
            "请拆分文件；如果文件确实很大，可调大该限制。",
        ),
    }


class ReadingCrashed(GroundkbError):
    code = "reading_crashed"
    texts: ClassVar = {
        "en": (
            "The process that read {path} crashed ({detail}).",
            "The next sync tries once more; open the file in its own program and save it again.",
        ),
        "zh": (
            "读取 {path} 的进程崩溃（{detail}）。",
            "下次同步会再试一次；也可用对应的软件打开后重新保存。",
        ),
    }


class DocumentQuarantined(GroundkbError):
    code = "document_quarantined"
    texts: ClassVar = {
        "en": (
            "{path} is set aside, since reading it has failed {times} times: {detail}",
            "It is tried again when the file, a limit or groundkb's version changes.",
        ),
        "zh": (
            "{path} 已被隔离：读取它已失败 {times} 次。{detail}",
            "文件、限制或 groundkb 版本变化后会再次尝试。",
        ),
    }


class WorkerFailed(GroundkbError):
    code = "worker_failed"
    texts: ClassVar = {
        "en": (
            "No process for reading documents can be started ({detail}).",
            "Check free memory and the installation with `groundkb doctor`.",
        ),
        "zh": (
            "无法启动读取文档的进程（{detail}）。",
            "请检查可用内存，并运行 `groundkb doctor` 检查安装。",
        ),
    }


class JobGivenUp(GroundkbError):
    code = "job_given_up"
    texts: ClassVar = {
        "en": (
            "The process that did this job has died {times} times; it is not tried again by itself.",
            "See the server's log and its memory, then retry the job.",
        ),
        "zh": (
            "执行此任务的进程已意外终止 {times} 次，不再自动重试。",
            "请查看服务日志和内存情况，然后重试此任务。",
        ),
    }


class DiskFull(GroundkbError):
    code = "disk_full"
    texts: ClassVar = {
        "en": (
            "The disk that holds {path} is full.",
            "Free some space; run this again, nothing is lost.",
        ),
        "zh": ("{path} 所在的磁盘已满。", "请释放空间后再运行，数据不会丢失。"),
    }
