"""Making retrieved text harmless inside a prompt.

The text that is shown, quoted and verified stays as stored; only the copy that goes into
the prompt is changed, and each change keeps the number of characters.
"""

import re

# Control tokens of the common chat templates: ChatML and Qwen `<|im_start|>`, Llama 3
# `<|eot_id|>`, Phi, GLM `<|user|>`, DeepSeek `<｜User｜>`, Llama 2 `[INST]`, `<<SYS>>`,
# Gemma `<start_of_turn>`, `<s>`, reasoning `<think>`, tool calls, and our own fence.
_CONTROL = re.compile(
    r"<[|｜][^<>|｜\n]{1,40}[|｜]>"
    r"|</?(?:s|think|tool_call|tool_response|start_of_turn|end_of_turn|bos|eos|pad|unk|passages|资料)>"
    r"|<</?SYS>>|\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS)\]",
    re.IGNORECASE,
)
# A line that starts like one of our passage numbers could pass for a passage of its own.
_NUMBER = re.compile(r"^(\s*)\[(\d{1,3})\]", re.MULTILINE)
_LOOKALIKE = str.maketrans("<>[]", "‹›❲❳")


def neutralise(text: str) -> str:
    """`text` with control tokens and false passage numbers made inert; same length."""
    text = _CONTROL.sub(lambda match: match.group().translate(_LOOKALIKE), text)
    return _NUMBER.sub(r"\1❲\2❳", text)
