"""A made-up library of any size: half Chinese, half English, the same at every call."""

import random
from pathlib import Path

_ZH = (
    "模型 参数 许可证 显存 量化 推理 训练 上下文 长度 向量 检索 数据 文档 服务 部署 评测 准确 延迟 "
    "吞吐 缓存 分词 中文 英文 开源 商用 企业 团队 方案 成本 硬件 内存 磁盘 网络 安全 权限 日志 备份 "
    "恢复 索引 段落 句子 引用 答案 问题 用户 接口 版本 更新 删除 同步 任务 队列"
).split()
_EN = (
    "model parameter licence memory quantisation inference training context length vector retrieval "
    "data document service deployment evaluation accuracy latency throughput cache token Chinese "
    "English open commercial company team plan cost hardware disk network security permission log "
    "backup restore index passage sentence citation answer question user interface version update "
    "delete sync task queue gateway cluster budget window margin shard replica"
).split()


def sentence(rng: random.Random, chinese: bool) -> str:
    """12 to 28 words, with a number in one of three."""
    words = rng.choices(_ZH if chinese else _EN, k=rng.randint(12, 28))
    if rng.random() < 0.34:
        words[rng.randrange(len(words))] = str(rng.randint(1, 99_999))
    return "".join(words) + "。" if chinese else " ".join(words).capitalize() + ". "


def paragraph(rng: random.Random, chinese: bool) -> str:
    """About one passage: 10 sentences."""
    return "".join(sentence(rng, chinese) for _ in range(10)).strip()


def write_documents(
    folder: Path, count: int, paragraphs: int = 10, seed: int = 7, *, first: int = 0
) -> None:
    """`count` text files of `paragraphs` passages each, without those before `first`."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(first, count):
        rng = random.Random(f"{seed}-{number}")
        chinese = number % 2 == 0
        text = "\n\n".join(paragraph(rng, chinese) for _ in range(paragraphs))
        (folder / f"{number:05d}.txt").write_text(text + "\n", encoding="utf-8")


def questions(count: int, seed: int = 11) -> list[str]:
    """Short questions in the documents' words."""
    rng = random.Random(seed)
    return [
        "".join(rng.choices(_ZH, k=6)) + "？"
        if number % 2 == 0
        else " ".join(rng.choices(_EN, k=7)) + "?"
        for number in range(count)
    ]
